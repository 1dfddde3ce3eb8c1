"""What a running salt-master hears, and what a driver hears from it."""

import functools
import importlib.util
import json
import os
import pty
import select
import signal
import subprocess
import sys
import threading
import time
import types
import unittest

from case import CloudCase
from master import CLOUDS, DRIVER, SALT_BIN, Outcome, end
from minion import Minion

_LISTEN = """
import json, sys, salt.config, salt.utils.event
opts = salt.config.master_config(sys.argv[1])
with salt.utils.event.get_event("master", sock_dir=opts["sock_dir"], opts=opts, listen=True) as bus:
    bus.connect_pub()
    print("ready", flush=True)
    while True:
        event = bus.get_event(wait=1, full=True)
        if event and event["tag"].startswith(sys.argv[2]):
            print(json.dumps(event), flush=True)
"""

_FIRE = """
import sys, salt.config, salt.utils.event
opts = salt.config.master_config(sys.argv[1])
with salt.utils.event.get_event("master", sock_dir=opts["sock_dir"], opts=opts, listen=False) as bus:
    bus.fire_event({"id": sys.argv[2]}, "salt/minion/" + sys.argv[2] + "/start")
"""


def _answers_ping(name, event):
    return event["tag"].endswith(f"/ret/{name}") and event["data"].get("fun") == "test.ping"


