"""Maps, one after the other and in parallel."""

import os
import signal
import unittest
from pathlib import Path

from case import CloudCase


def processes_of(group):
    """The processes of a group that still run: one that only waits to be reaped does not."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _, its_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_group) == group and state != "Z":
            found.append(int(entry.name))
    return found


class Maps(CloudCase):
    def test_maps(self):
        entries = [{"m1": {"storage_disk": 1}}, {"m2": {"minion": {"id": "second"}}}, {"m3": {"image": "absent"}}]
        path = self.master.map({"small": entries})
        for how in (), ("-P",):
            with self.subTest(how):
                outcome = self.master.cloud("-m", path, *how)
                self.assertEqual(self.host.domains(), ["m1", "m2"], outcome)
                self.assertEqual(self.master.keys(), ["m1", "second"], outcome)
                self.assertEqual(len(self.host.volumes()), 5, outcome)
                self.assertRegex(outcome.data["m3"]["Error"], "not_found.*absent")
                again = self.master.cloud("-m", path, *how)
                self.assertEqual(again.data["m1"], {"Message": "Already running."}, again)
                self.assertEqual(self.master.keys(), ["m1", "second"], again)
                outcome = self.master.cloud("-m", path, "-d", *how)
                self.nothing_is_left(outcome)

    def test_ten_at_once(self):
        names = [f"n{number}" for number in range(10)]
        path = self.master.map({"small": names})
        told = self.top / "told"
        self.master.provider("kvm", **self.host.settings(), va_driver=str(self.listening(told)))
        outcome = self.master.cloud("-m", path, "-P")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(self.host.domains(), names, outcome)
        self.assertEqual([self.host.state(name) for name in names], ["running"] * 10, outcome)
        self.assertEqual(told.read_text().count('"server.create"'), 10)
        self.assertEqual(len(self.host.volumes()), 20, outcome)
        self.assertEqual(self.master.keys(), names, outcome)
        self.assertEqual(len({self.key_fingerprint(name) for name in names}), 10)
        for name in names:
            self.assertEqual(outcome.data[name]["minion"]["fingerprint"], self.key_fingerprint(name))
        outcome = self.master.cloud("-m", path, "-d", "-P")
        self.assertEqual(outcome.code, 0, outcome)
        self.nothing_is_left(outcome)

    def test_a_failure_in_parallel(self):
        self.master.profile("unknown", provider="kvm", image="absent.qcow2")
        outcome = self.master.cloud("-P", "-p", "unknown", "web")
        self.assertRegex(outcome.stderr, "ERROR.*not_found.*absent.qcow2")
        self.nothing_is_left(outcome)

    def test_an_action_by_map(self):
        path = self.master.map({"small": ["a", "b"]})
        self.create("a")
        self.host.virsh("destroy", "a")
        outcome = self.master.cloud("-m", path, "-a", "start")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual((self.host.domains(), self.host.state("a")), (["a"], "running"), outcome)

    def test_ctrl_c_in_parallel(self):
        # its workers are ended together with salt-cloud, which must not wait for them for ever
        path = self.master.map({"small": ["a", "b"]})
        process = self.master.start("-m", path, "-P", own_session=True)
        self.await_(self.host.volumes)
        os.killpg(process.pid, signal.SIGINT)
        stdout, stderr = process.communicate(timeout=120)
        # they end by themselves, a moment after the one that they work for
        self.await_(lambda: not processes_of(process.pid))
        self.nothing_is_left(stdout + stderr)


if __name__ == "__main__":
    unittest.main()
