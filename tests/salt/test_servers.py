"""Servers from creation to destruction, and the keys of their minions."""

import json
import os
import signal
import subprocess
import unittest

from case import CloudCase
from master import DRIVER


class Servers(CloudCase):
    def test_a_life(self):
        made = self.create("web")
        self.assertEqual(made["state"], "running")
        self.assertEqual(self.master.keys(), ["web"])
        fingerprint = self.key_fingerprint("web")
        self.assertEqual(made["minion"]["fingerprint"], fingerprint)
        console = self.host.console / "web.log"
        self.await_(lambda: console.exists() and " role=" in console.read_text(errors="replace"), 120)
        self.assertIn(f"minion=web fingerprint={fingerprint}", console.read_text(errors="replace"))

        node = self.master.cloud("-Q").data["kvm"]["va_libvirt"]["web"]
        self.assertEqual((node["image"], node["size"], node["state"]), ("guest.qcow2", "tiny", "running"))
        self.assertEqual(self.master.cloud("-S").data["kvm"]["va_libvirt"]["web"], node)
        self.master.configure(**{"query.selection": ["used_ram"]})
        self.assertEqual(self.master.cloud("-S").data["kvm"]["va_libvirt"]["web"], {"used_ram": 256})
        full = self.master.cloud("-F").data["kvm"]["va_libvirt"]["web"]
        self.assertEqual((full["minion_id"], full["managed"]), ("web", True))
        self.assertEqual(self.action("show_instance")["id"], full["id"])

        self.action("suspend")
        self.assertEqual(self.host.state("web"), "paused")
        self.action("resume")
        self.assertEqual(self.host.state("web"), "running")
        self.action("seal")
        self.assertNotIn(b"PRIVATE KEY", self.seed("web"))
        self.action("stop", "timeout=0")
        self.assertEqual(self.host.state("web"), "shut off")
        self.action("start")
        self.assertEqual(self.host.state("web"), "running")

        outcome = self.master.cloud("-d", "web")
        self.assertTrue(outcome.data["kvm"]["va_libvirt"]["web"]["success"], outcome)
        self.nothing_is_left(outcome)

    def test_a_name_that_is_taken(self):
        self.create("web")
        key = (self.master.pki / "minions" / "web").read_text()
        outcome = self.master.cloud("-p", "small", "web")
        self.assertIn("already exists", outcome.data["web"]["Error"])
        self.assertEqual((self.master.pki / "minions" / "web").read_text(), key)
        self.assertEqual(len(self.host.volumes()), 2)

    def test_a_name_that_is_taken_though_the_listing_failed(self):
        self.create("web")
        before = self.host.volumes()
        blind = self.script(
            '#!/bin/sh\nread -r line\ncase $line in *server.list*) exit 1;; esac\nprintf "%s\\n" "$line" | DRIVER "$@"\n'
        )
        self.master.provider("kvm", **self.host.settings(), va_driver=str(blind))
        outcome = self.master.cloud("-p", "small", "web")
        self.assertNotEqual(outcome.code, 0, outcome)
        self.assertRegex(outcome.stderr, "ERROR.*already_exists")
        self.assertEqual((self.host.domains(), self.host.volumes()), (["web"], before), outcome)

    def test_failures_leave_nothing(self):
        self.master.provider("away", uri="qemu+tcp://127.0.0.1:1/system", defaults={"image": "i", "size": "va-small"})
        self.master.profile("away", provider="away")
        self.master.profile("unknown", provider="kvm", image="absent.qcow2")
        self.master.profile("sizeless", provider="kvm", size="huge")
        for profile, kind in (
            ("away", "connection_failed"),
            ("unknown", "not_found"),
            ("sizeless", "not_found|invalid_field"),
        ):
            with self.subTest(profile):
                outcome = self.master.cloud("-p", profile, "web")
                self.assertEqual(outcome.code, 1, outcome)
                self.assertRegex(outcome.stderr, f"ERROR.*({kind})")
                self.nothing_is_left(outcome)

    def test_one_failure_of_many_names(self):
        outcome = self.master.cloud("-p", "small", "a", "b bad", "c")
        self.assertEqual(self.host.domains(), ["a", "c"], outcome)
        self.assertEqual(self.master.keys(), ["a", "c"], outcome)

    def test_killed_in_the_middle(self):
        pid = self.top / "pid"
        real = self.script(f'#!/bin/sh\necho $$ > {pid}\nexec DRIVER "$@"\n')
        self.master.provider("kvm", **self.host.settings(), va_driver=str(real))
        process = self.master.start("-p", "small", "web")
        self.await_(self.host.volumes)
        os.kill(int(pid.read_text()), signal.SIGKILL)
        _, stderr = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 1, stderr)
        self.assertRegex(stderr, "ERROR.*lost|ERROR.*SIGKILL")
        self.nothing_is_left(stderr)

    def test_interrupted_in_the_middle(self):
        process = self.master.start("-p", "small", "web")
        self.await_(self.host.volumes)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=120)
        self.nothing_is_left(stderr)

    def test_no_deploy_means_no_minion(self):
        made = self.create("web", "--no-deploy")
        self.assertNotIn("minion", made)
        self.assertEqual(self.master.keys(), [])
        self.assertNotIn(b"PRIVATE KEY", self.seed("web"))

    def test_what_a_profile_says_reaches_the_guest(self):
        self.master_key()
        self.master.profile(
            "rich",
            provider="kvm",
            wait="running",
            storage_disk=1,
            role="db",
            ssh_keys="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDmS0pMs3sVqz4Pm3T4s7e8Zg3p7e7vSPpVqgnFZoGNs me",
            user_data={"packages": ["marker-package"]},
            minion={"master": "192.0.2.7", "log_level": "debug"},
            grains={"rack": "r7"},
        )
        self.create("web", profile="rich")
        self.assertEqual(len(self.host.volumes()), 3)
        seed = self.seed("web")
        for part in (
            b"marker-package",
            b"192.0.2.7",
            b"log_level",
            b"r7",
            b'"db"',
            b"minion_master.pub",
            b"PRIVATE KEY",
        ):
            self.assertIn(part, seed)

    # keys

    def test_destroy_takes_no_other_key(self):
        self.create("web")
        self.master.accept("web.example.org")
        outcome = self.master.cloud("-d", "web")
        self.assertEqual(self.host.domains(), [], outcome)
        self.assertEqual(self.master.keys(), ["web.example.org"], outcome)

    def test_destroy_without_a_key_takes_no_other_key(self):
        self.create("web", "--no-deploy")
        self.master.accept("web.example.org")
        outcome = self.master.cloud("-P", "-d", "web")
        self.assertEqual(self.host.domains(), [], outcome)
        self.assertEqual(self.master.keys(), ["web.example.org"], outcome)

    def test_destroy_leaves_the_key_of_another_machine(self):
        self.create("web")
        self.master.accept("web")
        outcome = self.master.cloud("-d", "web")
        self.assertEqual((self.host.domains(), self.master.keys()), ([], ["web"]), outcome)

    def test_a_minion_id_of_its_own(self):
        self.master.profile(
            "named", provider="kvm", wait="running", minion={"id": "m1", "append_domain": "example.org"}
        )
        self.assertEqual(self.create("web", profile="named")["minion"]["id"], "m1.example.org")
        self.master.accept("web")
        self.assertEqual(self.master.keys(), ["m1.example.org", "web"])
        outcome = self.master.cloud("-d", "web")
        self.assertEqual((self.host.domains(), self.master.keys()), ([], ["web"]), outcome)

    def test_a_failed_destroy_in_parallel_keeps_the_key(self):
        self.create("web")
        broken = self.script(
            '#!/bin/sh\nread -r line\ncase $line in *server.delete*) exit 1;; esac\nprintf "%s\\n" "$line" | DRIVER "$@"\n'
        )
        self.master.provider("kvm", **self.host.settings(), va_driver=str(broken))
        for how in ("-P", "-d"), ("-d",):
            outcome = self.master.cloud(*how, "web")
            self.assertRegex(outcome.stderr, "ERROR.*web is not destroyed")
            self.assertEqual((self.host.domains(), self.master.keys()), (["web"], ["web"]), outcome)

    def test_a_server_of_somebody_else_stays(self):
        xml = self.top / "foreign.xml"
        xml.write_text(
            "<domain type='qemu'><name>foreign</name><memory unit='MiB'>64</memory>"
            "<os><type arch='x86_64'>hvm</type></os></domain>"
        )
        self.host.virsh("define", str(xml))
        self.master.accept("foreign")
        outcome = self.master.cloud("-d", "foreign")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertEqual((self.host.domains(), self.master.keys()), (["foreign"], ["foreign"]), outcome)

    # maps

    def test_maps(self):
        for how in (), ("-P",):
            with self.subTest(how):
                path = self.top / "map"
                entries = [
                    {"m1": {"storage_disk": 1}},
                    {"m2": {"minion": {"id": "second"}}},
                    {"m3": {"image": "absent"}},
                ]
                path.write_text(json.dumps({"small": entries}))
                outcome = self.master.cloud("-m", str(path), *how)
                self.assertEqual(self.host.domains(), ["m1", "m2"], outcome)
                self.assertEqual(self.master.keys(), ["m1", "second"], outcome)
                self.assertEqual(len(self.host.volumes()), 5, outcome)
                self.assertIn("not_found", outcome.stderr)
                outcome = self.master.cloud(*how, "-d", "m1", "m2")
                self.nothing_is_left(outcome)

    def test_sdb_links_in_a_map(self):
        self.master.configure(shelf={"driver": "env"})
        path = self.top / "map"
        path.write_text(json.dumps({"small": [{"web": {"user_data": "sdb://shelf/VA_TEST_USER_DATA"}}]}))
        outcome = self.master.cloud("-m", str(path), VA_TEST_USER_DATA="#cloud-config\npackages: [from-the-shelf]\n")
        self.assertIn("web", self.host.domains(), outcome)
        self.assertIn(b"from-the-shelf", self.seed("web"))

    # help

    def action(self, action, *arguments):
        outcome = self.master.cloud("-a", action, "web", *arguments)
        self.assertEqual(outcome.code, 0, outcome)
        return outcome.data["kvm"]["va_libvirt"]["web"]

    def seed(self, name):
        path = next(
            self.host.pool / one for one in self.host.volumes() if one.startswith(name) and one.endswith(".iso")
        )
        return path.read_bytes()

    def key_fingerprint(self, id_):
        done = subprocess.run(
            [DRIVER, "key", "fingerprint", "--json", str(self.master.pki / "minions" / id_)],
            stdout=subprocess.PIPE,
            check=True,
        )
        return json.loads(done.stdout)["fingerprint"]

    def master_key(self):
        private = self.master.pki / "master.pem"
        subprocess.run(["openssl", "genrsa", "-out", str(private), "2048"], check=True, stderr=subprocess.DEVNULL)
        subprocess.run(
            ["openssl", "rsa", "-in", str(private), "-pubout", "-out", str(self.master.pki / "master.pub")],
            check=True,
            stderr=subprocess.DEVNULL,
        )


if __name__ == "__main__":
    unittest.main()
