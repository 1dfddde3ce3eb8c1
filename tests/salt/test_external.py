"""A driver that is a program, by salt-cloud: the one of the documentation."""

import json
import os
import pathlib
import shutil
import tempfile
import unittest

from master import ROOT, SALT_BIN, Master


@unittest.skipUnless((SALT_BIN / "salt-cloud").exists(), "VA_SALT_BIN names no directory with salt-cloud")
class External(unittest.TestCase):
    """A rack, and a master that makes servers in it."""

    maxDiff = None

    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="vs.", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        self.rack = self.top / "rack"
        drivers = self.top / "drivers.d"
        for directory in (self.rack, drivers):
            directory.mkdir(mode=0o755)
        shutil.copy(ROOT / "docs" / "examples" / "external" / "rack", drivers / "rack")
        (drivers / "rack").chmod(0o755)
        self.master = Master(tempfile.mkdtemp(dir=self.top))
        self.master.provider("left", "va_external", driver_id="rack", directory=str(self.rack))
        self.master.profile("unit", provider="left", size="one-unit")
        self.environment = {"VA_DRIVER_DRIVERS": str(drivers), "PATH": os.environ["PATH"]}

    def salt(self, *arguments):
        """What salt-cloud answers where it must succeed."""
        outcome = self.master.cloud(*arguments, **self.environment)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertNotIn("ERROR", outcome.stderr, outcome)
        return outcome.data

    def of_rack(self, *arguments):
        return self.salt(*arguments)["left"]["va_external"]

    def test_a_server_from_its_creation_to_its_end(self):
        self.assertEqual(list(self.of_rack("--list-sizes", "left")), ["one-unit"])
        created = self.salt("-p", "unit", "web")["web"]
        self.assertTrue(created["created"], created)
        self.assertEqual(created["minion"]["id"], "web")
        self.assertEqual(self.master.keys(), ["web"])
        self.assertEqual(json.loads((self.rack / "web.json").read_text())["size"], "one-unit")
        node = self.of_rack("-Q")["web"]
        self.assertEqual((node["state"], node["size"]), ("running", "one-unit"))
        self.assertTrue(self.of_rack("-a", "stop", "web")["web"]["success"])
        self.assertEqual(self.of_rack("-Q")["web"]["state"], "stopped")
        self.of_rack("-d", "web")
        self.assertEqual(list(self.rack.iterdir()), [])
        self.assertEqual(self.master.keys(), [])

    def test_what_the_driver_refuses_leaves_no_key(self):
        outcome = self.master.cloud("-p", "unit", "no/name", **self.environment)
        self.assertNotEqual(outcome.code, 0, outcome)
        self.master.profile("own", provider="left", height=2)
        outcome = self.master.cloud("-p", "own", "web", **self.environment)
        self.assertNotEqual(outcome.code, 0, outcome)
        self.assertIn("height", outcome.stderr)
        self.rack.rmdir()
        outcome = self.master.cloud("-p", "unit", "web", **self.environment)
        self.assertNotEqual(outcome.code, 0, outcome)
        self.assertIn("FileNotFoundError", outcome.stderr)
        self.assertEqual(self.master.keys(), [])

    def test_a_provider_that_names_no_driver_or_none_that_there_is_says_so(self):
        self.master.provider("left", "va_external", directory=str(self.rack))
        outcome = self.master.cloud("--list-sizes", "left", **self.environment)
        self.assertIn("driver_id", outcome.stderr, outcome)
        self.master.provider("left", "va_external", driver_id="rakc", directory=str(self.rack))
        outcome = self.master.cloud("--list-sizes", "left", **self.environment)
        self.assertIn('there is no driver "rakc"', outcome.stderr, outcome)


if __name__ == "__main__":
    unittest.main()
