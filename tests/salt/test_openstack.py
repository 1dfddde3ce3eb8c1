"""What salt-cloud has of va_openstack before it asks a cloud."""

import json
import unittest

from case import CloudCase


class Loading(CloudCase):
    def setUp(self):
        super().setUp()
        self.told = self.top / "told"
        self.spy = self.script(
            f"#!/bin/sh\nread -r line\nprintf '%s\\n' \"$line\" >> {self.told}\n"
            'printf \'{"jsonrpc":"2.0","id":1,"result":{"servers":[{"name":"web","id":"7","state":"running"}],'
            '"success":true,"message":"done"}}\\n\'\n'
        )
        (self.master.etc / "cloud.providers.d" / "kvm.conf").unlink()
        (self.master.etc / "cloud.profiles.d" / "small.conf").unlink()

    def requests(self):
        lines = self.told.read_text().splitlines()
        self.told.unlink()
        return [json.loads(line) for line in lines]

    def test_a_provider(self):
        settings = {
            "identity_url": "https://keystone.example.org:5000/v3",
            "username": "me",
            "password": "p",
            "tenant": "t",
            "region": "r",
            "user_domain": "Default",
            "project_domain": "Default",
            "defaults": {"network": "private", "sec_group": "default"},
        }
        self.master.provider("cloud", "va_openstack", **settings, va_driver=str(self.spy))
        outcome = self.master.cloud("-Q")
        self.assertEqual(outcome.data["cloud"]["va_openstack"]["web"]["state"], "running", outcome)
        record = {**settings, "driver_name": "va_openstack", "provider_name": "cloud"}
        self.assertEqual([one["params"] for one in self.requests()], [{"provider": record, "full": True}])

        actions = {
            ("reboot", "kind=hard"): {"hard": True},
            ("reboot", "kind=soft"): {},
            ("resize", "size=m1.large"): {"size": "m1.large"},
            ("snapshot", "name=web-1"): {"image": "web-1"},
            ("console_log", "lines=3"): {"lines": 3},
            ("confirm_resize",): {},
        }
        for action, members in actions.items():
            with self.subTest(action):
                outcome = self.master.cloud("-a", action[0], "web", *action[1:])
                answer = outcome.data["cloud"]["va_openstack"]["web"]
                self.assertEqual(answer, {"success": True, "message": "done"}, outcome)
                params = self.requests()[-1]["params"]
                self.assertEqual(params, {"provider": record, "server_name": "web", "action": action[0], **members})

    def test_what_libvirts_servers_are_told(self):
        self.master.provider("lv", "va_libvirt", uri="qemu+tls://kvm1/system", va_driver=str(self.spy))
        mac = "52:54:00:00:00:01"
        actions = {
            ("snapshot", "name=before"): {"image": "before"},
            ("list_snapshots",): {},
            ("revert_snapshot", "name=before"): {"image": "before"},
            ("attach_disk", "size=10", "pool=fast"): {"disk": {"size": 10, "pool": "fast"}},
            ("attach_disk", "volume=web.0a.data1.qcow2"): {"disk": {"volume": "web.0a.data1.qcow2"}},
            ("detach_disk", "volume=v", "delete=True", "timeout=5"): {"volume": "v", "delete": True, "timeout": 5},
            ("attach_interface", "network=lan", "vlan=7"): {"interface": {"network": "lan", "vlan": 7}},
            ("detach_interface", f"mac={mac}"): {"mac": mac},
            ("rename", "newname=db"): {"new_name": "db"},
            ("rebuild", "image=debian-12.qcow2"): {"image": "debian-12.qcow2"},
        }
        for action, members in actions.items():
            with self.subTest(action):
                self.master.cloud("-a", action[0], "web", *action[1:])
                params = self.requests()[-1]["params"]
                provider = params.pop("provider")
                self.assertEqual(provider["driver_name"], "va_libvirt")
                self.assertEqual(params, {"server_name": "web", "action": action[0], **members})

    def test_providers_in_the_words_of_salts_old_drivers(self):
        providers = {
            "by-cloud": ("va_openstack", {"cloud": "lab", "region_name": "r"}),
            "by-auth": ("va_openstack", {"auth": {"auth_url": "https://k/v3", "username": "me"}, "profile": "vendor"}),
            "by-url": ("va_libvirt", {"url": "qemu+tls://kvm9/system"}),
        }
        for name, (driver, settings) in providers.items():
            self.master.provider(name, driver, **settings, va_driver=str(self.spy))
            outcome = self.master.cloud("-f", "recover", name)
            self.assertEqual(outcome.code, 0, outcome)
            # what they mean the executable says
            wanted = {**settings, "driver_name": driver, "provider_name": name}
            self.assertEqual([one["params"] for one in self.requests()], [{"provider": wanted}])

    def test_keystones_domain_is_not_its_servers(self):
        where = {"identity_url": "https://keystone.example.org:5000/v3", "domain": "Default", "role": "any"}
        self.master.provider("cloud", "va_openstack", **where, va_driver=str(self.spy))
        self.master.profile("small", provider="cloud", deploy=False)
        self.master.cloud("-f", "plan", "cloud", "name=web", "profile=small")
        self.master.cloud("-f", "plan", "cloud", "name=web", "profile=small", "domain=example.org")
        servers = [one["params"]["server"] for one in self.requests()]
        said = {"server_name": "web", "role": "any"}
        self.assertEqual(servers, [said, {**said, "domain": "example.org"}])

    def test_what_it_does_not_have(self):
        self.master.provider("cloud", "va_openstack", host_ip="192.0.2.1", va_driver=str(self.spy))
        outcome = self.master.cloud("-a", "seal", "web")
        self.assertEqual(outcome.data["Invalid Actions"], {"va_openstack.seal": ["web"]}, outcome)
        outcome = self.master.cloud("-a", "stop", "web", "server_name=other")
        self.assertRegex(outcome.stderr, "ERROR.*server_name is said by the command itself")
        outcome = self.master.cloud("-a", "reboot", "web", "kind=gentle")
        self.assertRegex(outcome.stderr, "ERROR.*kind is soft or hard, not gentle")


if __name__ == "__main__":
    unittest.main()
