"""A Salt master that runs and whose minions are real."""

import json
import pathlib
import socket
import subprocess
import time

from master import ROOT, Master, Outcome
from process import Process

# Seconds until a guest has booted, and until its minion has answered. Emulated, three at a time, on two busy cores.
BOOT = 1500
ANSWER = 180


class LiveMaster(Master):
    """A master of the Salt line ``line``, which guests reach at ``address``."""

    def __init__(self, top, line, address):
        venv = subprocess.run([ROOT / "tests" / "salt" / "venv", line], stdout=subprocess.PIPE, text=True, check=True)
        self.line = line
        self.address = address
        salt_bin = pathlib.Path(venv.stdout.strip()) / "bin"
        super().__init__(top, salt_bin=salt_bin, interface=address, log_level="info")
        self.configure(minion=self.minion())
        self._states()

    def minion(self):
        """How a minion finds this master."""
        return {"master": self.address, "master_port": self.ret_port}

    def begin(self):
        """Starts the master, and waits until minions can come."""
        command = [self.bin / "salt-master", "-c", self.etc]
        self.process = Process(self.top, "master", command)
        end = time.monotonic() + 120
        while not self._is_up():
            if time.monotonic() > end or self.process.returncode is not None:
                raise AssertionError(f"no master of Salt {self.line}\n{self.tail()}")
            time.sleep(0.2)

    def create_by_map(self, entries):
        """Starts ``salt-cloud -m MAP -P`` with ``entries`` of the profile `small`."""
        return Process(self.top, "create-map", self.command("-P", "-m", self.map({"small": entries})))

    def create_by_state(self, name, **members):
        """Starts a ``cloud.present`` of the server ``name``."""
        self.cloud_states(name, **members)
        return Process(self.top, f"create-{name}", self.state_command("present"))

    def salt(self, name, *arguments):
        """What the minion ``name`` answers."""
        # not --static, which asks twice
        command = [self.bin / "salt", "-c", self.etc, "--out=json", "-t", str(ANSWER), name, *arguments]
        done = subprocess.run(
            [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False
        )
        try:
            return json.loads(done.stdout)[name]
        except (ValueError, KeyError):
            raise AssertionError(f"{name} does not answer: {Outcome(done, done.stdout, done.stderr)}") from None

    def public_key(self):
        """Its own key."""
        return (self.pki / "master.pub").read_text()

    def tail(self):
        """The ends of what it and the commands have said."""
        paths = [self.top / "log", *sorted(self.top.glob("*.stdout")), *sorted(self.top.glob("*.stderr"))]
        return "\n".join(f"--- {path.name}\n{_end(path)}" for path in paths if path.exists())

    def _states(self):
        """What ``state.apply`` does on a minion: it leaves a file."""
        states = self.top / "srv"
        states.mkdir(exist_ok=True)
        (states / "top.sls").write_text(json.dumps({"base": {"*": ["marker"]}}))
        name = "/etc/va-marker"
        text = "{{ grains['role'] }} {{ grains['rack'] }}"
        (states / "marker.sls").write_text(json.dumps({name: {"file.managed": [{"contents": text}]}}))

    def _is_up(self):
        if not (self.top / "sock" / "master_event_pub.ipc").exists() or not (self.pki / "master.pub").exists():
            return False
        try:
            socket.create_connection((self.address, self.ret_port), 1).close()
        except OSError:
            return False
        return True


def _end(path, lines=60):
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
