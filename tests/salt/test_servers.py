"""Servers from creation to destruction."""

import json
import subprocess
import unittest

from case import CloudCase


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

    def test_states(self):
        self.master.cloud_states("web", wait="running", grains={"rack": "r7"})
        for sls, there, changes in ("present", True, True), ("present", True, False), ("absent", False, True):
            with self.subTest(sls, changes=changes):
                done = subprocess.run(self.master.state_command(sls), stdout=subprocess.PIPE, text=True, check=False)
                (state,) = json.loads(done.stdout)["local"].values()
                self.assertEqual((state["result"], bool(state["changes"])), (True, changes), done.stdout)
                names = ["web"] if there else []
                self.assertEqual((self.host.domains(), self.master.keys()), (names, names), done.stdout)
            if there:
                self.assertIn(b"r7", self.seed("web"))

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
        self.master.provider("kvm", **self.host.settings(), va_driver=str(self.without_method("server.list")))
        for key in True, False:
            with self.subTest(key=key):
                if not key:
                    (self.master.pki / "minions" / "web").unlink()
                keys = self.master.keys()
                outcome = self.master.cloud("-p", "small", "web")
                self.assertEqual(outcome.code, 1, outcome)
                self.assertRegex(outcome.stderr, "ERROR.*kvm: the servers cannot be listed")
                self.assertRegex(outcome.stderr, "ERROR.*already_exists")
                self.assertEqual((self.host.domains(), self.host.volumes()), (["web"], before), outcome)
                self.assertEqual(self.master.keys(), keys, outcome)

    def test_two_providers_of_one_host(self):
        self.master.provider("again", **self.host.settings())
        self.master.configure(enable_hard_maps=True)
        path = self.master.map({"small": ["web"]})
        self.create("web")
        self.create("old")
        seen = self.master.cloud("-F").data
        for alias in "again", "kvm":
            self.assertEqual(seen[alias]["va_libvirt"]["web"]["made_by"], "kvm", seen)
        # all that is on a provider and not in the map is destroyed
        outcome = self.master.cloud("-m", path, "-H")
        self.assertEqual((self.host.domains(), self.master.keys()), (["web"], ["web"]), outcome)

        self.master.profile("other", provider="again", wait="running")
        self.create("db", profile="other")
        # Salt asks the first provider that shows it
        outcome = self.master.cloud("-a", "destroy", "web")
        self.assertIs(outcome.data["again"]["va_libvirt"]["web"], False, outcome)
        self.assertRegex(outcome.stderr, "ERROR.*web is not destroyed as a server of again: it was made by kvm")
        outcome = self.master.cloud("-d", "web", "db", "-P")
        made = {"again": {"va_libvirt": ["db"]}, "kvm": {"va_libvirt": ["web"]}}
        found = {alias: {driver: list(names) for driver, names in of.items()} for alias, of in outcome.data.items()}
        self.assertEqual(found, made, outcome)
        self.nothing_is_left(outcome)

    def test_a_provider_that_has_another_name_now(self):
        self.create("web")
        (self.master.etc / "cloud.providers.d" / "kvm.conf").unlink()
        self.master.provider("renamed", **self.host.settings())
        self.nothing_is_left(self.master.cloud("-d", "web"))

    def test_what_the_executable_is_told(self):
        told = self.top / "told"
        self.master.provider("kvm", **self.host.settings(), va_driver=str(self.listening(told)), of_salt=1)
        self.create("web")
        requests = [json.loads(line) for line in told.read_text().splitlines()]
        self.assertEqual([request["method"] for request in requests], ["server.list", "server.create"])
        provider = {**self.host.settings(), "driver_name": "va_libvirt", "provider_name": "kvm", "of_salt": 1}
        self.assertEqual([request["params"]["provider"] for request in requests], [provider, provider])
        server = requests[1]["params"]["server"]
        self.assertEqual(sorted(server), ["graphics", "minion", "server_name"])

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

    def test_secrets_go_by_stdin_and_into_no_log(self):
        seen = self.top / "seen"
        spy = self.script(f'#!/bin/sh\necho "$@" >> {seen}\nenv >> {seen}\nexec DRIVER "$@"\n')
        settings = dict(self.host.settings(), password="the-pass-word")
        self.master.provider("kvm", **settings, va_driver=str(spy))
        outcome = self.master.cloud("-l", "debug", "-p", "small", "web")
        self.assertIn("web", self.host.domains(), outcome)
        for text in (seen.read_text(), outcome.stdout, outcome.stderr):
            self.assertNotIn("the-pass-word", text)
            self.assertNotIn("PRIVATE KEY", text)

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
