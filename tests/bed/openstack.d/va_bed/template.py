"""The databases of a bed that was seeded once, kept in the cache: a bed that begins with them starts in seconds."""

import contextlib
import dataclasses
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess

from . import config, processes, seed
from .bed import HOST, SERVICES, Bed

ROOM = pathlib.Path(__file__).resolve().parent.parent
DATABASES = ("keystone", "placement", "glance", "neutron", "nova_api", "nova_cell0", "nova_cell1", "cinder")
# A cache may serve several checkouts.
OTHERS = 5
KEPT = ("fernet", "credential", "images")
PACKAGES = [f"python3-{name}" for name in (*SERVICES, "sqlalchemy", "oslo.db")]


def key():
    """Another version of a package, or another line in these scripts, makes another template."""
    listed = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *PACKAGES], check=True, stdout=subprocess.PIPE
    )
    found = hashlib.sha256(listed.stdout)
    for file in sorted(ROOM.glob("va_bed*/*")):
        if file.is_file():
            found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()[:20]


@contextlib.contextmanager
def locked(cache):
    """One process makes a template; others wait for it."""
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def take(bed, cache, say):
    """Puts databases, keys and images into `bed`, made first if the cache has none."""
    with locked(cache):
        template = cache / key()
        if not template.exists():
            for old in sorted(filter(os.path.isdir, cache.glob("*")), key=os.path.getmtime)[:-OTHERS]:
                shutil.rmtree(old)
            say("making the databases, once for this version of OpenStack; a minute or two")
            make(bed.path / "template", template)
        for name in DATABASES:
            shutil.copy(template / f"{name}.db", bed.path)
        for name in KEPT:
            shutil.copytree(template / name, bed.path / name, dirs_exist_ok=True)
        shutil.copy(template / "seed.json", bed.path)
        made_with = Bed.load(template)
    bed.password = made_with.password
    move(bed, made_with)


def make(path, template):
    """Starts a bed with empty databases, seeds it, keeps what it has then."""
    path.mkdir(mode=0o700)
    held, ports = processes.hold_ports()
    bed = Bed(path, ports, os.urandom(12).hex())
    bed.save()
    config.write(bed)
    making = {name: processes.begin(bed, "database", name) for name in SERVICES}
    processes.finish(bed, "database", making)
    processes.run_services(bed, held)
    seed.fill(bed)
    processes.end(lambda: processes.of_bed(path))
    unfinished = template.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    for name in DATABASES:
        # Not a copy of the file: part of the database may be in its write-ahead log.
        with contextlib.closing(sqlite3.connect(bed.database(name))) as source:
            with contextlib.closing(sqlite3.connect(unfinished / f"{name}.db")) as target:
                source.backup(target)
    for name in KEPT:
        shutil.copytree(path / name, unfinished / name)
    for name in ("seed.json", "bed.json"):
        shutil.copy(path / name, unfinished)
    unfinished.rename(template)
    shutil.rmtree(path)


def move(bed, made_with):
    """The databases hold ports and paths of the bed that they were made in: writes this bed's instead."""
    service = {port: name for name, port in made_with.ports.items()}
    here = re.compile(rf"({re.escape(HOST)}|localhost):(\d+)")

    def url(old):
        return here.sub(lambda found: f"{found[1]}:{bed.ports[service[int(found[2])]]}", old)

    def path(old):
        return old.replace(str(made_with.path), str(bed.path))

    for name, table, column, change in (
        ("keystone", "endpoint", "url", url),
        ("glance", "image_locations", "value", path),
        ("nova_api", "cell_mappings", "database_connection", path),
    ):
        with contextlib.closing(sqlite3.connect(bed.database(name))) as database:
            for row, old in database.execute(f"SELECT rowid, {column} FROM {table}").fetchall():
                database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (change(old), row))
            database.commit()
