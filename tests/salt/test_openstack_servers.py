"""Servers on an OpenStack, from creation to destruction."""

import json
import unittest

from cloud_case import OpenStackCase
from master import DRIVER

SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5C1vhEEvgqSJT2wxwZBAAmfIJyMjyYQ4C8M7lzL5nM me"


class Servers(OpenStackCase):
    def refused(self, kind, *words, name="web", profile="small"):
        """A creation that must fail, say why, and leave nothing."""
        outcome = self.master.cloud("-p", profile, name)
        self.assertEqual(outcome.code, 1, outcome)
        for word in (kind, *words):
            self.assertRegex(outcome.stderr, f"ERROR.*{word}", outcome)
        self.assertNotIn(self.cloud["PASSWORD"], outcome.stdout + outcome.stderr)
        self.assertNotIn("Traceback", outcome.stderr)
        self.nothing_is_left(outcome)

    def test_a_life(self):
        made = self.create("web")
        self.assertEqual((made["state"], made["ready"]), ("running", True))
        address = self.cloud.ports("web")[0]["fixed_ips"][0]["ip_address"]
        self.assertEqual((made["private_ips"], made["public_ips"]), ([address], []))
        web = self.cloud.id("network", "/v2.0/security-groups", "security_groups", "web")
        self.assertEqual(self.cloud.ports("web")[0]["security_groups"], [web])

        # the pair that Salt has made, and no other
        self.assertEqual(self.master.keys(), ["web"])
        public = (self.master.pki / "minions" / "web").read_text()
        user_data = self.cloud.user_data("web")
        self.assertTrue(user_data.startswith("#cloud-config\n"), user_data)
        seeded = json.loads(user_data.partition("\n")[2])["salt_minion"]
        self.assertEqual(seeded["public_key"].split(), public.split())
        self.assertIn("PRIVATE KEY", seeded["private_key"])
        self.assertEqual(seeded["conf"]["id"], "web")
        self.assertEqual(seeded["conf"]["master"], "192.0.2.1")

        server = self.cloud.server("web")
        node = self.salt("-Q")["web"]
        self.assertEqual((node["id"], node["state"]), (server["id"], "running"))
        self.assertEqual((node["image"], node["size"], node["private_ips"]), ("tiny", "m1.tiny", [address]))
        full = self.salt("-F")["web"]
        self.assertEqual((full["minion_id"], full["managed"]), ("web", True))
        shown = self.salt("-a", "show_instance", "web")["web"]
        self.assertEqual((shown["id"], shown["minion_id"]), (server["id"], "web"))

        outcome = self.master.cloud("-p", "small", "web")
        self.assertIn("already exists", outcome.data["web"]["Error"])
        self.assertEqual((self.master.pki / "minions" / "web").read_text(), public)
        self.assertEqual(self.cloud.server("web")["id"], server["id"])

        outcome = self.master.cloud("-d", "web")
        self.assertTrue(outcome.data["cloud"]["va_openstack"]["web"]["success"], outcome)
        self.nothing_is_left(outcome)

    def test_all_that_a_profile_can_say(self):
        rich = {
            "provider": "cloud",
            "networks": ["private", {"network": "second", "mac": "52:54:00:aa:bb:cc"}],
            "addresses": "10.61.0.77/24",
            "sec_groups": "ssh, web",
            "floating_ip": "public",
            "boot_volume": {"size": 2, "volume_type": "fast"},
            "storage_disk": 1,
            "availability_zone": "zone-two",
            "ssh_keys": [SSH_KEY],
            "role": "db",
            "user_data": {"packages": ["marker-package"]},
            "minion": {"id": "minion-of-web", "master": "192.0.2.7"},
            "grains": {"rack": "r7"},
        }
        # no router leads there, which Neutron says when ports and volumes are made
        self.master.profile("no-way", **{**rich, "networks": ["second"], "addresses": []})
        self.refused("not_found", "External network .* is not reachable", profile="no-way")

        self.master.profile("rich", **rich)
        made = self.create("web", profile="rich")
        server = self.cloud.server("web")
        ports = {port["mac_address"]: port for port in self.cloud.ports("web")}
        second = self.cloud.id("network", "/v2.0/networks", "networks", "second")
        self.assertEqual(ports.pop("52:54:00:aa:bb:cc")["network_id"], second)
        (port,) = ports.values()
        self.assertEqual([ip["ip_address"] for ip in port["fixed_ips"]], ["10.61.0.77"])
        groups = [
            self.cloud.id("network", "/v2.0/security-groups", "security_groups", name) for name in ("ssh", "web")
        ]
        self.assertEqual(sorted(port["security_groups"]), sorted(groups))
        (floating,) = self.cloud.demo.all("network", "/v2.0/floatingips", "floatingips")
        self.assertEqual(floating["port_id"], port["id"])
        self.assertEqual(made["public_ips"], [floating["floating_ip_address"]])
        volumes = self.cloud.demo.all("volumev3", "/volumes/detail", "volumes")
        found = sorted((one["size"], one["volume_type"], one["bootable"], one["status"]) for one in volumes)
        self.assertEqual([one[0] for one in found], [1, 2])
        self.assertEqual(found[1], (2, "fast", "true", "in-use"))
        self.assertEqual(server["OS-EXT-AZ:availability_zone"], "zone-two")
        (pair,) = [name for kind, name in self.cloud.left() if kind == "keypairs"]
        self.assertEqual(server["key_name"], pair)
        user_data = self.cloud.user_data("web")
        for part in "marker-package", "minion-of-web", "192.0.2.7", "r7", "db":
            self.assertIn(part, user_data)
        self.assertEqual(self.master.keys(), ["minion-of-web"])
        outcome = self.master.cloud("-d", "web")
        self.nothing_is_left(outcome)

    def test_a_profile_of_salts_old_driver(self):
        theirs = {
            "provider": "cloud",
            "image": "tiny",
            "flavor": "m1.tiny",
            "security_groups": ["ssh", "web"],
            "ssh_key_name": "operators",
            "ssh_key_file": "/root/.ssh/id_rsa",
            "networks": [{"name": "private"}],
            "floating_ip": {"auto_assign": True, "pool": "public"},
            "boot_from_volume": True,
            "volume_size": 2,
            "terminate_volume": True,
            "ssh_username": "debian",
            "script_args": "-F",
            "delete_sshkeys": True,
        }
        grouped = {**theirs, "scheduler_hints": {"group": "g"}}
        del grouped["ssh_key_name"]
        self.master.profile("old", **grouped)
        self.refused("not_found", "there is no server group", profile="old")
        # ours, and not this driver's
        self.master.profile("foreign", provider="cloud", virt_type="kvm")
        self.refused("invalid_field", "virt_type", profile="foreign")

        key = {"keypair": {"name": "operators", "public_key": SSH_KEY}}
        self.cloud.demo.post("compute", "/os-keypairs", key)
        self.master.profile("old", **theirs)
        self.create("web", profile="old")
        server = self.cloud.server("web")
        self.assertEqual((server["key_name"], server["flavor"]["original_name"]), ("operators", "m1.tiny"))
        (port,) = self.cloud.ports("web")
        groups = [self.cloud.id("network", "/v2.0/security-groups", "security_groups", name) for name in ("ssh", "web")]
        self.assertEqual(sorted(port["security_groups"]), sorted(groups))
        self.assertEqual(port["network_id"], self.cloud.id("network", "/v2.0/networks", "networks", "private"))
        (floating,) = self.cloud.demo.all("network", "/v2.0/floatingips", "floatingips")
        self.assertEqual(floating["port_id"], port["id"])
        (volume,) = self.cloud.demo.all("volumev3", "/volumes/detail", "volumes")
        self.assertEqual((volume["size"], volume["bootable"]), (2, "true"))
        outcome = self.master.cloud("-d", "web")
        self.assertEqual(self.cloud.left(), [("keypairs", "operators")], outcome)

    def test_failures_leave_nothing(self):
        self.master.profile("unknown", provider="cloud", image="absent")
        self.refused("not_found", "absent", profile="unknown")
        # it fits on no host: Nova makes it, and gives up
        self.master.profile("huge", provider="cloud", size="m1.huge")
        self.refused("quota_exceeded", "No valid host", profile="huge")
        # a project with room for one volume
        self.master.provider("poor", "va_openstack", **{**self.cloud.settings(), "tenant": "small"})
        shared = {"network": "shared", "sec_group": "default"}
        self.master.profile("two-volumes", provider="poor", disks=[1, 1], **shared)
        self.refused("quota_exceeded", "volumes", profile="two-volumes")

    def test_a_cloud_that_cannot_be_asked(self):
        settings = self.cloud.settings()
        self.master.provider("cloud", "va_openstack", **{**settings, "password": "not-this-one"})
        self.refused("auth_failed", "cloud: the servers cannot be listed")
        self.master.provider("cloud", "va_openstack", **{**settings, "identity_url": "http://127.0.0.1:1/v3"})
        self.refused("connection_failed", "127.0.0.1:1")
        self.master.provider("cloud", "va_openstack", **{**settings, "tenant": "nowhere"})
        self.refused("auth_failed", "nowhere")

    def test_three_at_once(self):
        names = ["one", "three", "two"]
        outcome = self.master.cloud("-P", "-p", "small", *names)
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual((self.cloud.servers(), self.master.keys()), (names, names), outcome)
        for name in names:
            self.assertEqual(self.cloud.state(name), "ACTIVE", outcome)
            key = (self.master.pki / "minions" / name).read_text()
            seeded = json.loads(self.cloud.user_data(name).partition("\n")[2])["salt_minion"]
            self.assertEqual(seeded["public_key"].split(), key.split(), name)
        outcome = self.master.cloud("-d", *names, "-P")
        self.nothing_is_left(outcome)

    def test_a_map(self):
        entries = [{"m1": {"storage_disk": 1}}, {"m2": {"minion": {"id": "second"}}}, {"m3": {"image": "absent"}}]
        path = self.master.map({"small": entries})
        outcome = self.master.cloud("-m", path, "-P")
        self.assertEqual((self.cloud.servers(), self.master.keys()), (["m1", "m2"], ["m1", "second"]), outcome)
        self.assertEqual(len(self.cloud.server("m1")["os-extended-volumes:volumes_attached"]), 1)
        self.assertRegex(outcome.data["m3"]["Error"], "not_found.*absent")
        again = self.master.cloud("-m", path, "-P")
        self.assertEqual(again.data["m1"], {"Message": "Already running."}, again)
        outcome = self.master.cloud("-m", path, "-a", "stop")
        self.assertEqual((self.cloud.state("m1"), self.cloud.state("m2")), ("SHUTOFF", "SHUTOFF"), outcome)
        outcome = self.master.cloud("-m", path, "-d")
        self.nothing_is_left(outcome)

    def test_an_executable_that_is_lost(self):
        # it ends when the server stands, and before it has said so
        script = self.top / "script"
        script.write_text(
            f'#!/bin/sh\nread -r line\ncase $line in *server.create*) printf "%s\\n" "$line" | {DRIVER} "$@" '
            f'>/dev/null; exit 1;; esac\nprintf "%s\\n" "$line" | {DRIVER} "$@"\n'
        )
        script.chmod(0o755)
        self.master.provider("cloud", "va_openstack", **self.cloud.settings(), va_driver=str(script))
        outcome = self.master.cloud("-p", "small", "web")
        self.assertRegex(outcome.stderr, "ERROR.*web stands all the same, so its key stays accepted")
        self.assertEqual((self.cloud.state("web"), self.master.keys()), ("ACTIVE", ["web"]), outcome)
        outcome = self.master.cloud("-d", "web")
        self.nothing_is_left(outcome)


if __name__ == "__main__":
    unittest.main()
