"""What the tests of the salt-cloud driver have in common."""

import json
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import time
import unittest

import salt.version
from host import host
from master import DRIVER, SALT_BIN, Master

# For tests that take long: a line between two others needs none of its own.
at_the_ends = unittest.skipIf(salt.version.__version__.startswith("3007."), "tried with Salt 3006 and 3008")

# The end of a script: the request that it has read goes to our executable.
HAND_ON = 'printf "%s\\n" "$line" | DRIVER "$@"\n'


@unittest.skipUnless((SALT_BIN / "salt-cloud").exists(), "VA_SALT_BIN names no directory with salt-cloud")
class CloudCase(unittest.TestCase):
    """A fresh master for each test, one host for all; no test leaves servers behind."""

    maxDiff = None

    def setUp(self):
        self.host = host()
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="vs.", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        self.addCleanup(self.sweep)
        self.master = self.new_master()

    def new_master(self, **options):
        """A master with the provider `kvm` and the profile `small`."""
        master = Master(tempfile.mkdtemp(dir=self.top), **options)
        master.provider("kvm", **self.host.settings())
        master.profile("small", provider="kvm", wait="running")
        return master

    def sweep(self):
        """Removes what a test has left on the host."""
        for name in self.host.domains():
            subprocess.run(
                ["virsh", "-q", "-c", self.host.uri, "destroy", name], check=False, stderr=subprocess.DEVNULL
            )
            self.host.virsh("undefine", name)
        for name in self.host.volumes():
            os.remove(self.host.pool / name)
        for log in self.host.console.iterdir():
            log.unlink()
        self.host.virsh("pool-refresh", "default")

    def script(self, text, mode=0o755):
        """An executable of the test's own."""
        path = self.top / f"script{len(list(self.top.iterdir()))}"
        path.write_text(text.replace("DRIVER", DRIVER))
        path.chmod(mode)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), mode)
        return path

    def create(self, name, *arguments, profile="small"):
        """Creates a server that must stand afterwards."""
        outcome = self.master.cloud("-p", profile, name, *arguments)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn(name, self.host.domains(), outcome)
        # nothing but JSON
        json.loads(outcome.stdout)
        self.assertTrue(outcome.data[name].get("created"), outcome)
        return outcome.data[name]

    def nothing_is_left(self, outcome=""):
        """No server, no volume and no key."""
        self.assertEqual(self.host.domains(), [], outcome)
        self.assertEqual(self.host.volumes(), [], outcome)
        self.assertEqual(self.master.keys(), [], outcome)

    def action(self, action, *arguments, name="web"):
        """What an action answers that must succeed."""
        outcome = self.master.cloud("-a", action, name, *arguments)
        self.assertEqual(outcome.code, 0, outcome)
        return outcome.data["kvm"]["va_libvirt"][name]

    def seed(self, name):
        """What is on a server's seed."""
        path = next(one for one in self.host.volumes() if one.startswith(f"{name}.") and one.endswith(".iso"))
        return (self.host.pool / path).read_bytes()

    def key_fingerprint(self, id_):
        """The fingerprint of an accepted key."""
        done = subprocess.run(
            [DRIVER, "key", "fingerprint", "--json", str(self.master.pki / "minions" / id_)],
            stdout=subprocess.PIPE,
            check=True,
        )
        return json.loads(done.stdout)["fingerprint"]

    def without_method(self, method, instead="exit 1"):
        """An executable that is ours, but fails at one method."""
        return self.script(f'#!/bin/sh\nread -r line\ncase $line in *{method}*) {instead};; esac\n{HAND_ON}')

    def listening(self, told):
        """An executable that is ours, and appends its requests to a file."""
        return self.script(f'#!/bin/sh\nread -r line\nprintf "%s\\n" "$line" >> {told}\n{HAND_ON}')

    def await_(self, what, seconds=60):
        """Waits for something to be so."""
        end = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), end, "it never came")
            time.sleep(0.002)