class Events(CloudCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(end, self.master.run_master())

    def listen(self, tags):
        """A process that prints the events whose tags begin so."""
        listener = self.python(_LISTEN, tags)
        self.assertEqual(listener.stdout.readline(), "ready\n")
        return listener

    def heard(self, listener, is_last):
        """The events that the process has printed, as far as the one that ``is_last``."""
        limit = threading.Timer(120, listener.kill)
        limit.start()
        events = []
        for line in listener.stdout:
            events.append(json.loads(line))
            if is_last(events[-1]):
                break
        limit.cancel()
        listener.kill()
        listener.communicate()
        return events

    def minion(self, name):
        """The minion of a server, from its seed; nothing else of the server runs it."""
        self.await_(lambda: name in self.host.domains(), 120)
        minion = Minion(self.top / f"minion-{name}", name, self.seed(name), **self.master.for_minions())
        self.addCleanup(minion.stop)
        minion.start()

    def python(self, text, *arguments):
        command = [str(SALT_BIN / "python"), "-c", text, str(self.master.etc / "master"), *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(process.kill)
        return process

    def test_a_life_is_told_without_secrets(self):
        listener = self.listen("salt/cloud/")
        self.master.profile(
            "small",
            provider="kvm",
            wait="running",
            wait_for_minion=False,
            user_data="#cloud-config\npassword: hidden\n",
        )
        self.create("web")
        self.master.cloud("-d", "web")
        events = self.heard(listener, lambda event: event["tag"].endswith("/destroyed"))
        text = json.dumps(events)
        told = [event["tag"].rpartition("/")[2] for event in events]
        self.assertEqual(told, ["creating", "requesting", "querying", "created", "destroying", "destroyed"])
        self.assertEqual(events[0]["data"]["event"], "starting create")
        self.assertEqual(events[0]["data"]["profile"], "small")
        self.assertEqual(events[1]["data"]["kwargs"]["server_name"], "web")
        self.assertNotIn("PRIVATE KEY", text)
        self.assertNotIn("hidden", text)

    def test_the_minion_is_waited_for_and_the_seed_sealed(self):
        self.master.profile("small", provider="kvm", seal=True, minion_timeout=120)
        process = self.master.start("-p", "small", "web")
        self.await_(self.host.domains)
        time.sleep(3)
        self.assertIsNone(process.poll(), "it does not wait")
        firing = self.python(_FIRE, "web")
        firing.communicate(timeout=30)
        self.assertEqual(firing.returncode, 0)
        stdout, stderr = process.communicate(timeout=300)
        made = json.loads(stdout)["web"]
        self.assertEqual((made["minion"]["started"], made["minion"]["sealed"]), (True, True), stderr)
        seeds = [name for name in self.host.volumes() if name.endswith(".iso")]
        self.assertEqual(len(seeds), 1)
        self.assertNotIn(b"PRIVATE KEY", (self.host.pool / seeds[0]).read_bytes())

    def test_start_action(self):
        # Salt runs it itself after a parallel map, and asks the master of /etc/salt, unless that is said
        where = {"SALT_MASTER_CONFIG": str(self.master.etc / "master")}
        self.master.configure(start_action="test.ping")
        path = self.master.map({"small": ["web2"]})
        for how, name in (("-p", "small", "web1"), "web1"), (("-m", path, "-P"), "web2"):
            with self.subTest(how):
                jobs = self.listen("salt/job/")
                process = self.master.start(*how, **where)
                self.minion(name)
                outcome = Outcome(process, *process.communicate(timeout=300))
                self.assertEqual(outcome.code, 0, outcome)
                made = outcome.data[name]
                self.assertEqual((made["minion"]["started"], made["ready"]), (True, True), outcome)
                self.assertIs(made["ret"], True, outcome)
                events = self.heard(jobs, functools.partial(_answers_ping, name))
                asked = [event["data"] for event in events if event["tag"].endswith("/new")]
                self.assertEqual([job["minions"] for job in asked if job["fun"] == "test.ping"], [[name]])

    def test_start_actions_of_a_profile_in_the_order_of_a_maps_requires(self):
        self.master.profile("small", provider="kvm", start_action="test.ping", minion_timeout=120)
        path = self.master.map({"small": [{"web": {"requires": ["db"]}}, "db"]})
        jobs, started = self.listen("salt/job/"), self.listen("salt/minion/")
        process = self.master.start("-m", path, "-P")
        # the one that is to wait comes first
        self.minion("web")
        self.heard(started, lambda event: event["tag"] == "salt/minion/web/start")
        self.minion("db")
        outcome = Outcome(process, *process.communicate(timeout=300))
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual([outcome.data[name]["ret"] for name in ("db", "web")], [True, True], outcome)
        pings = [
            (tag.split("/")[3], data.get("minions", [data.get("id")])[0])
            for tag, data in (
                (event["tag"], event["data"]) for event in self.heard(jobs, functools.partial(_answers_ping, "web"))
            )
            # 3008 tells of what it publishes as well
            if data.get("fun") == "test.ping" and tag.split("/")[3] in ("new", "ret")
        ]
        self.assertEqual(pings, [("new", "db"), ("ret", "db"), ("new", "web"), ("ret", "web")])

    def test_the_wait_for_minions_is_interrupted_in_parallel(self):
        # Ctrl-C goes to the workers as well; of SIGTERM they learn by salt-cloud
        for how in signal.SIGINT, signal.SIGTERM:
            with self.subTest(how.name):
                names = [f"{how.name.lower()}{number}" for number in (1, 2)]
                listener, created = self.listen("salt/cloud/"), self.listen("salt/cloud/")
                path = self.master.map({"small": names})
                process = self.master.start("-m", path, "-P", own_session=True)
                left = {f"salt/cloud/{name}/querying" for name in names}
                self.heard(listener, lambda event, left=left: left.discard(event["tag"]) or not left)
                if how == signal.SIGINT:
                    os.killpg(process.pid, how)
                else:
                    process.send_signal(how)
                stdout, stderr = process.communicate(timeout=120)
                for name in names:
                    self.assertRegex(stderr, f"ERROR.*{name} runs, but its minion was not waited for", stdout)
                left = {f"salt/cloud/{name}/created" for name in names}
                self.heard(created, lambda event, left=left: left.discard(event["tag"]) or not left)
                self.assertFalse(left)
                self.assertEqual((self.host.domains(), self.master.keys()), (names, names), stderr)
                self.nothing_is_left(self.master.cloud("-d", *names))

    def test_the_wait_for_a_minion_is_interrupted(self):
        for how in signal.SIGINT, signal.SIGTERM:
            listener = self.listen("salt/cloud/")
            name = f"web-{how.name.lower()}"
            # salt-cloud finds out by its stderr that a person sits there
            person, terminal = pty.openpty()
            process = subprocess.Popen(self.master.command("-p", "small", name), stdout=subprocess.PIPE, stderr=terminal)
            os.close(terminal)
            said = self.read(person, "Ctrl-C ends the wait; the server and its key stay")
            self.assertRegex(said, f"{name} runs; waiting up to 900 s for its minion {name} to start")
            process.send_signal(how)
            said = self.read(person, None)
            self.assertRegex(said, f"ERROR.*{name} runs, but its minion was not waited for any longer: server and acc")
            self.assertNotIn("Traceback", said)
            process.communicate(timeout=60)
            os.close(person)
            self.heard(listener, lambda event, name=name: event["tag"] == f"salt/cloud/{name}/created")
        names = ["web-sigint", "web-sigterm"]
        self.assertEqual((self.host.domains(), self.master.keys()), (names, names))

    def read(self, terminal, until):
        """What is printed on a terminal, as far as the text ``until``, or to the end."""
        said = ""
        while until is None or until not in said:
            ready, _, _ = select.select([terminal], [], [], 120)
            self.assertTrue(ready, said)
            try:
                part = os.read(terminal, 4096)
            except OSError:
                # all who had it open have ended
                break
            said += part.decode(errors="replace")
        return said

    def test_a_minion_that_never_starts(self):
        self.master.profile("small", provider="kvm", minion_timeout=3)
        outcome = self.master.cloud("-p", "small", "web")
        self.assertRegex(outcome.stderr, "ERROR.*its minion has not started within 3 s")
        self.assertEqual((outcome.data["web"]["ready"], outcome.data["web"]["minion"]["started"]), (False, False))
        self.assertEqual((self.host.domains(), self.master.keys()), (["web"], ["web"]))

    def test_the_executable_waits_for_the_minion(self):
        process = self.executable_creates("web", seal=True, timeout=120)
        self.await_(self.host.domains)
        while process.poll() is None:
            # salt-run may not listen yet
            self.python(_FIRE, "web").communicate(timeout=30)
        made = json.loads(process.communicate()[0])["result"]
        self.assertEqual((made["created"], made["ready"], made["sealed"]), (True, True, True), made)

    def test_the_executable_does_not_wait_for_ever(self):
        process = self.executable_creates("web", timeout=3)
        made = json.loads(process.communicate(timeout=120)[0])["result"]
        self.assertEqual((made["created"], made["ready"], made["sealed"]), (True, False, False), made)
        self.assertRegex(" ".join(made["warnings"]), "exists but its minion was not heard in time")

    def executable_creates(self, name, **options):
        """``server.create`` that waits for the minion, as a program on this master calls it."""
        provider = {"driver_name": "libvirt", **self.host.settings()}
        server = {"server_name": name, "minion": {"pki_dir": str(self.master.pki)}}
        params = {"provider": provider, "server": server, "wait": "minion", **options}
        process = subprocess.Popen(
            [DRIVER, "rpc"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PATH": f"{SALT_BIN}:{os.environ['PATH']}",
                "SALT_CONFIG_DIR": str(self.master.etc),
                "VA_DRIVER_STATE_DIR": str(self.master.state),
            },
        )
        self.addCleanup(process.kill)
        process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "server.create", "params": params}) + "\n")
        process.stdin.close()
        process.stdin = None
        return process


class Wait(unittest.TestCase):
    def test_it_is_told_at_once_and_then_again_and_again(self):
        directory = CLOUDS / "_va_driver"
        spec = importlib.util.spec_from_file_location(
            "va_events", directory / "__init__.py", submodule_search_locations=[str(directory)]
        )
        sys.modules["va_events"] = package = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(package)
        event = sys.modules["va_events.start_event"].StartEvent
        listening = types.SimpleNamespace(_thread=threading.current_thread(), _come=threading.Event())
        told = []
        self.assertFalse(event.wait(listening, 3.5, told.append, every=1))
        self.assertEqual(told, [0, 1, 2, 3])
        listening._come.set()
        self.assertTrue(event.wait(listening, 3, told.append))
        self.assertEqual(len(told), 4)


if __name__ == "__main__":
    unittest.main()
