"""What the tests that play va_master's handlers have in common."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from master import DRIVER, ROOT
from pythons import PYTHON2, tornado

HANDLERS = str(pathlib.Path(__file__).with_name("va_master_handlers.py"))
SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5C1vhEEvgqSJT2wxwZBAAmfIJyMjyYQ4C8M7lzL5nM va_master"


class HandlersCase(unittest.TestCase):
    """A directory for each test that stands for the machine of va_master: keys, Salt's configuration."""

    maxDiff = None

    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="vm.", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        self.pki = self.top / "pki"
        self.etc = self.top / "etc"
        (self.pki / "minions").mkdir(parents=True)
        for name in ("cloud.providers.d", "cloud.profiles.d"):
            (self.etc / name).mkdir(parents=True)
        done = subprocess.run([DRIVER, "key", "generate", "--bits", "2048", "--json"], stdout=subprocess.PIPE, check=True)
        made = json.loads(done.stdout)
        (self.pki / "master.pub").write_text(made["public_key"])
        self.finger = made["fingerprint"]
        self.keys = self.top / "keys"
        self.keys.mkdir()
        (self.keys / "va_master_key.pub").write_text(f"{SSH_KEY}\n")
        (self.keys / "va_master_key.pem").write_text("a private key\n")
        os.symlink(ROOT / "salt" / "va_master", self.top / "va_driver")

    def settings(self, python, coroutines, **more):
        """What the handlers are told; skips the test where such a Python is not there."""
        if python is None:
            self.skipTest("no Python 2.7: VA_PYTHON2 names none, and none is on PATH")
        path = [str(self.top)]
        if coroutines:
            place = tornado(python)
            if place is None:
                self.skipTest(f"{python} has no tornado")
            path += [place] if place else []
        options = {
            "host_ip": "192.0.2.1",
            "key_name": "va_master_key",
            "key_path": str(self.keys),
            "flavours": {"va-tiny": {"num_cpus": 1, "memory": 262144, "max_memory": 262144, "vol_capacity": 1}},
            "ssl_path": "/nowhere/certificates",
            "path": DRIVER,
            "pki_dir": str(self.pki),
            "config_dir": str(self.etc),
        }
        settings = {"coroutines": coroutines, "python_path": path, "options": options, "store": {}, **more}
        (self.top / "settings").write_text(json.dumps(settings))
        self.python = python

    def phase(self, name):
        """What a phase found. Nothing but that is printed, at exit neither."""
        done = subprocess.run(
            [self.python, "-B", HANDLERS, str(self.top / "settings"), name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "VA_DRIVER_STATE_DIR": str(self.top / "state")},
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        return json.loads(done.stdout)

    def stored(self, name):
        """A provider of the store."""
        return json.loads((self.top / "settings").read_text())["store"][name]

    def files(self):
        """The provider's and the profile's file of Salt's configuration."""
        return [path.read_text() for path in sorted(self.etc.glob("cloud.pro*.d/*.conf"))]


def on_every_python(*which):
    """Makes a test of each Python and mode of ``which``: (2, True) is Python 2.7 with coroutines."""

    def decorate(class_):
        for version, coroutines in which:
            name = f"{class_.__name__}Python{version}{'Coroutines' if coroutines else 'Plain'}"
            members = {"interpreter": PYTHON2 if version == 2 else sys.executable, "coroutines": coroutines}
            module = sys.modules[class_.__module__]
            setattr(module, name, type(name, (class_, HandlersCase), {**members, "__module__": class_.__module__}))
        return class_

    return decorate
