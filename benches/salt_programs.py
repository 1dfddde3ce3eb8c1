"""Salt of PyPI, installed once, as its tests have it."""

import pathlib
import subprocess
import sys

from bed import ROOT

VERSION = "3008"


def salt_bin():
    """The directory of Salt's programs; None where it cannot be installed."""
    done = subprocess.run([ROOT / "tests" / "salt" / "venv", VERSION], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        print("without Salt: it could not be installed", file=sys.stderr)
        return None
    return pathlib.Path(done.stdout.strip()) / "bin"
