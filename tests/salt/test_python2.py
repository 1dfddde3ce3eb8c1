"""The wrapper for va_master by itself: on Python 2.7, which VA_PYTHON2 names or PATH has, and on this one."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from master import DRIVER, ROOT


def _python2():
    """A Python 2.7 that runs, and is not only a name for one that could be chosen."""
    python = os.environ.get("VA_PYTHON2") or shutil.which("python2.7")
    if not python or subprocess.run([python, "--version"], capture_output=True, check=False).returncode != 0:
        return None
    return python


PYTHON = _python2()


class Alone:
    python = None

    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="v2.", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        os.symlink(ROOT / "salt" / "va_master", self.top / "va_driver")

    def run_(self, *arguments):
        script = str(pathlib.Path(__file__).with_name("wrapper_alone.py"))
        command = [self.python, "-B", script, str(self.top), DRIVER, *arguments]
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "VA_DRIVER_STATE_DIR": str(self.top / "state")},
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def test_without_tornado(self):
        self.assertEqual(self.run_("without-tornado"), "without tornado")

    def test_with_tornado(self):
        done = subprocess.run([self.python, "-c", "import tornado"], check=False, stderr=subprocess.DEVNULL)
        if done.returncode:
            self.skipTest(f"{self.python} has no tornado")
        self.assertEqual(self.run_(), "with tornado")


@unittest.skipUnless(PYTHON, "no python2.7 on PATH, and VA_PYTHON2 names none")
class Python2(Alone, unittest.TestCase):
    python = PYTHON


class Python3(Alone, unittest.TestCase):
    python = sys.executable


if __name__ == "__main__":
    unittest.main()
