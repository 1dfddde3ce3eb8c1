"""A fresh Debian in a directory, with nothing of the machine's own in it."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

BASE = pathlib.Path(os.environ["VA_BASE"])
# What a system is made of: the bare one, and what may lie above it.
LAYERS = {"root": os.environ["VA_ROOT"], "salt": os.environ["VA_SALT_LAYER"]}
DEB = pathlib.Path(os.environ["VA_DEB"])
# Nothing of the environment of whoever runs the tests counts in there.
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LC_ALL": "C.UTF-8",
    "TERM": "dumb",
    "DEBIAN_FRONTEND": "noninteractive",
}
# These say how archives are reached.
PROXIES = ("http_proxy", "https_proxy", "no_proxy")


class Outcome:
    """What a command came to."""

    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr

    def __str__(self):
        return f"exit code {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Machine:
    """
    A system on top of the bare one, which it does not change; ``layers`` lie above that one.

    Only within `run`, which takes all mounts down at its end.
    """

    def __init__(self, *layers):
        self.top = pathlib.Path(tempfile.mkdtemp(dir=BASE, prefix="machine."))
        mount("-t", "tmpfs", "tmpfs", self.top)
        for name in ("upper", "work", "root"):
            (self.top / name).mkdir()
        self.root = self.top / "root"
        lower = ":".join(LAYERS[layer] for layer in (*layers, "root"))
        upper = f"lowerdir={lower},upperdir={self.top}/upper,workdir={self.top}/work"
        mount("-t", "overlay", "-o", upper, "overlay", self.root)
        mount("-t", "proc", "proc", self.root / "proc")
        mount("--rbind", "/dev", self.root / "dev")
        for name in ("resolv.conf", "hosts"):
            shutil.copy(pathlib.Path("/etc", name), self.root / "etc" / name)
        # no daemon starts
        self.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)

    def stop(self):
        """Takes the system away; the command that runs must have ended."""
        subprocess.run(["umount", "--recursive", "--lazy", str(self.top)], check=True)
        self.top.rmdir()

    def path(self, inside):
        """Where a file of the system is for us."""
        return self.root / inside.lstrip("/")

    def write(self, inside, text, mode=0o644):
        """Writes a file."""
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def run(self, *command, user=None, **environment):
        """What a command came to."""
        who = ["--userspec", user, "--groups", ""] if user else []
        reach = {name: os.environ[name] for name in PROXIES if name in os.environ}
        return Outcome(
            subprocess.run(
                ["chroot", *who, str(self.root), *command],
                env={**ENVIRONMENT, **reach, **environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        )

    def do(self, *command, **how):
        """What a command that must succeed prints."""
        outcome = self.run(*command, **how)
        if outcome.code:
            raise AssertionError(f"{' '.join(command)}: {outcome}")
        return outcome.out

    def install(self, *packages):
        """Installs by apt; a package's file is copied in first."""
        names = []
        for package in packages:
            if isinstance(package, pathlib.Path):
                shutil.copy(package, self.path("/tmp"))
                names.append(f"/tmp/{package.name}")
            else:
                names.append(package)
        if len(names) > len([name for name in names if name.startswith("/")]):
            self.do("apt-get", "-qq", "update")
        return self.do("apt-get", "install", "-y", "--no-install-recommends", "--allow-downgrades", *names)

    def state(self, package):
        """A package's state in dpkg's words; empty where it has never been."""
        return self.run("dpkg-query", "-W", "-f", "${db:Status-Status}", package).out

    def owner(self, inside):
        """A file's owner, group and mode: `root:root 644`."""
        return self.do("stat", "-c", "%U:%G %a", inside).strip()


class MachineCase(unittest.TestCase):
    """One system for all tests of a class."""

    maxDiff = None
    layers = ()

    @classmethod
    def setUpClass(cls):
        cls.machine = Machine(*cls.layers)
        cls.addClassCleanup(cls.machine.stop)
        cls.prepare()

    @classmethod
    def prepare(cls):
        """What the tests of a class need."""
        cls.machine.install(DEB)


def mount(*arguments):
    """Mounts something."""
    subprocess.run(["mount", *map(str, arguments)], check=True)


def build(top, name, files=(), **scripts):
    """A package of our own: its files as (path, text or link), its maintainer scripts by their names."""
    tree = pathlib.Path(top) / name
    control = tree / "DEBIAN"
    control.mkdir(parents=True)
    (control / "control").write_text(
        f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: Nobody <nobody@localhost>\nDescription: a test\n"
    )
    for script, text in scripts.items():
        (control / script).write_text(f"#!/bin/sh\nset -e\n{text}")
        (control / script).chmod(0o755)
    for path, target in files:
        path = tree / path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
    deb = pathlib.Path(top) / f"{name}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", str(tree), str(deb)], check=True, stdout=subprocess.DEVNULL)
    return deb
