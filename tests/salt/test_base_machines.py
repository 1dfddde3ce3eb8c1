"""A machine that exists, by the driver that is shipped for it: a real sshd, and Salt's own saltify and bootstrap."""

import getpass
import os
import subprocess
import unittest

from base_case import BaseCase
from master import ROOT, free_ports

# Stands for Salt's own script, which installs packages: it keeps what a minion gets.
DEPLOY = """#!/bin/sh
cp "$(dirname "$0")"/minion* "$(dirname "$0")"/grains "$1"
"""


class Machines(BaseCase):
    """From an empty form to a machine that is deleted again."""

    driver = "generic"
    manifest = (ROOT / "salt" / "drivers.d" / "generic.yaml").read_text()

    def setUp(self):
        super().setUp()
        self.machine = self.top / "machine"
        self.machine.mkdir()
        deploy = self.master.etc / "cloud.deploy.d"
        deploy.mkdir()
        (deploy / "keep.sh").write_text(DEPLOY)
        self.master.configure(script="keep", script_args=str(self.machine), minion={"master": "192.0.2.1"})
        self.port = self.run_sshd()

    def run_sshd(self):
        """Starts the machine's sshd; its port."""
        ssh = self.top / "ssh"
        ssh.mkdir()
        for name in "host", "user":
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(ssh / name)]
            subprocess.run(command, check=True)
        (port,) = free_ports(1)
        (ssh / "config").write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {ssh}/host\nPidFile none\nStrictModes no\nUsePAM no\n"
            f"AuthorizedKeysFile {ssh}/user.pub\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n"
        )
        os.makedirs("/run/sshd", exist_ok=True)
        with open(ssh / "log", "w", encoding="utf-8") as log:
            command = ["/usr/sbin/sshd", "-D", "-e", "-f", str(ssh / "config")]
            # pylint: disable-next=consider-using-with
            process = subprocess.Popen(command, stderr=log, start_new_session=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        return port

    def test_a_machine_becomes_a_minion(self):
        step = self.call("driver.validate", driver_id="generic", step_index=0, field_values={"provider_name": "shelf"})
        self.assertEqual((step["errors"], step["new_step_index"]), ([], -1), step)
        self.provider = step["provider"]
        login = {
            "ip": "127.0.0.1",
            "port": str(self.port),
            "username": getpass.getuser(),
            "key_file": str(self.top / "ssh" / "user"),
        }
        self.assertEqual(self.creation_refused("web", image="debian", **login).field, "/server/image")
        made = self.create("web", role="db", **login)
        self.assertTrue(made["created"] and made["ready"], made)
        key = (self.machine / "minion.pub").read_text().strip()
        self.assertEqual(key, made["minion"]["public_key"].strip())
        self.assertEqual((self.master.pki / "minions" / "web").read_text().strip(), key)
        minion = (self.machine / "minion").read_text()
        self.assertIn("id: web", minion)
        self.assertIn("role: db", (self.machine / "grains").read_text())
        # its minion has not started, and it is a machine all the same
        listed = self.call("server.list", provider=self.provider)["servers"]
        self.assertEqual([(one["name"], one["status"]) for one in listed], [("web", "UNKNOWN")])
        deleted = self.call("server.delete", provider=self.provider, server_name="web")
        self.assertEqual([one["resource"] for one in deleted["removed"]], ["server", "minion_key"])
        self.nothing_is_left()

        # nobody answers there
        refused = self.creation_refused("web", **{**login, "port": "1"}, options={"timeout": 15})
        self.assertEqual(refused.kind, "timeout", refused.message)
        self.nothing_is_left()


if __name__ == "__main__":
    unittest.main()
