"""A thousand servers listed, and how many questions of libvirt's protocol that takes."""

import json
import os
import shutil
import subprocess
import uuid

from bed import libvirt, run
from compare import Case, compare

DOMAIN = """<domain type='qemu'><name>{name}</name><uuid>{uuid}</uuid><memory unit='MiB'>64</memory>
<os><type arch='x86_64'>hvm</type></os>
<devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{disk}'/><target dev='vda' bus='virtio'/></disk>
<interface type='network'><source network='{network}'/></interface></devices></domain>
"""


def define(bed, path, names):
    """Domains that are off, each with a disk of its own."""
    template = path / "disk.qcow2"
    if not template.exists():
        run(["qemu-img", "create", "-q", "-f", "qcow2", template, "1G"])
    lines = []
    for name in names:
        disk, xml = bed.pool / f"{name}.qcow2", path / f"{name}.xml"
        shutil.copy(template, disk)
        xml.write_text(DOMAIN.format(name=name, uuid=uuid.uuid4(), disk=disk, network=bed.network))
        lines.append(f"define {xml}")
    bed.script(lines)


def questions(command, path):
    """How many calls the client library sends: it says so itself, in its log."""
    log = path / "rpc.log"
    log.unlink(missing_ok=True)
    settings = {"LIBVIRT_LOG_FILTERS": "1:rpc", "LIBVIRT_LOG_OUTPUTS": f"1:file:{log}"}
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, env={**os.environ, **settings})
    return log.read_text(errors="replace").count("RPC_CLIENT_MSG_TX_QUEUE")


def main():
    with libvirt() as (bed, path):
        request = path / "request.json"
        provider = {"driver_name": "libvirt", "provider_name": "bench", "uri": bed.uri}
        call = {"jsonrpc": "2.0", "id": 1, "method": "server.list", "params": {"provider": provider}}
        request.write_text(json.dumps(call) + "\n")
        program = str(bed.ours()[0])
        same = ["domstats", "--state", "--balloon", "--vcpu", "--block"]
        cases = [
            Case("va-driver server list", bed.ours("server", "list")),
            Case("va-driver rpc, server.list", ["sh", "-c", f"{program} rpc < {request}"]),
            Case("virsh list --all", bed.virsh("list", "--all")),
            Case("virsh domstats, the same statistics", bed.virsh(*same)),
            Case("virsh domstats", bed.virsh("domstats")),
        ]
        counts = []
        for total in (10, 100, 1000):
            known = len(bed_names(bed))
            define(bed, path, [f"bench-{n:04}" for n in range(known, total)])
            listed = json.loads(run(bed.ours("server", "list")))["servers"]
            assert len(listed) == total and all(server["used_disk"] == 1 for server in listed), listed[:1]
            counts.append((total, [questions(case.command, path) for case in cases]))
            if total != 100:
                compare(f"Listing {total} servers that are off", cases, runs=4)
        print("\n## Questions asked of the host\n\n| servers |", " | ".join(case.name for case in cases), "|")
        print("|--:" * (len(cases) + 1) + "|")
        for total, row in counts:
            print(f"| {total} |", " | ".join(map(str, row)), "|")


def bed_names(bed):
    return run(bed.virsh("list", "--all", "--name")).split()


if __name__ == "__main__":
    main()
