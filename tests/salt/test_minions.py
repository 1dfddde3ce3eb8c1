"""Minions of every kind, made from what their servers' seeds say: without a master, with several, with another."""

import json
import os
import unittest

from case import CloudCase
from master import LOOPBACK, end, free_ports
from minion import Minion, cloud_config


class WithoutMaster(CloudCase):
    """No master runs here, and none is needed."""

    def test_a_masterless_minion(self):
        ways = {"local": {"file_client": "local"}, "disabled": {"master": "192.0.2.1", "master_type": "disable"}}
        self.master.configure(minion={})
        for name, minion in ways.items():
            settings = {"wait_for_minion": True, "start_action": "state.apply", "seal": True}
            self.master.profile(name, provider="kvm", wait="running", minion=minion, **settings)
            made = self.create(name, profile=name)
            said = cloud_config(self.seed(name))
            self.assertEqual(said["salt_minion"]["conf"].get("master_type"), "disable")
            self.assertNotIn("master", said["salt_minion"]["conf"])
            self.assertNotIn("write_files", said)
            warnings = "\n".join(made["warnings"])
            self.assertIn("start_action state.apply is not run: say startup_states in its minion", warnings)
            self.assertIn("not sealed: no master hears it", warnings)
        # there is nobody whom the keys are to let in
        self.assertEqual(self.master.keys(), [])
        minion = Minion(self.top / "minion", "local", self.seed("local"))
        said = minion.call("test.ping")
        self.assertEqual(json.loads(said.stdout[said.stdout.index("{") :]), {"local": True}, said.stdout)
        self.nothing_is_left(self.master.cloud("-d", *ways))

    def test_a_file_with_the_key_by_which_masters_sign(self):
        self.master.profile("small", provider="kvm", master_sign_pub_file="absent.pub")
        outcome = self.master.cloud("-p", "small", "web")
        self.assertRegex(outcome.stderr, "ERROR.*invalid_field: master_sign_pub_file: .*absent.pub cannot be read")
        self.nothing_is_left(outcome)
        # a key as any other
        self.create_with_key("signing")
        key = (self.master.etc / "sign.pub").read_text()
        said = cloud_config(self.seed("signing"))
        (file,) = said["write_files"]
        self.assertEqual((os.path.basename(file["path"]), file["content"].split()), ("master_sign.pub", key.split()))
        self.assertIs(said["salt_minion"]["conf"]["verify_master_pubkey_sign"], True)

    def create_with_key(self, name):
        """A server whose profile names the public key of another one's minion."""
        self.master.profile("plain", provider="kvm", wait="defined")
        self.create("other", profile="plain")
        (self.master.etc / "sign.pub").write_text((self.master.pki / "minions" / "other").read_text())
        self.master.profile("sign", provider="kvm", wait="defined", master_sign_pub_file="sign.pub")
        self.create(name, profile="sign")


class WithMaster(CloudCase):
    """A master runs here."""

    def start_master(self, **settings):
        """Starts it; the addresses of this one, and of another one that is away."""
        self.master.configure_master(**settings)
        self.addCleanup(end, self.master.run_master())
        (away,) = free_ports(1)
        return [f"{LOOPBACK}:{self.master.ret_port}", f"{LOOPBACK}:{away}"]

    def started(self, minions):
        """The names of the files by which minions trust their master, once those have started; with their profiles."""
        # so that it does not take a minute to find out that nobody is there
        soon = {"auth_timeout": 3, "auth_tries": 1, "request_channel_timeout": 5, "request_channel_tries": 1}
        for name, minion in minions.items():
            self.master.profile(name, provider="kvm", minion={**soon, **minion}, minion_timeout=200)
        processes = {name: self.master.start("-p", name, name) for name in minions}
        for name in minions:
            self.await_(lambda name=name: name in self.host.domains(), 120)
            minion = Minion(self.top / name, name, self.seed(name))
            self.addCleanup(minion.stop)
            minion.start()
        for name, process in processes.items():
            stdout, stderr = process.communicate(timeout=300)
            self.assertTrue(json.loads(stdout)[name]["minion"]["started"], f"{name}: {stdout}{stderr}")
            self.assertNotIn("will trust the first master", stderr)
        written = {name: cloud_config(self.seed(name))["write_files"] for name in minions}
        return {name: [os.path.basename(file["path"]) for file in files] for name, files in written.items()}

    def test_several_masters(self):
        both = self.start_master()
        files = self.started({"failover": {"master": both, "master_type": "failover"}, "both": {"master": both}})
        self.assertEqual(files, dict.fromkeys(files, ["minion_master.pub"]))

    def test_a_master_that_signs_its_key(self):
        both = self.start_master(master_sign_pubkey=True)
        files = self.started({"signed": {"master": both, "master_type": "failover"}})
        self.assertEqual(files, {"signed": ["master_sign.pub"]})

    def test_a_master_elsewhere_such_as_a_syndic(self):
        self.start_master()
        minion = {"master": "192.0.2.9", "master_finger": ":".join(["ab"] * 32)}
        self.master.profile("small", provider="kvm", wait="running", pin_master=False, minion=minion)
        # it would wait for 900 s for a minion that never tells this master
        made = self.create("web")
        self.assertNotIn("started", made["minion"])
        said = cloud_config(self.seed("web"))
        self.assertNotIn("write_files", said)
        conf = {**minion, "id": "web"}
        self.assertEqual(said["salt_minion"]["conf"], conf)


if __name__ == "__main__":
    unittest.main()
