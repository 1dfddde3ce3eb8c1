"""The runner and the roster that Salt had itself up to 3007, by orchestrations, reactors and salt-ssh."""

import importlib.util
import inspect
import json
import os
import shutil
import subprocess
import sys
import unittest

from case import CloudCase, at_the_ends
from master import ROOT, end, free_ports

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"

# An answer in which the server `web` is on loopback, and no other has an address.
_MOVED = """
import json, sys
answer = json.loads(sys.stdin.readline())
for server in answer.get("result", {}).get("servers", ()):
    server.update(public_ips=["127.0.0.1"] if server["name"] == "web" else [], private_ips=[])
print(json.dumps(answer))
"""

_WHERE = "echo from $SSH_CONNECTION"


def _has(module):
    return importlib.util.find_spec(module) is not None


class Runner(CloudCase):
    def run_(self, function, *arguments):
        outcome = self.master.run("salt-run", function, *arguments)
        self.assertEqual(outcome.code, 0, outcome)
        return outcome.data

    def event(self, tag):
        outcome = self.master.run("salt-run", "event.send", f"test/{tag}", "{}")
        self.assertEqual(outcome.stdout.strip(), "true", outcome)

    def orchestrate(self, name, *steps):
        """What each step of an orchestration came to."""
        srv = self.master.top / "srv"
        srv.mkdir(exist_ok=True)
        states = {}
        for number, (function, arguments) in enumerate(steps):
            step = [{"name": function}, {"order": number + 1}, *({key: value} for key, value in arguments.items())]
            states[f"step {number}"] = {"salt.runner": step}
        (srv / f"{name}.sls").write_text(json.dumps(states))
        outcome = self.master.run("salt-run", "state.orchestrate", name)
        return outcome, {one["__id__"]: one for one in next(iter(outcome.data["data"].values())).values()}

    @unittest.skipUnless(_has("salt.runners.cloud"), "this Salt has no runner `cloud`")
    def test_its_functions_and_their_arguments_are_those_of_salts_own(self):
        import salt.runners.cloud as salts  # pylint: disable=import-outside-toplevel,import-error

        spec = importlib.util.spec_from_file_location("va_cloud", ROOT / "salt" / "runners" / "va_cloud.py")
        ours = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(ours)
        for name, function in inspect.getmembers(salts, inspect.isfunction):
            if not name.startswith("_"):
                with self.subTest(name):
                    self.assertEqual(inspect.signature(getattr(ours, name)), inspect.signature(function))

    @at_the_ends
    def test_an_orchestration_creates_acts_and_destroys(self):
        path = self.master.map({"small": ["m1"]})
        outcome, steps = self.orchestrate(
            "whole",
            ("va_cloud.profile", {"prof": "small", "instances": ["a"]}),
            ("va_cloud.create", {"provider": "kvm", "instances": "c", "image": "guest.qcow2", "wait": "running"}),
            # the word that orchestrations have used so far
            ("cloud.map_run" if not _has("salt.runners.cloud") else "va_cloud.map_run", {"path": path}),
            ("va_cloud.action", {"func": "stop", "instances": "a,c", "timeout": 0}),
            ("va_cloud.full_query", {}),
            ("va_cloud.destroy", {"instances": "a,c"}),
        )
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual({step["result"] for step in steps.values()}, {True}, outcome)
        answers = [steps[f"step {number}"]["changes"]["return"] for number in range(6)]
        created = [(name, node["created"]) for answer in answers[:3] for name, node in answer.items()]
        self.assertEqual(created, [("a", True), ("c", True), ("m1", True)], outcome)
        self.assertEqual(sorted(answers[3]["kvm"]["va_libvirt"]), ["a", "c"], outcome)
        states = {name: node["state"] for name, node in answers[4]["kvm"]["va_libvirt"].items()}
        self.assertEqual((states["a"], states["m1"]), ("stopped", "running"), outcome)
        self.assertEqual(sorted(answers[5]["kvm"]["va_libvirt"]), ["a", "c"], outcome)
        self.assertEqual((self.host.domains(), self.master.keys()), (["m1"], ["m1"]), outcome)
        self.assertEqual(list(self.run_("va_cloud.destroy", "m1")["kvm"]["va_libvirt"]), ["m1"])
        self.nothing_is_left(outcome)

    @at_the_ends
    def test_what_fails_is_a_failed_step(self):
        self.master.profile("broken", provider="kvm", image="absent.qcow2")
        failing = (
            ("va_cloud.profile", {"prof": "broken", "instances": "a"}, "not_found.*absent.qcow2"),
            ("va_cloud.profile", {"prof": "broken", "instances": "a,b"}, "not_found.*absent.qcow2"),
            ("va_cloud.profile", {"prof": "small"}, "instances=NAME"),
            ("va_cloud.profile", {"prof": "absent", "instances": "a"}, "absent is not defined"),
            ("va_cloud.create", {"provider": "absent", "instances": "a"}, "no provider absent"),
            ("va_cloud.action", {"func": "stop"}, "[Ii]nstance.*provider"),
            ("va_cloud.list_images", {"provider": "absent"}, "absent"),
        )
        outcome, steps = self.orchestrate("broken", *(one[:2] for one in failing), ("va_cloud.query", {}))
        self.assertEqual(outcome.code, 1, outcome)
        self.assertNotIn("Traceback", outcome.stdout, outcome)
        for number, (function, arguments, why) in enumerate(failing):
            with self.subTest(function, **arguments):
                self.assertIs(steps[f"step {number}"]["result"], False, outcome)
                self.assertRegex(json.dumps(steps[f"step {number}"]), why)
        self.assertIs(steps[f"step {len(failing)}"]["result"], True, outcome)
        self.nothing_is_left()

    @at_the_ends
    def test_a_reactor_creates_and_acts_on_and_destroys_what_another_waits_for(self):
        ready = self.master.top / "ready"
        reactions = {
            "test/ready": {"runner.salt.cmd": [{"args": [{"fun": "file.touch"}, {"name": str(ready)}]}]},
            "test/create": {"runner.va_cloud.profile": [{"args": [{"prof": "small"}, {"instances": "web"}]}]},
            "test/stop": {"runner.va_cloud.action": [{"args": [{"func": "stop"}, {"instance": "web"}, {"timeout": 0}]}]},
            "test/destroy": {"runner.va_cloud.destroy": [{"args": [{"instances": "web"}]}]},
        }
        reactor = []
        for tag, reaction in reactions.items():
            file = self.master.top / f"{tag.partition('/')[2]}.sls"
            file.write_text(json.dumps({"react": reaction}))
            reactor.append({tag: [str(file)]})
        self.master.configure_master(reactor=reactor)
        process = self.master.run_master()
        self.addCleanup(end, process)
        # the reactor begins to listen some time after the master
        self.await_(lambda: ready.exists() or self.event("ready"), 120)
        self.event("create")
        self.await_(lambda: self.host.domains() == ["web"] and self.host.state("web") == "running", 240)
        self.await_(lambda: self.master.keys() == ["web"], 240)
        self.event("stop")
        self.await_(lambda: self.host.state("web") == "shut off", 240)
        self.event("destroy")
        self.await_(lambda: not self.host.domains() and not self.host.volumes() and not self.master.keys(), 240)


