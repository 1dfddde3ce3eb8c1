"""The Pythons that va_master may run on."""

import glob
import os
import pathlib
import shutil
import subprocess
import sys

CACHE = pathlib.Path(os.environ.get("VA_CACHE", pathlib.Path(__file__).resolve().parents[2] / ".cache"))


def _python2():
    """A Python 2.7 that runs, and is not only a name for one that could be chosen."""
    places = [os.environ.get("VA_PYTHON2"), shutil.which("python2.7")]
    places += sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/2.7*/bin/python2.7")))
    for python in filter(None, places):
        if subprocess.run([python, "--version"], capture_output=True, check=False).returncode == 0:
            return python
    return None


PYTHON2 = _python2()


def tornado(python):
    """Where ``python`` finds a tornado: what goes onto its path, which may be nothing; None where it has none."""
    if subprocess.run([python, "-c", "import tornado"], capture_output=True, check=False).returncode == 0:
        return ""
    if python == sys.executable:
        return None
    # the last but one for 2.7, which is va_master's
    place = CACHE / "tornado-4.5"
    if not (place / "tornado").exists():
        new = pathlib.Path(f"{place}.{os.getpid()}")
        command = [python, "-m", "pip", "--quiet", "install", "--target", str(new), "tornado==4.5.3"]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            shutil.rmtree(new, ignore_errors=True)
            return None
        try:
            new.rename(place)
        except OSError:  # another run was faster
            shutil.rmtree(new, ignore_errors=True)
    return str(place)
