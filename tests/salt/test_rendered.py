"""What is rendered for an OpenStack cloud, as Salt itself reads it."""

import importlib
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import salt.config
from master import DRIVER

PROVIDER = {
    "driver_name": "openstack",
    "provider_name": "lab",
    "identity_url": "https://cloud.example:5000/v3",
    "username": "demo",
    "password": 'a: "b" # {{ c }} \u00e9',
    "tenant": "no",
    "region": "RegionOne",
    "availability_zone": "1e3",
    "key_name": "ops",
    "external_network": "public",
    "prices": {"m1.tiny": 0.25},
    "defaults": {"network": "lan|11", "sec_group": "ssh|22", "image": "twin|33", "size": "m1.tiny"},
}


class RenderedCase(unittest.TestCase):
    """A directory of Salt's configuration with one provider and its profile."""

    maxDiff = None

    def read(self, **members):
        """What Salt makes of a provider with these members: the provider's details, and the profile's."""
        top = pathlib.Path(tempfile.mkdtemp(prefix="vr."))
        self.addCleanup(shutil.rmtree, top)
        request = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "provider.render",
            "params": {"provider": {**PROVIDER, **members}, "profile_name": "small"},
        }
        done = subprocess.run(
            [DRIVER, "rpc"], input=json.dumps(request) + "\n", stdout=subprocess.PIPE, check=True, encoding="utf-8"
        )
        answer = json.loads(done.stdout)
        self.assertNotIn("error", answer)
        for directory, member in (("cloud.providers.d", "provider_conf"), ("cloud.profiles.d", "profile_conf")):
            (top / directory).mkdir()
            (top / directory / "lab.conf").write_text(answer["result"][member], encoding="utf-8")
        (top / "cloud").write_text("{}\n", encoding="utf-8")
        (top / "master").write_text("{}\n", encoding="utf-8")
        opts = salt.config.cloud_config(str(top / "cloud"))
        ((driver, details),) = opts["providers"]["lab"].items()
        self.assertEqual(details.pop("driver"), driver)
        return driver, dict(details), dict(opts["profiles"]["small"])

    def test_ours(self):
        driver, details, profile = self.read()
        self.assertEqual(driver, "va_openstack")
        for member in ("identity_url", "username", "password", "tenant", "region", "availability_zone", "prices"):
            self.assertEqual(details[member], PROVIDER[member])
        self.assertEqual(profile["provider"], "lab:va_openstack")
        for member, value in (("network", "lan|11"), ("sec_group", "ssh|22"), ("image", "twin|33")):
            self.assertEqual((details[member], profile[member]), (value, value))

    def test_salts_own(self):
        driver, details, profile = self.read(salt_driver="openstack")
        self.assertEqual(driver, "openstack")
        self.assertEqual(
            details["auth"],
            {
                "auth_url": PROVIDER["identity_url"],
                "username": "demo",
                "password": PROVIDER["password"],
                "user_domain_name": "Default",
                "project_name": "no",
                "project_domain_name": "Default",
            },
        )
        self.assertEqual(details["region_name"], "RegionOne")
        self.assertEqual(profile["provider"], "lab:openstack")
        try:
            own = importlib.import_module("salt.cloud.clouds.openstack")
        except ImportError:
            self.skipTest("this Salt has no driver of its own")
        # its driver leaves out, with no more than a line in the log, what has another type than it wants
        own.__utils__ = {"dictupdate.update": lambda into, other: {**into, **other}}
        wanted = {name: value for name, value in profile.items() if name not in ("provider", "profile")}
        wanted["flavor"] = wanted.pop("size")
        wanted["key_name"] = wanted.pop("ssh_key_name")
        self.assertEqual(own._clean_create_kwargs(**dict(wanted)), wanted)
        self.assertEqual(wanted["network"], ["11"])
        self.assertEqual(wanted["security_groups"], ["22"])
        self.assertEqual(wanted["availability_zone"], "1e3")


if __name__ == "__main__":
    unittest.main()
