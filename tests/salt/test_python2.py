"""The wrapper for va_master on Python 2.7, where there is one: VA_PYTHON2 names it, or PATH has it."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from master import DRIVER, ROOT

PYTHON = os.environ.get("VA_PYTHON2") or shutil.which("python2.7")


@unittest.skipUnless(PYTHON, "no python2.7 on PATH, and VA_PYTHON2 names none")
class Python2(unittest.TestCase):
    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="v2.", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        os.symlink(ROOT / "salt" / "va_master", self.top / "va_driver")

    def run_(self, *arguments):
        command = [PYTHON, "-B", str(pathlib.Path(__file__).with_name("on_python2.py")), str(self.top), DRIVER, *arguments]
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
        done = subprocess.run([PYTHON, "-c", "import tornado"], check=False, stderr=subprocess.DEVNULL)
        if done.returncode:
            self.skipTest(f"{PYTHON} has no tornado")
        self.assertEqual(self.run_(), "with tornado")


if __name__ == "__main__":
    unittest.main()