@unittest.skipUnless(os.geteuid() == 0 and os.access(SSHD, os.X_OK), "no sshd, or not root")
class Roster(CloudCase):
    def sshd(self):
        """An sshd on loopback that lets root in with a key; the port, and the key's file."""
        top = self.top / "sshd"
        top.mkdir()
        for name in "host", "client":
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(top / name)], check=True)
        (port,) = free_ports(1)
        lines = (
            f"Port {port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {top / 'host'}",
            f"AuthorizedKeysFile {top / 'client.pub'}",
            "PidFile none",
            "StrictModes no",
            "PermitRootLogin yes",
            "PasswordAuthentication no",
            "UsePAM no",
        )
        (top / "config").write_text("\n".join(lines) + "\n")
        # a /run of its own, so that nothing is made in this machine's
        start = f"mount -t tmpfs none /run && mkdir -m 755 /run/sshd && exec {SSHD} -D -e -f {top / 'config'}"
        with open(top / "log", "w", encoding="utf-8") as log:
            process = subprocess.Popen(["unshare", "-m", "sh", "-c", start], stdout=log, stderr=log)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.await_(lambda: "Server listening" in (top / "log").read_text())
        return port, top / "client"

    @at_the_ends
    def test_salt_ssh_reaches_a_server(self):
        port, key = self.sshd()
        # the guest has no sshd: the one of this test is put in its place
        told = self.script(f"#!/bin/sh\nDRIVER \"$@\" | {sys.executable} -c '{_MOVED}'\n")
        login = {"ssh_username": "root", "private_key": str(key), "ssh_port": port}
        self.master.provider("kvm", **self.host.settings(), va_driver=str(told), **login)
        self.master.provider("away", uri="qemu+tcp://127.0.0.1:1/system")
        self.create("web")
        self.create("lost")
        outcome = self.master.run("salt-ssh", "--roster", "va_cloud", "-i", "-r", "-L", "web,lost", _WHERE)
        self.assertEqual(list(outcome.data), ["web"], outcome)
        self.assertIn(f" 127.0.0.1 {port}", outcome.data["web"]["stdout"], outcome)
        self.assertIn("lost has no address", outcome.stderr, outcome)
        # the word that has been used so far
        roster = "va_cloud" if _has("salt.roster.cloud") else "cloud"
        outcome = self.master.run("salt-ssh", "--roster", roster, "-i", "-r", "w*", _WHERE)
        self.assertEqual(list(outcome.data), ["web"], outcome)
        self.assertIn(f" 127.0.0.1 {port}", outcome.data["web"]["stdout"], outcome)


if __name__ == "__main__":
    unittest.main()
