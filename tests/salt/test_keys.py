"""The keys of minions on the master: which come, which go, which stay."""

import json
import subprocess
import unittest

from case import CloudCase
from master import SALT_BIN


# Puts down what a master keeps of the minions, or tells whose is there.
_REMEMBERED = """
import json, sys, salt.cache, salt.config, salt.version
cache = salt.cache.factory(salt.config.master_config(sys.argv[1]))
of = lambda id_: (("minions/" + id_, "data"), ("minions/" + id_, "mine"))
if salt.version.__saltstack_version__.major >= 3008:
    of = lambda id_: (("grains", id_), ("pillar", id_), ("pillar", id_ + ":dev"), ("mine", id_))
for id_ in sys.argv[2:]:
    for bank, key in of(id_):
        cache.store(bank, key, {"a": 1})
print(json.dumps({id_: [key for bank, key in of(id_) if cache.fetch(bank, key)] for id_ in ("web", "web2")}))
"""


class Keys(CloudCase):
    def remembered(self, *ids):
        """What the master keeps of web and web2, after something is put down for ``ids``."""
        command = [str(SALT_BIN / "python"), "-c", _REMEMBERED, str(self.master.etc / "master"), *ids]
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)

    def test_what_the_master_keeps_of_a_minion_goes_with_its_key(self):
        self.create("web")
        before = self.remembered("web", "web2")
        self.assertTrue(before["web"])
        self.nothing_is_left(self.master.cloud("-d", "web"))
        self.assertEqual(self.remembered(), {"web": [], "web2": before["web2"]})
        # unless that is not wanted, or it is another machine's
        self.master.configure_master(preserve_minion_cache=True)
        self.create("web")
        self.remembered("web")
        self.nothing_is_left(self.master.cloud("-d", "web"))
        self.assertEqual(self.remembered(), before)
        self.master.configure_master(preserve_minion_cache=False)
        self.create("web")
        self.master.accept("web", "the key of another\n")
        self.master.cloud("-d", "web")
        self.assertEqual((self.host.domains(), self.remembered()), ([], before))

    def test_destroy_takes_no_other_key(self):
        self.create("web")
        self.master.accept("web.example.org")
        outcome = self.master.cloud("-d", "web")
        self.assertEqual(self.host.domains(), [], outcome)
        self.assertEqual(self.master.keys(), ["web.example.org"], outcome)

    def test_destroy_without_a_key_asks_for_no_other_and_takes_none(self):
        self.create("web", "--no-deploy")
        self.master.accept("web.example.org")
        self.master.accept("web.example.net")
        for how in ("-P",), ():
            with self.subTest(how):
                outcome = self.master.cloud(*how, "-d", "web")
                self.assertNotIn("Which minion key", outcome.stdout)
                self.assertEqual(self.host.domains(), [], outcome)
                self.assertEqual(self.master.keys(), ["web.example.net", "web.example.org"], outcome)
                if how:
                    self.create("web", "--no-deploy")

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

    def test_a_fully_qualified_id(self):
        self.master.profile("named", provider="kvm", wait="defined", use_fqdn=True, domain="example.org")
        self.assertEqual(self.create("web", profile="named")["minion"]["id"], "web.example.org")
        self.assertEqual(self.master.keys(), ["web.example.org"])
        self.nothing_is_left(self.master.cloud("-d", "web"))

    def test_the_key_of_an_id_of_its_own_that_is_another_machines(self):
        self.master.profile("named", provider="kvm", wait="running", minion={"id": "m1"})
        self.create("web", profile="named")
        self.assertEqual(self.master.keys(), ["m1"])
        self.nothing_is_left(self.master.cloud("-d", "web"))
        self.create("web", profile="named")
        self.master.accept("m1")
        outcome = self.master.cloud("-d", "web")
        self.assertEqual((self.host.domains(), self.master.keys()), ([], ["m1"]), outcome)

    def test_a_failed_destroy_keeps_the_key(self):
        self.create("web")
        self.master.provider("kvm", **self.host.settings(), va_driver=str(self.without_method("server.delete")))
        for how in ("-P", "-d"), ("-d",):
            outcome = self.master.cloud(*how, "web")
            self.assertRegex(outcome.stderr, "ERROR.*web is not destroyed")
            self.assertEqual(outcome.code, 0 if "-P" in how else 1, outcome)
            self.assertEqual((self.host.domains(), self.master.keys()), (["web"], ["web"]), outcome)

    def test_the_key_of_another_machine_is_put_back(self):
        self.master.accept("web", "the key of another\n")
        self.master.accept("m1", "the key of a third\n")
        path = self.master.map({"small": [{"web": {}}, {"other": {"minion": {"id": "m1"}}}]})
        for how in ("-p", "small", "web"), ("-m", path), ("-m", path, "-P"):
            with self.subTest(how):
                outcome = self.master.cloud(*how)
                self.assertEqual(outcome.code, 1 if "-p" in how else 0, outcome)
                said = "ERROR.*another key for web, accepted; it stays as it is.*salt-key -d web"
                self.assertRegex(outcome.stderr, said)
                self.assertEqual((self.host.domains(), self.host.volumes()), ([], []), outcome)
                self.assertEqual(self.master.keys(), ["m1", "web"], outcome)
                keys = self.master.pki / "minions"
                self.assertEqual((keys / "web").read_text(), "the key of another\n")
                self.assertEqual((keys / "m1").read_text(), "the key of a third\n")

    def test_a_key_that_was_rejected(self):
        rejected = self.master.pki / "minions_rejected" / "web"
        rejected.write_text("the key of another\n")
        outcome = self.master.cloud("-p", "small", "web")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertRegex(outcome.stderr, "ERROR.*another key for web, rejected")
        self.nothing_is_left(outcome)
        self.assertEqual(rejected.read_text(), "the key of another\n")


if __name__ == "__main__":
    unittest.main()
