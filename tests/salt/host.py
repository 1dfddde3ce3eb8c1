"""A libvirt host of the tests' own, by the bed of this repository."""

import atexit
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from master import ROOT

IMAGE = os.environ.get("VA_GUEST_IMAGE", str(ROOT / ".cache" / "guest.qcow2"))
BED = str(ROOT / "tests" / "bed" / "libvirtd")


class Host:
    """A libvirt daemon in a directory, with one image in its pool."""

    def __init__(self, image=IMAGE):
        if not os.path.exists(image):
            raise FileNotFoundError(f"no guest image {image}: see make, which builds it, and tests/bed/README.md")
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="va.", dir="/tmp"))
        os.chmod(self.top, 0o711)
        kind = "start-system" if os.geteuid() == 0 else "start-session"
        atexit.register(self.stop)
        lines = subprocess.run(
            [BED, kind, str(self.top / "bed")], stdout=subprocess.PIPE, text=True, check=True
        ).stdout.splitlines()
        self.env = dict(line.split("=", 1) for line in lines)
        self.uri = self.env["VA_URI_UNIX"]
        # for users who may not open the socket; a session's daemon has none
        self.uri_tcp = self.env.get("VA_URI_TCP")
        self.pool = pathlib.Path(self.env["VA_POOL_DIR"])
        self.console = self.top / "bed" / "console"
        self.console.mkdir()
        os.chmod(self.console, 0o777)
        shutil.copy(image, self.pool / "guest.qcow2")
        self.virsh("pool-refresh", "default")

    def stop(self):
        """Ends the daemon and its guests."""
        subprocess.run([BED, "stop", str(self.top / "bed")], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(self.top, ignore_errors=True)

    def crash(self):
        """Kills the daemon; its guests live on."""
        os.kill(int((self.top / "bed" / "libvirtd.pid").read_text()), signal.SIGKILL)

    def restart(self):
        """Starts a system's daemon again after a crash."""
        subprocess.run([BED, "restart", str(self.top / "bed")], check=True, stdout=subprocess.DEVNULL)

    def virsh(self, *arguments):
        """What virsh prints."""
        return subprocess.run(
            ["virsh", "-q", "-c", self.uri, *arguments], stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    def domains(self):
        """The names of all domains."""
        return sorted(self.virsh("list", "--all", "--name").split())

    def state(self, name):
        """A domain's state in virsh's words."""
        return self.virsh("domstate", name).strip()

    def volumes(self):
        """The files of the pool, without the image."""
        return sorted(name for name in os.listdir(self.pool) if name != "guest.qcow2")

    def settings(self):
        """What a provider says of this host."""
        return {
            "uri": self.uri,
            "console_log": str(self.console),
            # two libvirt daemons on one machine can choose the same port
            "graphics": "none",
            "defaults": {"network": "default", "image": "guest.qcow2", "size": "tiny"},
            "flavours": {"tiny": {"num_cpus": 1, "memory": 262144, "vol_capacity": 1}},
        }


_host = []


def host():
    """The host, started when it is first asked for."""
    if not _host:
        _host.append(Host())
    return _host[0]
