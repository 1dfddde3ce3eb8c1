"""A libvirt daemon of the demo's own: started, asked by virsh, stopped."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .failure import Failure
from .interrupts import Interrupts

LIBVIRTD = Path(__file__).resolve().parents[2] / "bed" / "libvirtd"


class Bed:
    """A session daemon whose files all lie below `directory`, where the demo has room of its own too."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._home = directory / "b"  # short, as it is part of the names of sockets
        self._env: dict[str, str] = {}

    def start(self) -> None:
        """Starts it."""
        # In sessions of their own, this and all that the demo starts do not hear the terminal's Ctrl-C.
        done = subprocess.run(
            [LIBVIRTD, "start-session", self._home], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        if done.returncode != 0:
            raise Failure("libvirt did not start; it said why above")
        self._env = dict(line.split("=", 1) for line in done.stdout.splitlines())

    def stop(self) -> None:
        """Ends it with all its guests; right in every state, also twice."""
        subprocess.run([LIBVIRTD, "stop", self._home], check=True, start_new_session=True)

    @property
    def uri(self) -> str:
        """The daemon's URI."""
        return self._env["VA_URI_UNIX"]

    @property
    def user(self) -> str:
        """Whom the daemon and its guests run as."""
        return self._env["VA_RUN_AS"]

    def directory_for_guests(self, name: str) -> Path:
        """A new directory that guests' processes can write to."""
        path = self._home / name
        path.mkdir()
        owner = pwd.getpwnam(self.user)
        if owner.pw_uid != os.geteuid():
            os.chown(path, owner.pw_uid, owner.pw_gid)
        return path

    def servers(self) -> list[str]:
        """The names of all domains, running or not."""
        return self._virsh("list", "--all", "--name")

    def volumes(self) -> list[str]:
        """The names of all volumes."""
        return sorted(line.split()[0] for line in self._virsh("vol-list", self._env["VA_POOL"]))

    def processes(self) -> list[str]:
        """The command lines of all processes that have the directory in them."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue  # it has ended
            if f"{self.directory}/" in line:
                found.append(line.strip())
        return found

    def _virsh(self, *arguments: str) -> list[str]:
        command = ["virsh", "-q", "-c", self.uri, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, start_new_session=True)
        if done.returncode != 0:
            raise Failure(f"virsh {' '.join(arguments)}: {done.stderr.strip()}")
        return [line.strip() for line in done.stdout.splitlines() if line.strip()]


@contextmanager
def private_bed(interrupts: Interrupts) -> Iterator[Bed]:
    """A bed in a new directory below /tmp, not yet started. Afterwards, whatever happened, all of it is gone."""
    directory = Path(tempfile.mkdtemp(prefix="va-", dir="/tmp"))
    bed = Bed(directory)
    try:
        directory.chmod(0o711)  # whoever guests run as must get to their disks
        yield bed
    finally:
        interrupts.hold()
        bed.stop()
        shutil.rmtree(directory)
