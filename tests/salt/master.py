"""A Salt master's machine in a directory of its own: configuration, keys, salt-cloud, perhaps a master."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLOUDS = ROOT / "salt" / "clouds"
RUNNERS = ROOT / "salt" / "runners"
ROSTERS = ROOT / "salt" / "roster"
SALT_BIN = pathlib.Path(os.environ.get("VA_SALT_BIN", "/nowhere"))
DRIVER = os.environ.get("VA_DRIVER", str(ROOT / "target" / "release" / "va-driver"))


LOOPBACK = "127.0.0.1"

# A script's background has us ignore it, and what we start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def free_ports(count, address=LOOPBACK):
    """Ports of this machine's ``address`` that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind((address, 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Outcome:
    """What a run of one of Salt's programs came to."""

    def __init__(self, process, stdout, stderr):
        self.code = process.returncode
        self.stdout = stdout
        self.stderr = stderr

    @property
    def data(self):
        """What it printed as JSON; Salt prints other lines before that."""
        at = self.stdout.find("{")
        if at < 0:
            raise AssertionError(f"no JSON: {self}")
        return json.loads(self.stdout[at:])

    def __str__(self):
        return f"exit code {self.code}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


class Master:
    """The directory ``top``; ``load`` is how Salt finds the drivers, ``settings`` are the master's own."""

    def __init__(self, top, load="cloud_dirs", salt_bin=SALT_BIN, **settings):
        self.top = pathlib.Path(top)
        self.bin = salt_bin
        self.etc = self.top / "etc" / "salt"
        self.pki = self.top / "etc" / "salt" / "pki" / "master"
        self.state = self.top / "state"
        for name in ("cloud.conf.d", "cloud.providers.d", "cloud.profiles.d", "cloud.maps.d"):
            (self.etc / name).mkdir(parents=True)
        for name in ("minions", "minions_pre", "minions_rejected", "minions_denied", "minions_autosign"):
            (self.pki / name).mkdir(parents=True)
        self.state.mkdir()
        # what a master makes at its start, and salt-run needs
        (self.top / "cache" / "proc").mkdir(parents=True)
        common = {
            "root_dir": str(self.top),
            "user": "root",
            "pki_dir": str(self.pki),
            "sock_dir": str(self.top / "sock"),
            "cachedir": str(self.top / "cache"),
            "log_file": str(self.top / "log"),
            "file_roots": {"base": [str(self.top / "srv")]},
            "extension_modules": str(self.top / "extmods"),
        }
        publish_port, self.ret_port = free_ports(2, settings.get("interface", LOOPBACK))
        ports = {"interface": LOOPBACK, "publish_port": publish_port, "ret_port": self.ret_port, "worker_threads": 2}
        # salt-call is another of the machine's programs
        self.write("minion", {**common, "id": "master", "pki_dir": str(self.top / "etc" / "salt" / "pki" / "minion")})
        self.master_conf = {**common, **ports, "runner_dirs": [str(RUNNERS)], "roster_dirs": [str(ROSTERS)], **settings}
        self.write("master", self.master_conf)
        self.cloud_conf = {
            **common,
            "keysize": 2048,
            "va_driver": {"path": DRIVER, "state_dir": str(self.state)},
            "minion": {"master": "192.0.2.1"},
        }
        if load == "cloud_dirs":
            self.cloud_conf["cloud_dirs"] = [str(CLOUDS)]
        self.write("cloud", self.cloud_conf)

    def write(self, name, content):
        """Writes a file of the configuration; JSON is YAML."""
        (self.etc / name).write_text(json.dumps(content, indent=1))

    def for_minions(self):
        """Where a minion on this machine finds this master."""
        return {"master": LOOPBACK, "master_port": self.ret_port}

    def configure(self, **settings):
        """Changes the cloud configuration."""
        self.cloud_conf.update(settings)
        self.write("cloud", self.cloud_conf)

    def configure_master(self, **settings):
        """Changes the master's configuration, which is a part of the cloud's."""
        self.master_conf.update(settings)
        self.write("master", self.master_conf)

    def provider(self, name, driver="va_libvirt", **settings):
        """Writes a provider."""
        self.write(f"cloud.providers.d/{name}.conf", {name: {"driver": driver, **settings}})

    def profile(self, name, **settings):
        """Writes a profile."""
        self.write(f"cloud.profiles.d/{name}.conf", {name: settings})

    def map(self, entries, name="map"):
        """Writes a map; its path."""
        self.write(f"cloud.maps.d/{name}", entries)
        return str(self.etc / "cloud.maps.d" / name)

    def command(self, *arguments):
        """What starts salt-cloud."""
        return [str(self.bin / "salt-cloud"), "-c", str(self.etc), "--out=json", "-y", *arguments]

    def start(self, *arguments, stdin=subprocess.DEVNULL, own_session=False, **environment):
        """Starts salt-cloud."""
        return subprocess.Popen(
            self.command(*arguments),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=own_session,
            env={**os.environ, **environment},
        )

    def cloud(self, *arguments, **environment):
        """Runs salt-cloud."""
        process = self.start(*arguments, **environment)
        return _outcome(process)

    def run(self, program, *arguments, **environment):
        """Runs another of Salt's programs, such as salt-run."""
        command = [str(self.bin / program), "-c", str(self.etc), "--out=json", *arguments]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        return _outcome(process)

    def cloud_states(self, name, **members):
        """Writes the states `present` and `absent`, of a server of the provider `kvm`."""
        states = self.top / "srv"
        states.mkdir(exist_ok=True)
        present = [{"cloud_provider": "kvm"}, *({member: value} for member, value in members.items())]
        (states / "present.sls").write_text(json.dumps({name: {"cloud.present": present}}))
        (states / "absent.sls").write_text(json.dumps({name: {"cloud.absent": []}}))

    def state_command(self, sls):
        """What applies a state on this machine."""
        return [str(self.bin / "salt-call"), "--local", "-c", str(self.etc), "--out=json", "state.apply", sls]

    def keys(self):
        """The ids whose keys are accepted."""
        return sorted(os.listdir(self.pki / "minions"))

    def accept(self, id_, text="another machine's key\n"):
        """Accepts a key that is nobody's."""
        (self.pki / "minions" / id_).write_text(text)

    def run_master(self):
        """Starts a salt-master, and waits until it can be heard."""
        with open(self.top / "master.log", "w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [str(self.bin / "salt-master"), "-c", str(self.etc)], stdout=log, stderr=log, start_new_session=True
            )
        limit = time.monotonic() + 300
        while not (self.top / "sock" / "master_event_pub.ipc").exists():
            if time.monotonic() > limit or process.poll() is not None:
                if process.poll() is None:
                    end(process)
                raise AssertionError((self.top / "master.log").read_text())
            time.sleep(0.2)
        return process


def _outcome(process):
    try:
        return Outcome(process, *process.communicate(timeout=300))
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def end(process):
    """Ends what `run_master` has started, with its processes."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
