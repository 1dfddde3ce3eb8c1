"""Files for Salt's former drivers made ours, and what libvirt's become; OpenStack's are in test_openstack_provider."""

import importlib
import importlib.util
import os
import shutil
import unittest

import salt.config
import salt.utils.yaml
from case import CloudCase, at_the_ends
from former_files import move, put

# Whoever reads the answer of a runner, on the bus or in the job cache, must not learn these.
SECRETS = ("shop-secret", "00ff00ff00ff", "tester\n")


class Libvirt(CloudCase):
    def setUp(self):
        super().setUp()
        put(self.master)
        file = self.master.etc / "cloud.providers.d" / "kvm-local.conf"
        file.write_text(file.read_text().replace("qemu:///system", f'{self.host.uri}"\n  graphics: "none'))

    def migrate(self, *arguments):
        outcome = self.master.run("salt-run", "va_driver.migrate", *arguments)
        self.assertEqual(outcome.code, 0, outcome)
        for secret in SECRETS:
            self.assertNotIn(secret, outcome.stdout + outcome.stderr)
        return outcome.data

    def written(self, file):
        return salt.utils.yaml.safe_load((self.master.etc / "migrated" / file).read_text())

    @unittest.skipUnless(importlib.util.find_spec("salt.cloud.clouds.libvirt"), "this Salt has no driver for libvirt")
    def test_salts_former_drivers_read_them(self):
        opts = salt.config.cloud_config(str(self.master.etc / "cloud"))
        for driver, aliases in ("libvirt", ["kvm-local", "kvm-lab"]), ("openstack", ["stack-auth", "stack-sdk", "racks"]):
            module = importlib.import_module(f"salt.cloud.clouds.{driver}")
            module.__opts__ = opts
            for alias in aliases:
                with self.subTest(alias):
                    module.__active_provider_name__ = f"{alias}:{driver}"
                    self.assertEqual(module.get_configured_provider()["driver"], driver)
        self.assertLessEqual({"base-itest", "lab-centos", "stack_small", "nova-web"}, set(opts["profiles"]))

    def test_they_become_ours_and_what_does_not_is_told(self):
        told = self.migrate("dry_run=True")
        self.assertFalse((self.master.etc / "migrated").exists())
        self.assertTrue(told["providers"]["kvm-local"]["file"].startswith(f"{self.master.etc}/migrated/"), told)

        told = self.migrate("network=default", "size=va-small")
        providers = told["providers"]
        drivers = {alias: one.get("driver") for alias, one in providers.items()}
        libvirt = dict.fromkeys(["kvm-local", "kvm-lab", "kvm-lab-testers", "several"], "va_libvirt")
        openstack = dict.fromkeys(["stack-auth", "stack-sdk", "racks", "nova-old", "nova-v3", "dashboard"], "va_openstack")
        self.assertEqual(drivers, {**libvirt, **openstack, "amazon": None})
        self.assertIn("no driver", providers["amazon"]["refused"])
        self.assertEqual(list(providers["several"]["not_taken"]), ["ec2"])
        self.assertEqual(providers["nova-old"]["changed"]["user"], "username")
        self.assertIn("Rackspace", providers["racks"]["not_taken"]["auth/api_key"])
        self.assertIn("profile", providers["racks"]["not_taken"])
        testers = self.written("cloud.providers.d/kvm-lab-testers.conf")["kvm-lab-testers"]
        self.assertEqual(testers["minion"]["master"], "salt.lab.example.org")
        self.assertEqual(self.written("cloud.providers.d/nova-v3.conf")["nova-v3"]["password"], "sdb://secrets/shop")

        profiles = told["profiles"]
        self.assertNotIn("amazon-micro", profiles)
        self.assertEqual(profiles["base-itest"]["changed"], {"base_domain": "image", "clone_strategy": "clone"})
        self.assertIn("over SSH", profiles["base-itest"]["not_taken"]["deploy_command"])
        self.assertEqual(profiles["stack_small"]["changed"]["meta"], "metadata")
        self.assertIn("auto_ip", profiles["stack_small"]["not_taken"])
        existing = self.written("cloud.profiles.d/stack-volumes.conf")["stack_existing"]
        self.assertEqual(existing["boot_volume"], {"volume": "4f1c0a52-golden"})
        self.assertEqual(existing["scheduler_hints"], {"group": "shop"})
        self.assertEqual(profiles["nova-small"]["not_taken"]["make_minion"], "that is done anyway")
        volume = self.written("cloud.profiles.d/stack-volumes.conf")["stack_volume"]
        expected = {"image": "tiny", "size": "m1.tiny", "boot_volume": {"size": 2}, "networks": [{"network": "private"}]}
        self.assertEqual({**volume, **expected, "provider": "stack-auth"}, volume)
        web = self.written("cloud.profiles.d/nova-web.conf")["nova-web"]
        self.assertEqual((web["networks"], web["floating_ip"], web["sec_groups"]), (["private"], "public", ["web"]))
        self.assertEqual(web["minion"], {"append_domain": "shop.example.org"})
        self.assertEqual(self.written("cloud.profiles.d/dashboard.conf")["dashboard_profile"]["sec_groups"], ["web"])
        lab = self.written("cloud.maps.d/lab.map")["base-itest"]
        self.assertEqual(lab, ["first", {"second": {"clone": "full", "minion": {"grains": {"rack": "r2"}}}}])
        to_do = "\n".join(told["to_do"])
        for words in "image_import kvm-local", "many.map":
            self.assertIn(words, to_do)
        self.assertNotIn("stack_existing", to_do)

        # once more: the same; then somebody has worked on a file
        self.assertEqual(self.migrate("network=default", "size=va-small")["profiles"], profiles)
        file = self.master.etc / "migrated" / "cloud.profiles.d" / "kvm-base.conf"
        file.write_text("mine: {}\n")
        outcome = self.master.run("salt-run", "va_driver.migrate", "network=default", "size=va-small")
        self.assertEqual((outcome.code, outcome.data["error"]["kind"]), (1, "already_exists"), outcome)
        self.assertEqual(file.read_text(), "mine: {}\n")

    @at_the_ends
    def test_a_server_is_made_from_them(self):
        self.master.configure(wait="defined")
        self.migrate("network=default", "size=va-small")
        move(self.master)
        outcome = self.master.cloud("--list-profiles", "all")
        self.assertNotRegex(outcome.stderr, "ERROR|WARNING")
        expected = {"base-itest", "lab-centos", "lab-centos-db", "stack_small", "nova-small", "dashboard_profile"}
        self.assertLessEqual(expected, set(outcome.data), outcome)
        # as the list of what is left to do says
        shutil.copy(self.host.pool / "guest.qcow2", self.host.pool / "base-image")
        self.addCleanup(os.remove, self.host.pool / "base-image")
        self.host.virsh("pool-refresh", "default")
        path = str(self.master.etc / "cloud.maps.d" / "lab.map")
        outcome = self.master.cloud("-m", path)
        self.assertEqual((self.host.domains(), self.master.keys()), (["first", "second"], ["first", "second"]), outcome)
        self.assertIn(b"less tasty", self.seed("first"))
        self.assertIn(b"r2", self.seed("second"))
        outcome = self.master.cloud("-m", path, "-d")
        self.assertEqual((self.host.domains(), self.master.keys()), ([], []), outcome)


if __name__ == "__main__":
    unittest.main()
