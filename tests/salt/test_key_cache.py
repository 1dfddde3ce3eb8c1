"""Salt 3008's key cache in one file, beside which salt-cloud writes files that alone do not make a minion accepted."""

import json
import os
import subprocess
import unittest

import salt.version
from case import CloudCase
from master import SALT_BIN, end
from minion import Minion

_KEYS = """
import json, sys, salt.cache, salt.config
opts = salt.config.master_config(sys.argv[1])
cache = salt.cache.Cache(opts, driver=opts["keys.cache_driver"])
for id_, state, key in json.loads(sys.argv[2]):
    cache.store("keys", id_, {"state": state, "pub": key})
print(json.dumps({id_: cache.fetch("keys", id_) for id_ in cache.list("keys")}))
"""


@unittest.skipUnless(salt.version.__saltstack_version__.major >= 3008, "Salt has such caches since 3008")
class KeyCache(CloudCase):
    def setUp(self):
        super().setUp()
        self.master.configure_master(**{"keys.cache_driver": "mmap_key", "mmap_key_size": 1000})

    def keys(self, *add):
        """What the cache has, after adding (id, state, key)."""
        command = [str(SALT_BIN / "python"), "-c", _KEYS, str(self.master.etc / "master"), json.dumps(add)]
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)

    def test_a_life(self):
        self.keys(["other", "accepted", "the key of another\n"])
        self.create("web")
        found = self.keys()
        self.assertEqual({id_: key["state"] for id_, key in found.items()}, {"other": "accepted", "web": "accepted"})
        outcome = self.master.run("salt-key", "-L")
        self.assertEqual(outcome.data["minions"], ["other", "web"], outcome)

        process = self.master.run_master()
        self.addCleanup(end, process)
        minion = Minion(self.top / "minion", "web", self.seed("web"), **self.master.for_minions())
        said = minion.call("test.ping")
        self.assertEqual(said.returncode, 0, said.stdout)
        self.assertIs(json.loads(said.stdout[said.stdout.index("{") :])["local"], True, said.stdout)

        outcome = self.master.cloud("-d", "web")
        self.nothing_is_left(outcome)
        self.assertEqual(list(self.keys()), ["other"], outcome)

    def test_a_failed_creation(self):
        self.master.profile("unknown", provider="kvm", image="absent.qcow2")
        outcome = self.master.cloud("-p", "unknown", "web")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertEqual(self.keys(), {}, outcome)
        self.nothing_is_left(outcome)

    def test_another_machines_key(self):
        for state in "accepted", "pending", "rejected":
            self.keys(["web", state, "the key of another\n"])
            outcome = self.master.cloud("-p", "small", "web")
            self.assertEqual(outcome.code, 1, outcome)
            self.assertRegex(outcome.stderr, f"ERROR.*another key for web, {state}")
            self.assertEqual(self.keys(), {"web": {"state": state, "pub": "the key of another\n"}}, outcome)
            self.nothing_is_left(outcome)

    def test_another_key_at_destruction(self):
        self.create("web")
        self.keys(["web", "accepted", "the key of another\n"])
        self.master.accept("web", "the key of another\n")
        outcome = self.master.cloud("-d", "web")
        self.assertEqual(self.host.domains(), [], outcome)
        self.assertEqual(self.keys(), {"web": {"state": "accepted", "pub": "the key of another\n"}}, outcome)
        self.assertEqual(self.master.keys(), ["web"], outcome)


if __name__ == "__main__":
    unittest.main()
