"""The life of a provider and of its servers by va_master's handlers, on a real OpenStack."""

import json
import unittest

from cloud import cloud
from va_master_case import SSH_KEY, on_every_python


@on_every_python((2, True), (3, False))
class Life:
    def setUp(self):
        super().setUp()
        self.cloud = cloud()
        self.addCleanup(self.cloud.sweep)

    def test_a_provider_and_a_server(self):
        place = self.cloud["AUTH_URL"].partition("//")[2]
        first = {
            "provider_name": "cloud",
            "username": self.cloud["USERNAME"],
            "password": self.cloud["PASSWORD"],
            "location": "here",
            "host_ip": place,
            "tenant": self.cloud["PROJECT"],
            "region": self.cloud["REGION"],
        }
        chosen = [self.choice("networks", "private"), self.choice("security-groups", "web")]
        server = [
            {"role": "db", "server_name": "web"},
            {},
            {"image": "tiny", "size": "m1.tiny", "network": chosen[0], "sec_group": chosen[1]},
        ]
        self.settings(
            self.interpreter,
            self.coroutines,
            driver_id="openstack",
            pages=[first, {"network": chosen[0], "sec_group": chosen[1]}, {"image": "tiny", "size": "m1.tiny"}],
            server=server,
            away={"host_ip": "127.0.0.1:1", "provider_ip": "127.0.0.1:1"},
            action="stop",
        )
        record = self.phase("add")["record"]
        wanted = {
            "driver_name": "openstack",
            "location": "here",
            "provider_ip": place,
            "host_ip": place,
            "defaults": {"network": chosen[0], "sec_group": chosen[1], "image": "tiny", "size": "m1.tiny"},
        }
        self.assertEqual({name: record.get(name) for name in wanted}, wanted)
        for list_, one in ("networks", chosen[0]), ("sec_groups", chosen[1]), ("images", "tiny"), ("sizes", "m1.tiny"):
            # offered by its plain name, and taken with its id as well
            self.assertIn(one.partition("|")[0], record[list_])
        self.assertEqual(len(self.files()), 2)

        data = self.phase("create")
        self.assertEqual(self.cloud.state("web"), "ACTIVE")
        pairs = self.cloud.demo.all("compute", "/os-keypairs", "keypairs")
        (name,) = [one["keypair"]["name"] for one in pairs if one["keypair"]["public_key"] == SSH_KEY]
        self.assertEqual(self.cloud.server("web")["key_name"], name)
        user_data = self.cloud.user_data("web")
        for part in ('"disable_root": false', '"startup_states": "highstate"', self.finger, "minion_master.pub"):
            self.assertIn(part, user_data)
        self.assertEqual(data["sec_group"], chosen[1])

        found = self.phase("look")
        (near,), (far,) = found["places"]["here"], found["places"]["far"]
        self.assertEqual((near["servers"], near["success"], near["usage"]["used_servers"]), (["web"], True, 1))
        self.assertGreater(near["usage"]["max_servers"], 0)
        self.assertEqual((far["servers"], far["success"]), ([], False))
        self.assertEqual([one["hostname"] for one in found["bill"]["servers"]], ["web"])
        self.assertNotIn(self.cloud["PASSWORD"], json.dumps(found))
        self.assertEqual(self.cloud.state("web"), "SHUTOFF")

        self.assertTrue(self.phase("delete")["success"])
        self.assertEqual((self.cloud.left(), list((self.pki / "minions").iterdir())), ([], []))

    def choice(self, kind, name):
        """A thing as the form offers it."""
        return f"{name}|{self.cloud.id('network', f'/v2.0/{kind}', kind.replace('-', '_'), name)}"


if __name__ == "__main__":
    unittest.main()
