"""How much of a `salt-cloud -p` passes in our module, and in the executable that it calls, within the same run."""

import collections
import os
import shutil
import statistics
import subprocess
import sys
import time

from bed import GUEST, PROGRAM, ROOT, libvirt
from compare import shown
from salt_programs import salt_bin

RUNS = int(os.environ.get("VA_BENCH_ROUNDS", "5")) * 2
SALT_CLOUD = "salt-cloud -p, until the server runs"
MODULE = "of that in va_libvirt, its loading included"
EXECUTABLE = "of that in va-driver"

# Put around the module's own text: each call, and the loading, is noted with its seconds.
BEFORE = """
import time as _time
_begun = _time.perf_counter()
"""
AFTER = """
import functools as _functools, types as _types

def _note(what, seconds):
    with open({notes!r}, "a") as notes:
        print(what, seconds, file=notes)

def _timed(what, function):
    @_functools.wraps(function)
    def wrapper(*args, **kwargs):
        begun = _time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            _note(what, _time.perf_counter() - begun)
    return wrapper

for _name, _value in list(globals().items()):
    if isinstance(_value, _types.FunctionType) and not _name.startswith("_"):
        globals()[_name] = _timed("module", _value)
_executable = _shared().Executable
if not hasattr(_executable.call, "__wrapped__"):
    _executable.call = _timed("executable", _executable.call)
_note("module", _time.perf_counter() - _begun)
"""


def timed_module(path, notes):
    """A directory with our module, as it is but for the notes that it takes."""
    clouds = path / "clouds"
    clouds.mkdir()
    source = ROOT / "salt" / "clouds"
    shutil.copytree(source / "_va_driver", clouds / "_va_driver")
    text = (source / "va_libvirt.py").read_text()
    (clouds / "va_libvirt.py").write_text(BEFORE + text + AFTER.format(notes=str(notes)))
    return clouds


def measure(master, notes):
    """Seconds by what passed them, of one creation."""
    notes.write_text("")
    begun = time.perf_counter()
    outcome = master.cloud("-p", "small", "bench-1")
    seconds = collections.Counter({SALT_CLOUD: time.perf_counter() - begun})
    if outcome.code or not outcome.data["bench-1"].get("created"):
        raise SystemExit(str(outcome))
    for line in notes.read_text().splitlines():
        what, passed = line.split()
        seconds[{"module": MODULE, "executable": EXECUTABLE}[what]] += float(passed)
    outcome = master.cloud("-d", "bench-1")
    if outcome.code:
        raise SystemExit(str(outcome))
    return seconds


def main():
    programs = salt_bin()
    if not programs:
        return
    # what the tests have for configuration
    os.environ.update(VA_SALT_BIN=str(programs), VA_DRIVER=str(PROGRAM))
    sys.path.insert(0, str(ROOT / "tests" / "salt"))
    from master import Master

    with libvirt() as (bed, path):
        shutil.copy(GUEST, bed.pool / "guest.qcow2")
        subprocess.run(bed.virsh("pool-refresh", "default"), check=True, stdout=subprocess.DEVNULL)
        master = Master(path / "master")
        notes = path / "notes"
        master.configure(cloud_dirs=[str(timed_module(path, notes))], keysize=4096)
        flavours = {"small": {"num_cpus": 1, "memory": 512 * 1024, "vol_capacity": 1}}
        defaults = {"network": bed.network, "image": "guest.qcow2", "size": "small"}
        master.provider("kvm", uri=bed.uri, virt_type="qemu", flavours=flavours, defaults=defaults)
        master.profile("small", provider="kvm", wait="running")
        measure(master, notes)  # the first one wakes the daemon
        runs = [measure(master, notes) for _ in range(RUNS)]

    version = subprocess.run([programs / "salt-cloud", "--version"], stdout=subprocess.PIPE, text=True).stdout.strip()
    print(f"\n## Our share of a creation by {version}\n")
    print("| | median | middle half | share of its own run |\n|---|--:|--:|--:|")
    for what in SALT_CLOUD, MODULE, EXECUTABLE:
        times = [run[what] for run in runs]
        low, _, high = statistics.quantiles(times, n=4)
        share = statistics.median(run[what] / run[SALT_CLOUD] for run in runs)
        print(f"| {what} | {shown(statistics.median(times))} | {shown(low)} – {shown(high)} | {share:.0%} |")
    print(flush=True)


main()
