"""What the benchmarks run on: our program, a directory for the run, a libvirt or an OpenStack of their own."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROGRAM = TARGET / "release" / "va-driver"
CACHE = pathlib.Path(os.environ.get("VA_CACHE", ROOT / ".cache"))
GUEST = pathlib.Path(os.environ.get("VA_GUEST_IMAGE", CACHE / "guest.qcow2"))


@contextlib.contextmanager
def directory():
    """A directory that is gone afterwards. Our program keeps its journals in it."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="va-bench-", dir="/tmp"))
    path.chmod(0o711)  # guests run as another user
    os.environ["VA_DRIVER_STATE_DIR"] = str(path / "state")
    try:
        yield path
    finally:
        shutil.rmtree(path)


class Bed:
    """A system daemon of libvirt's, and what asks it."""

    def __init__(self, path):
        answer = run([ROOT / "tests/bed/libvirtd", "start-system", path])
        values = dict(line.split("=", 1) for line in answer.splitlines())
        self.uri = values["VA_URI_UNIX"]
        self.tcp_port = values["VA_TCP_PORT"]
        self.pool = pathlib.Path(values["VA_POOL_DIR"])
        self.network = values["VA_NETWORK"]
        self.path = pathlib.Path(values["VA_BED"])

    def virsh(self, *arguments):
        return ["virsh", "-q", "-c", self.uri, *arguments]

    def ours(self, *arguments):
        return [PROGRAM, *arguments, "--uri", self.uri]

    def inside(self, *command):
        """A command that sees the daemon's /var/lib/libvirt: a peer that puts files there for it."""
        return ["nsenter", "--mount", "--target", (self.path / "libvirtd.pid").read_text().strip(), "--", *command]

    def script(self, lines):
        """Many commands in one virsh, which is the fast way."""
        subprocess.run(self.virsh(), input="\n".join(lines), text=True, check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def libvirt():
    """A bed and its directory, stopped and gone afterwards."""
    if os.geteuid() != 0:
        raise SystemExit("this one needs root, for a system daemon of libvirt's")
    with directory() as path:
        bed_path = path / "bed"
        try:
            yield Bed(bed_path), path
        finally:
            run([ROOT / "tests/bed/libvirtd", "stop", bed_path])


class Cloud:
    """A private OpenStack, and the ways in."""

    def __init__(self, path):
        answer = run([ROOT / "tests/bed/openstack", "start", path])
        self.values = dict(line.split("=", 1) for line in answer.splitlines())
        self.path = path
        self.auth_url = self.values["VA_OS_AUTH_URL"]

    def provider(self, **others):
        """The provider record that our program takes."""
        return {
            "driver_name": "openstack",
            "provider_name": "bench",
            "host_ip": self.auth_url,
            "username": self.values["VA_OS_USERNAME"],
            "password": self.values["VA_OS_PASSWORD"],
            "tenant": self.values["VA_OS_PROJECT"],
            "region": self.values["VA_OS_REGION"],
            **others,
        }

    def settings(self):
        """The environment that OpenStack's own clients take."""
        names = {"AUTH_URL": "AUTH_URL", "USERNAME": "USERNAME", "PASSWORD": "PASSWORD"}
        names |= {"PROJECT_NAME": "PROJECT", "REGION_NAME": "REGION"}
        names |= {"USER_DOMAIN_NAME": "DOMAIN", "PROJECT_DOMAIN_NAME": "DOMAIN"}
        return {f"OS_{theirs}": self.values[f"VA_OS_{ours}"] for theirs, ours in names.items()}

    def ports(self):
        """The ports of its services."""
        return list(json.loads((self.path / "state/bed.json").read_text())["ports"].values())


@contextlib.contextmanager
def openstack():
    """An OpenStack and a directory, stopped and gone afterwards."""
    with directory() as path:
        bed_path = path / "cloud"
        try:
            yield Cloud(bed_path), path
        finally:
            run([ROOT / "tests/bed/openstack", "stop", bed_path])


class Session:
    """One `va-driver rpc` that is asked again and again."""

    def __init__(self):
        self.process = subprocess.Popen([PROGRAM, "rpc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self.process.stdin.close()
        self.process.wait()

    def send(self, number, method, **params):
        call = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        self.send_line(json.dumps(call))

    def send_line(self, line):
        print(line, file=self.process.stdin, flush=True)

    def receive(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, method, **params):
        """A request that must succeed."""
        self.send(1, method, **params)
        answer = self.receive()
        assert "result" in answer, answer


def run(command, **options):
    """Runs a command that must succeed; answers what it printed."""
    return subprocess.run(list(map(str, command)), check=True, text=True, stdout=subprocess.PIPE, **options).stdout
