"""The processes of a bed: begun with a pid file each, ended by it."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

from .bed import HOST, SERVICES

ROOM = pathlib.Path(__file__).resolve().parent.parent
# A machine that does other things too may need this long for what takes it seconds alone.
PATIENCE = 600


def hold_ports():
    """A free port for each service, with the sockets that keep others away from it until the services listen.

    With SO_REUSEADDR a service can listen where a socket is merely bound; the kernel gives such a port to nobody else.
    """
    held, ports = [], {}
    for service in SERVICES:
        holder = socket.socket()
        holder.bind((HOST, 0))
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.append(holder)
        ports[service] = holder.getsockname()[1]
    return held, ports


def environment(bed):
    """Nothing of the caller's: his proxies and OS_ variables must not matter, nor his home directory be written to."""
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(bed.path),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOM),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONWARNINGS": "ignore",
    }


def begin(bed, module, name):
    """Starts `va_bed.MODULE NAME DIR`; what it prints goes to DIR/log/MODULE-NAME.out."""
    with open(bed.path / "log" / f"{module}-{name}.out", "wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", f"va_bed.{module}", name, str(bed.path)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment(bed),
            cwd=bed.path,
            start_new_session=True,
        )
    remember(bed.path, name, process.pid)
    return process


def remember(path, name, pid):
    (path / "pid").mkdir(exist_ok=True)
    (path / "pid" / name).write_text(str(pid))


def finish(bed, module, processes):
    """Waits for processes that end by themselves."""
    for name, process in processes.items():
        if process.wait():
            raise SystemExit(f"{name} failed:\n{last_words(bed, module, name)}")
        (bed.path / "pid" / name).unlink()


def run_services(bed, held):
    """Starts all services; returns when all of them answer."""
    processes = {name: begin(bed, "service", name) for name in SERVICES}
    end = time.monotonic() + PATIENCE
    for name, process in processes.items():
        while not listens(bed.ports[name]):
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{name} does not answer:\n{last_words(bed, 'service', name)}")
            time.sleep(0.05)
    for holder in held:
        holder.close()


def listens(port):
    try:
        socket.create_connection((HOST, port)).close()
    except OSError:
        return False
    return True


def last_words(bed, module, name):
    words = []
    for file in (f"{module}-{name}.out", f"{name}.log"):
        path = bed.path / "log" / file
        if path.exists():
            words += path.read_text(errors="replace").splitlines()[-20:]
    return "\n".join(words)


def of_bed(path):
    """Ids of the processes that were begun for the bed at `path`, also of any that no pid file names yet."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            # Neutron puts blanks for the zeros, as it names itself anew.
            arguments = (process / "cmdline").read_bytes().replace(b" ", b"\0").split(b"\0")
        except OSError:
            continue
        ours = any(module in arguments for module in (b"va_bed.service", b"va_bed.database"))
        if ours and os.fsencode(path) in arguments:
            found.append(int(process.name))
    return found


def starter(path):
    """The process that is starting this bed, if there is one and it is not this one."""
    try:
        pid = int((path / "pid" / "start").read_text())
        arguments = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return []
    return [pid] if pid != os.getpid() and b"start" in arguments else []


def end(find, first=signal.SIGKILL, patience=20):
    """Ends what `find` finds, and has seen it gone when it returns.

    At once, for services: what they would tidy up is about to be deleted, and a database survives it.
    """
    for number in (first, signal.SIGKILL):
        for pid in find():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        limit = time.monotonic() + patience
        while find() and time.monotonic() < limit:
            reap()
            time.sleep(0.05)


def reap():
    """Lets children that have ended go."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
