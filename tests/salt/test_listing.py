"""What a provider has, and what stands."""

import unittest

import salt.version
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
        for name in "networks", "network_list":
            self.assertTrue(self.of(self.master.cloud("-f", name, "kvm"))["default"]["active"])
        self.assertEqual(self.of(self.master.cloud("-f", "usage", "kvm"))["server_count"], 0)

    def test_plan_changes_nothing(self):
        plan = self.of(self.master.cloud("-f", "plan", "kvm", "name=web", "profile=small"))
        self.assertTrue(plan["create"])
        self.assertIn("<name>web</name>", plan["plan"]["domain_xml"])
        self.assertEqual(plan["plan"]["seed"]["minion_id"], "web")
        # as a person sees it; 3008 sorts what it shows
        if salt.version.__saltstack_version__.major < 3008:
            text = self.master.cloud("-f", "plan", "kvm", "name=web", "profile=small", "--out=nested").stdout
            self.assertLess(text.index(" steps:"), text.index(" plan:"), text)
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

    def test_loading_starts_no_process(self):
        seen = self.top / "seen"
        self.master.provider("kvm", **self.host.settings(), va_driver=str(self.script(f"#!/bin/sh\ntouch {seen}\n")))
        self.assertEqual(self.of(self.master.cloud("--list-providers")), {})
        self.assertFalse(seen.exists())

    def test_cloud_dirs_of_several_files(self):
        # included files are joined, and replace together what the main file says
        self.master = self.new_master(load="files")
        self.master.configure(cloud_dirs=[str(CLOUDS)])
        self.master.write("cloud.conf.d/zz.conf", {"cloud_dirs": ["/nowhere"]})
        outcome = self.master.cloud("-f", "usage", "kvm")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn("The cloud driver, 'va_libvirt'", outcome.stderr)
        self.master.write("cloud.conf.d/va-driver.conf", {"cloud_dirs": [str(CLOUDS)]})
        self.assertEqual(self.of(self.master.cloud("-f", "usage", "kvm"))["server_count"], 0)

    def test_actions_are_no_functions(self):
        outcome = self.master.cloud("-f", "start", "kvm")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertNotIn("Traceback", outcome.stderr)
        outcome = self.master.cloud("-d", "absent")
        self.assertEqual((outcome.code, outcome.stdout), (0, "No machines were found to be destroyed\n"), outcome)

    def test_salts_own_cache_of_servers(self):
        self.master.configure(update_cachedir=True)
        self.master.profile("small", provider="kvm", wait="defined")
        self.create("web", "--no-deploy")
        self.assertIn("web", self.of(self.master.cloud("-F")))
        cached = self.master.top / "cache" / "active" / "va_libvirt" / "kvm" / "web.p"
        self.assertTrue(cached.exists(), sorted(self.master.top.glob("cache/**/*")))
        self.nothing_is_left(self.master.cloud("-d", "web"))
        self.assertFalse(cached.exists())

    def test_who_extends_a_provider_and_shares_what_is_nested_is_warned(self):
        settings = self.host.settings()
        child = {"extends": "kvm:va_libvirt", "location": "rack 8"}
        self.master.write("cloud.providers.d/child.conf", {"child": child})
        self.assertNotIn("extends", self.master.cloud("-Q").stderr)
        self.master.write("cloud.providers.d/child.conf", {"child": {**child, "defaults": {"size": "other"}}})
        self.assertRegex(self.master.cloud("-Q").stderr, "WARNING.*child extends .* defaults becomes that of kvm")
        # said beside `driver` it is nobody else's
        flat = {**settings, **settings["defaults"]}
        del flat["defaults"]
        self.master.provider("kvm", **flat)
        self.master.write("cloud.providers.d/child.conf", {"child": {**child, "size": "other"}})
        self.assertNotIn("extends", self.master.cloud("-Q").stderr)


if __name__ == "__main__":
    unittest.main()
