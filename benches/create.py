"""A server created, until libvirt says that it runs: against virt-install, same image, same bed."""

import json

from bed import GUEST, PROGRAM, libvirt, run
from compare import Case, compare

NAME = "bench-1"


def virt_install(bed, path, image):
    """What virt-install needs for the same: a linked clone, a NoCloud seed, no waiting."""
    user_data, meta_data = path / "user-data", path / "meta-data"
    user_data.write_text("#cloud-config\n{}\n")
    meta_data.write_text(json.dumps({"instance-id": NAME, "local-hostname": NAME}))
    (bed.path / "var/boot").mkdir()  # it puts the seed into /var/lib/libvirt/boot
    return bed.inside(
        "env", f"HOME={path}", "virt-install", "--connect", bed.uri, "--name", NAME, "--memory", "512", "--vcpus", "1",
        "--virt-type", "qemu", "--import", "--osinfo", "detect=off,require=off", "--network", f"network={bed.network}",
        "--graphics", "vnc", "--noautoconsole", "--quiet", "--cloud-init", f"user-data={user_data},meta-data={meta_data}",
        "--disk", f"pool=default,size=1,backing_store={image},backing_format=qcow2",
    )  # fmt: skip


def main():
    with libvirt() as (bed, path):
        provider, spec = path / "provider.json", path / "server.json"
        flavour = {"num_cpus": 1, "memory": 512 * 1024, "vol_capacity": 1}
        record = {"driver_name": "libvirt", "provider_name": "bench", "uri": bed.uri, "virt_type": "qemu"}
        provider.write_text(json.dumps({**record, "flavours": {"small": flavour}}))
        run([PROGRAM, "image", "import", GUEST, "--name", "guest.qcow2", "--provider-file", provider])
        # Whichever of the programs made it.
        clean = path / "clean"
        gone = " ".join(map(str, bed.virsh("destroy", NAME)))
        undefined = " ".join(map(str, bed.virsh("undefine", NAME, "--remove-all-storage")))
        clean.write_text(
            f"#!/bin/sh\n{PROGRAM} server delete {NAME} --force --provider-file {provider}\n{gone}\n{undefined}\n"
            f"rm -rf {path}/state\nexec >&2\nfor f in {bed.pool}/*; do [ $f = {bed.pool}/guest.qcow2 ] || rm -f $f; done\n"
        )
        clean.chmod(0o755)
        create = [PROGRAM, "server", "create", NAME, "--provider-file", provider, "--image", "guest.qcow2"]
        create += ["--size", "small", "--network", bed.network, "--wait", "running"]
        cases = [
            Case("va-driver server create", create, [clean]),
            Case("… with a minion's key pair (4096 bits)", [*create, "--minion", "--master", "192.0.2.1"], [clean]),
            Case("virt-install --import --cloud-init", virt_install(bed, path, bed.pool / "guest.qcow2"), [clean]),
        ]
        compare("A server, linked clone, until it runs", cases, runs=2)


main()
