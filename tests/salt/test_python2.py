"""The wrapper for va_master by itself: on Python 2.7, which VA_PYTHON2 names or PATH has, and on this one."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from master import DRIVER, ROOT
from pythons import PYTHON2, tornado


class Alone:
    python = None

    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="v2.", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        os.symlink(ROOT / "salt" / "va_master", self.top / "va_driver")
        (self.top / "slow").write_text("#!/bin/sh\nexec sleep 100\n")
        (self.top / "slow").chmod(0o755)

    def run_(self, *arguments):
        script = str(pathlib.Path(__file__).with_name("wrapper_alone.py"))
        command = [self.python, "-B", script, str(self.top), DRIVER, *arguments]
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={
                **os.environ,
                "VA_DRIVER_STATE_DIR": str(self.top / "state"),
                "SALT_CONFIG_DIR": str(self.top),
                "PYTHONPATH": tornado(self.python) or "",
            },
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        # a thread that outlives the last call complains when the interpreter ends
        self.assertNotIn("Traceback", done.stderr)
        self.assertNotIn("Exception", done.stderr)
        return done.stdout.strip()

    def test_without_tornado(self):
        self.assertEqual(self.run_("without-tornado"), "without tornado")

    def test_with_tornado(self):
        if tornado(self.python) is None:
            self.skipTest(f"{self.python} has no tornado")
        self.assertEqual(self.run_(), "with tornado")


@unittest.skipUnless(PYTHON2, "no python2.7 on PATH, and VA_PYTHON2 names none")
class Python2(Alone, unittest.TestCase):
    python = PYTHON2


class Python3(Alone, unittest.TestCase):
    python = sys.executable


if __name__ == "__main__":
    unittest.main()
