"""A machine on which nothing of Salt is set up: this one, with folders and a network of its own."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from master import DRIVER, ROOT, SALT_BIN, Outcome

# What is changed in there stays in there.
_OVER = ("etc", "usr/share", "var")
_SETUP = """
set -e
mount -t tmpfs tmpfs TOP
for dir in OVER; do
    mkdir -p TOP/upper/$dir TOP/work/$dir
    mount -t overlay -o lowerdir=/$dir,upperdir=TOP/upper/$dir,workdir=TOP/work/$dir overlay /$dir
done
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /srv
rm -rf /etc/salt /usr/share/va-driver
ip link set lo up
touch TOP/ready
exec sleep infinity
"""


class FreshMachine:
    """For root only."""

    def __init__(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="vf.", dir="/tmp"))
        self.bin = pathlib.Path(tempfile.mkdtemp(prefix="vf-bin.", dir="/tmp"))
        (self.bin / "va-driver").symlink_to(DRIVER)
        (self.bin / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
        (self.bin / "sudo").chmod(0o755)
        text = _SETUP.replace("TOP", str(self.top)).replace("OVER", " ".join(_OVER))
        unshare = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
        self.process = subprocess.Popen([*unshare, "/bin/sh", "-c", text])
        end = time.monotonic() + 60
        self.inside = None
        while not self.inside or not self.path(f"{self.top}/ready").exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError("there is no fresh machine")
            children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            self.inside = children[0] if children else None
            time.sleep(0.05)

    def stop(self):
        """Ends all that runs there; its folders go with it."""
        self.process.kill()
        self.process.wait()
        self.top.rmdir()
        shutil.rmtree(self.bin)

    def path(self, inside):
        """Where a file of the machine is for us."""
        return pathlib.Path(f"/proc/{self.inside}/root{inside}")

    def write(self, inside, text):
        """Writes a file there, as an editor would: into a folder that is there."""
        self.path(inside).write_text(text)

    def command(self, *command):
        """What runs a command there, in the folder of a checkout."""
        return ["nsenter", "-t", self.inside, "-m", "-n", "-p", f"--wdns={ROOT}", *command]

    def start(self, line, output=subprocess.PIPE):
        """Starts a command line there, with Salt and va-driver on its path."""
        path = f"{self.bin}:{SALT_BIN}:/usr/sbin:/usr/bin:/sbin:/bin"
        return subprocess.Popen(
            self.command("/bin/sh", "-c", line),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            text=True,
            env={**os.environ, "PATH": path, "HOME": "/root"},
        )

    def run(self, line):
        """What a command line came to."""
        process = self.start(line)
        return Outcome(process, *process.communicate(timeout=300))
