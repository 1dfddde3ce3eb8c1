"""The life of a provider and of its servers by va_master's handlers, on a real libvirt host."""

import json
import unittest

from case import CloudCase
from host import host
from va_master_case import SSH_KEY, on_every_python

EVERY = [(2, True), (2, False), (3, True), (3, False)]


def pages(socket, **more):
    """What is entered at the form's pages."""
    first = {"provider_name": "kvm", "username": "", "password": "", "location": "", "host_protocol": "qemu+unix"}
    return [
        {**first, "host_ip": socket, **more},
        {"network": "default"},
        {"image": "guest.qcow2", "size": "va-tiny"},
    ]


SERVER = [
    {"role": "db", "server_name": "web"},
    {"state": {"name": "db", "fields": [{"name": "admin_mail"}]}, "admin_mail": "a@example.org"},
    {"image": "guest.qcow2", "size": "va-tiny", "network": "default", "graphics": "none", "storage": 1},
]


class OnLibvirt:
    """Sets up the host, and leaves it as it was."""

    def setUp(self):
        super().setUp()
        self.host = host()
        if "/session" in self.host.uri:
            self.skipTest("the form reaches the system's daemon only")
        self.addCleanup(CloudCase.sweep, self)
        self.socket = self.host.uri.partition("socket=")[2]


@on_every_python(*EVERY)
class Life(OnLibvirt):
    def test_a_provider_and_a_server(self):
        self.settings(
            self.interpreter,
            self.coroutines,
            driver_id="libvirt",
            pages=pages(self.socket),
            server=SERVER,
            away={"host_ip": "127.0.0.1:1", "provider_ip": "127.0.0.1:1", "host_protocol": "qemu+tcp"},
            action="suspend",
        )
        found = self.phase("add")
        self.assertEqual([one["id"] for one in found["drivers"]][:2], ["libvirt", "openstack"])
        record = found["record"]
        wanted = {
            "driver_name": "libvirt",
            "provider_name": "kvm",
            "username": "",
            "password": "",
            "location": "va_master",
            "provider_ip": self.socket,
            "host_ip": self.socket,
            "defaults": {"network": "default", "image": "guest.qcow2", "size": "va-tiny"},
            "servers": [],
            "networks": ["default"],
            "sec_groups": [],
            "images": ["guest.qcow2"],
            "sizes": ["va-tiny"],
            "provider_conf": str(self.etc / "cloud.providers.d" / "kvm.conf"),
            "profile_conf": str(self.etc / "cloud.profiles.d" / "kvm-profile.conf"),
            "profile_conf_dir": str(self.etc / "cloud.profiles.d"),
        }
        self.assertEqual({name: record.get(name) for name in wanted}, wanted)
        profile, provider = self.files()
        self.assertIn('driver: "va_libvirt"', provider)
        self.assertIn('image: "guest.qcow2"', profile)

        refused = self.phase("refuse")
        self.assertIn("role must be filled in", refused["no role"])
        self.assertIn("size must be filled in", refused["no size"])
        self.assertIn("did you mean image", refused["nobody's"])
        self.assertIn("send server_name", refused["two people"])
        self.assertEqual((self.host.domains(), self.host.volumes()), ([], []))

        data = self.phase("create")
        self.assertEqual((data["admin_mail"], data["server_name"], data["size"]), ("a@example.org", "web", "va-tiny"))
        self.assertEqual((self.host.domains(), self.host.state("web")), (["web"], "running"))
        self.assertNotIn("<graphics", self.host.virsh("dumpxml", "web"))
        self.assertEqual(len([name for name in self.host.volumes() if not name.endswith(".iso")]), 2)
        self.assertTrue((self.pki / "minions" / "web").exists())
        seed = CloudCase.seed(self, "web").decode("utf-8", "replace")
        for part in (
            SSH_KEY,
            '"disable_root": false',
            '"master": "192.0.2.1"',
            f'"master_finger": "{self.finger}"',
            "minion_master.pub",
            '"startup_states": "highstate"',
            '"grains": {"role": "db"}',
        ):
            self.assertIn(part, seed)

        found = self.phase("look")
        (near,), (far,) = found["places"]["va_master"], found["places"]["far"]
        self.assertEqual((near["servers"], near["success"], near["usage"]["used_servers"]), (["web"], True, 1))
        self.assertEqual((near["usage"]["max_servers"], near["usage"]["used_ram"]), (-1, 256))
        self.assertEqual((far["servers"], far["success"], far["usage"]["max_ram"]), ([], False, -1))
        self.assertEqual((found["bill"]["provider"]["memory"], found["bill"]["total_cost"]), ("256 MiB", 0))
        self.assertEqual([server["hostname"] for server in found["bill"]["servers"]], ["web"])
        self.assertEqual((found["away"]["servers"], found["away"]["status"]["success"]), ([], False))
        self.assertFalse(found["absent"]["success"])
        self.assertIn("\xe9", found["absent"]["message"])
        self.assertEqual(found["action"], {"success": True, "message": "completed"})
        self.assertEqual(self.host.state("web"), "paused")

        self.assertTrue(self.phase("delete")["success"])
        self.assertEqual((self.host.domains(), self.host.volumes()), ([], []))
        self.assertEqual(list((self.pki / "minions").iterdir()), [])


@on_every_python((2, True), (3, True))
class Race(OnLibvirt):
    def test_six_forms_at_once_are_six_providers(self):
        self.settings(self.interpreter, self.coroutines, pages=pages(self.socket))
        found = self.phase("race")
        self.assertEqual(found["records"], 6)
        # the fourth of each turn's files are a subclass's
        for folder, wanted in ("providers", "shelf: \"of race-7-3\""), ("profiles", "shelf: \"profile of of race-7-3\""):
            (text,) = [path.read_text() for path in self.etc.glob(f"cloud.{folder}.d/race-7-3*.conf")]
            self.assertIn(wanted, text)


@on_every_python(*EVERY)
class Subclass(OnLibvirt):
    def test_what_it_adds_reaches_the_record_and_the_files(self):
        self.settings(
            self.interpreter, self.coroutines, driver_id="rack", pages=pages(self.socket, shelf="7", pool="default")
        )
        record = self.phase("add")["record"]
        self.assertEqual((record["driver_name"], record["shelf"], record["pool"]), ("rack", "7", "default"))
        self.assertEqual(record["by"], "rack")
        profile, provider = self.files()
        self.assertIn('shelf: "7"', provider)
        self.assertIn('keyname: "va_master_key"', provider)
        self.assertIn('shelf: "profile of 7"', profile)


if __name__ == "__main__":
    unittest.main()
