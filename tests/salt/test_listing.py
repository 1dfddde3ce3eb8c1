"""What a provider has, and what stands."""

import unittest

from case import CloudCase
from master import CLOUDS


class Listing(CloudCase):
    def of(self, outcome):
        self.assertEqual(outcome.code, 0, outcome)
        return outcome.data["kvm"]["va_libvirt"]

    def test_what_a_provider_offers(self):
        self.assertEqual(self.of(self.master.cloud("--list-providers")), {})
        image = self.of(self.master.cloud("--list-images", "kvm"))["guest.qcow2"]
        self.assertEqual((image["format"], image["virtual_size"]), ("qcow2", 64 << 20))
        size = self.of(self.master.cloud("--list-sizes", "kvm"))
        self.assertEqual(size, {"tiny": {"name": "tiny", "id": "tiny", "cpus": 1, "ram": 256, "disk": 1}})
        self.assertIn("kvm", self.of(self.master.cloud("--list-locations", "kvm")))
        self.assertTrue(self.of(self.master.cloud("-f", "networks", "kvm"))["default"]["active"])
        self.assertEqual(self.of(self.master.cloud("-f", "usage", "kvm"))["server_count"], 0)

    def test_plan_changes_nothing(self):
        plan = self.of(self.master.cloud("-f", "plan", "kvm", "name=web", "profile=small"))
        self.assertTrue(plan["create"])
        self.assertIn("<name>web</name>", plan["plan"]["domain_xml"])
        self.assertEqual(plan["plan"]["seed"]["minion_id"], "web")
        self.nothing_is_left()

    def test_every_way_of_loading(self):
        ways = {
            "cloud_dirs": {},
            "extension_modules": {"extension_modules": str(CLOUDS.parent)},
            "module_dirs": {"module_dirs": [str(CLOUDS.parent)]},
        }
        for way, settings in ways.items():
            with self.subTest(way):
                self.master = self.new_master(load=way)
                self.master.configure(**settings)
                self.assertEqual(self.of(self.master.cloud("-f", "usage", "kvm"))["server_count"], 0)

    def test_a_failed_listing_is_an_error_and_not_an_empty_host(self):
        self.master.provider("away", uri="qemu+tcp://127.0.0.1:1/system")
        for query in ("-Q", "-F"):
            outcome = self.master.cloud(query)
            self.assertRegex(outcome.stderr, r"ERROR.*away: the servers cannot be listed.*connection_failed", outcome)
            self.assertNotIn("kvm: the servers cannot be listed", outcome.stderr)

    def test_a_provider_without_a_host_is_left_out(self):
        self.master.provider("empty", location="here")
        outcome = self.master.cloud("--list-providers")
        self.assertNotIn("empty", outcome.data, outcome)
        self.assertIn("kvm", outcome.data, outcome)
        self.assertRegex(outcome.stderr, "ERROR.*empty.* lacks one of: uri")

if __name__ == "__main__":
    unittest.main()
