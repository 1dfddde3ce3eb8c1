"""A Salt master with the package, set up as Salt's packages do it: salt-cloud runs as the user salt."""

import json
import tempfile

from machine import DEB, MachineCase, build
from test_life import SALT_USER

JOURNALS = "/var/lib/va-driver/journal"
PROVIDERS = "/etc/salt/cloud.providers.d"
# What belongs to that user; the folders of providers stay root's.
SALT_DIRECTORIES = """
install -d /etc/salt/cloud.providers.d /etc/salt/cloud.profiles.d /etc/salt/master.d
for dir in /etc/salt/pki/master /var/log/salt /var/cache/salt /var/run/salt; do
    install -d -o salt -g salt $dir
done
"""


class SaltMaster(MachineCase):
    """Nothing is configured but the user, and a provider."""

    layers = ("salt",)

    @classmethod
    def prepare(cls):
        with tempfile.TemporaryDirectory() as top:
            files = [("/usr/bin/salt-cloud", "/opt/salt/bin/salt-cloud")]
            salt = build(top, "salt-cloud", files, preinst=SALT_USER, postinst=SALT_DIRECTORIES)
            cls.machine.install("libvirt0", DEB, salt)
        cls.machine.write("/etc/salt/master", "user: salt\n")
        cls.machine.write(
            "/root/host.json",
            json.dumps({"driver_name": "libvirt", "provider_name": "host", "uri": "test:///default", "image": "a"}),
        )
        cls.machine.do("va-driver", "provider", "write", "--provider-file", "/root/host.json")

    def cloud(self, *arguments, user=None):
        """What salt-cloud prints as JSON."""
        home = {"HOME": "/opt/saltstack/salt"} if user else {}
        outcome = self.machine.run("salt-cloud", "--out", "json", "-l", "error", *arguments, user=user, **home)
        self.assertEqual((outcome.code, outcome.err), (0, ""), outcome)
        return json.loads(outcome.out[outcome.out.index("{"):])

    def test_salt_cloud_finds_the_driver_by_itself(self):
        self.assertEqual(list(self.cloud("--list-providers")["host"]), ["va_libvirt"])

    def test_what_root_wrote_can_be_read_by_salt_and_nobody_else(self):
        self.assertEqual(self.machine.owner(PROVIDERS), "root:root 755")
        self.assertEqual(self.machine.owner(f"{PROVIDERS}/host.conf"), "salt:salt 600")
        self.assertEqual(list(self.cloud("--list-providers", user="salt:salt")["host"]), ["va_libvirt"])

    def test_a_host_can_be_asked(self):
        self.assertIn("va-small", self.cloud("--list-sizes", "host")["host"]["va_libvirt"])
        self.assertIn("default", self.cloud("-f", "networks", "host")["host"]["va_libvirt"])
        self.assertEqual(self.cloud("-Q")["host"]["va_libvirt"]["test"]["state"], "running")

    def test_salt_has_the_journals(self):
        doctor = json.loads(
            self.machine.run("va-driver", "doctor", user="salt:salt", HOME="/opt/saltstack/salt").out
        )
        state = next(check for check in doctor["checks"] if check["name"] == "state directory")
        self.assertEqual((state["outcome"], state["message"]), ("ok", "/var/lib/va-driver"))

    def test_a_creation_that_was_cut_off_is_found_by_salt(self):
        journal = f"{JOURNALS}/cut-off.jsonl"
        self.machine.write(journal, json.dumps({"host": "test:///default", "subject": "web"}) + "\n", 0o600)
        self.machine.do("chown", "salt:", journal)
        outcome = self.machine.run("salt-cloud", "--out", "json", "-f", "recover", "host")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertFalse(self.machine.path(journal).exists(), outcome)

    def test_salt_cloud_runs_the_executable_as_salt(self):
        # Only root can read this journal: were it root who looks, it would be gone.
        journal = f"{JOURNALS}/roots.jsonl"
        self.machine.write(journal, json.dumps({"host": "test:///default", "subject": "web"}) + "\n", 0o600)
        outcome = self.machine.run("salt-cloud", "--out", "json", "-f", "recover", "host")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertTrue(self.machine.path(journal).exists(), outcome)
        self.machine.do("va-driver", "server", "recover", "--provider", "host")
        self.assertFalse(self.machine.path(journal).exists())
