"""The same work at a distance: round trips of 0, 20 and 50 ms, with programs of their own and in a session."""

import json
import statistics
import time

from bed import GUEST, PROGRAM, Session, libvirt, run
from compare import ROUNDS, shown
from delay import Far
from listing import define

DISTANCES = (0, 0.02, 0.05)
SERVERS = 100
NAME = "far-1"


def timed(do):
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def measure(bed, path, rtt):
    """How long each takes, by its name."""
    with Far(bed.tcp_port, rtt) as port:
        uri, record = f"qemu+tcp://127.0.0.1:{port}/system", path / f"far-{rtt}.json"
        flavour = {"num_cpus": 1, "memory": 256 * 1024, "vol_capacity": 1}
        provider = {"driver_name": "libvirt", "provider_name": "far", "uri": uri, "virt_type": "qemu"}
        provider |= {"graphics": "none", "flavours": {"small": flavour}}
        record.write_text(json.dumps(provider))
        server = {"server_name": NAME, "image": "guest.qcow2", "size": "small", "network": bed.network}
        spec = path / "server.json"
        spec.write_text(json.dumps(server))

        def ours(*arguments):
            return lambda: run([PROGRAM, *arguments, "--provider-file", record])

        session = Session()
        asks = {"provider": provider, "server_name": NAME}
        session.ask("server.list", provider=provider)
        steps = {
            "`virsh list --all`": lambda: run(["virsh", "-q", "-c", uri, "list", "--all"]),
            "`va-driver server list`": ours("server", "list"),
            "… in a session": lambda: session.ask("server.list", provider=provider),
            f"`va-driver server list --full`, {SERVERS} servers": ours("server", "list", "--full"),
            "… in a session ": lambda: session.ask("server.list", provider=provider, full=True),
            "`va-driver server create`": ours("server", "create", NAME, "--spec", spec),
            "`va-driver server show`": ours("server", "show", NAME),
            "`va-driver server delete`": ours("server", "delete", NAME),
            "create in a session": lambda: session.ask("server.create", provider=provider, server=server),
            "show in a session": lambda: session.ask("server.show", **asks),
            "delete in a session": lambda: session.ask("server.delete", **asks),
        }
        times = {name: [] for name in steps}
        for _ in range(ROUNDS):
            for name, do in steps.items():
                times[name].append(timed(do))
        session.end()
        return {name: statistics.median(taken) for name, taken in times.items()}


def main():
    with libvirt() as (bed, path):
        define(bed, path, [f"bench-{number:04}" for number in range(SERVERS)])
        run([PROGRAM, "image", "import", GUEST, "--name", "guest.qcow2", "--uri", bed.uri])
        columns = [measure(bed, path, rtt) for rtt in DISTANCES]
        print(f"\n## At a distance, {SERVERS} servers there\n")
        print("| |", " | ".join(f"RTT {rtt * 1000:.0f} ms" for rtt in DISTANCES), "|")
        print("|---" + "|--:" * len(DISTANCES) + "|")
        for name in columns[0]:
            print(f"| {name} |", " | ".join(shown(column[name]) for column in columns), "|")
        print(flush=True)


if __name__ == "__main__":
    main()
