"""The most memory that our process takes while it creates a full clone and imports an image, of 1 GiB each."""

import json
import os

from bed import PROGRAM, libvirt, run
from compare import Case, compare, peak, peaks

GIB = 1 << 30
BLOCK = 1 << 20


def main():
    with libvirt() as (bed, path):
        image, provider = path / "big.raw", path / "provider.json"
        with image.open("wb") as file:  # no zeros: whoever skips them would have it easy
            for _ in range(GIB // BLOCK):
                file.write(os.urandom(BLOCK))
        flavour = {"num_cpus": 1, "memory": 64 * 1024, "vol_capacity": 1}
        record = {"driver_name": "libvirt", "provider_name": "bench", "uri": bed.uri, "virt_type": "qemu"}
        provider.write_text(json.dumps({**record, "flavours": {"small": flavour}}))
        ours = ["--provider-file", provider]

        bring = [PROGRAM, "image", "import", image, *ours]
        without_it = ["sh", "-c", f"{' '.join(bed.virsh('vol-delete', 'big.raw', 'default'))} || true"]
        empty = f"{' '.join(bed.virsh('vol-create-as', 'default', 'big.raw', '1G', '--format', 'raw'))}"
        with_empty = ["sh", "-c", f"{without_it[2]}; {empty}"]
        upload = bed.virsh("vol-upload", "big.raw", image, "--pool", "default")
        cases = [
            Case("va-driver image import (with its SHA-256)", bring, without_it),
            Case("virsh vol-upload (into a volume that is there)", upload, with_empty),
        ]
        compare("An image of 1 GiB brought to the host", cases, runs=1, rounds=3)
        peaks("Memory of bringing an image of 1 GiB", [(case.name, peak(case.command, case.prepare)) for case in cases])

        run(with_empty)
        run(upload)
        name = "bench-1"
        create = [PROGRAM, "server", "create", name, *ours, "--image", "big.raw", "--size", "small", "--minion"]
        create += ["--network", bed.network, "--clone", "full", "--wait", "running"]
        delete = [PROGRAM, "server", "delete", name, *ours]
        row = ("va-driver server create --clone full, of 1 GiB, with a minion's key pair", peak(create, delete))
        peaks("Memory of creating a server", [row])


main()
