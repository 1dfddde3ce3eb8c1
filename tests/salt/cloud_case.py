"""What the tests of va_openstack have in common."""

import json
import pathlib
import shutil
import tempfile
import unittest

from cloud import cloud
from master import SALT_BIN, Master


@unittest.skipUnless((SALT_BIN / "salt-cloud").exists(), "VA_SALT_BIN names no directory with salt-cloud")
class OpenStackCase(unittest.TestCase):
    """A fresh master for each test, one cloud for all; no test leaves anything in it."""

    maxDiff = None

    def setUp(self):
        self.cloud = cloud()
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="vs.", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        self.addCleanup(self.cloud.sweep)
        self.master = Master(tempfile.mkdtemp(dir=self.top))
        self.master.provider("cloud", "va_openstack", **self.cloud.settings())
        self.master.profile("small", provider="cloud")

    def salt(self, *arguments):
        """What salt-cloud answers, for the provider, where it must succeed."""
        outcome = self.master.cloud(*arguments)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertNotIn("ERROR", outcome.stderr, outcome)
        return outcome.data["cloud"]["va_openstack"]

    def create(self, name, *arguments, profile="small"):
        """Creates a server that must stand afterwards."""
        outcome = self.master.cloud("-p", profile, name, *arguments)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(self.cloud.state(name), "ACTIVE", outcome)
        # nothing but JSON
        json.loads(outcome.stdout)
        self.assertTrue(outcome.data[name].get("created"), outcome)
        return outcome.data[name]

    def nothing_is_left(self, outcome=""):
        """Nothing in the cloud that was not there before, and no key."""
        self.assertEqual(self.cloud.left(), [], outcome)
        self.assertEqual(self.master.keys(), [], outcome)
