"""One session that asks 200 hosts again and again, as a dashboard does: some of them are far, some hang."""

import contextlib
import os
import pathlib
import socket
import statistics
import sys
import time

from bed import Session, libvirt
from delay import Far

HOSTS, REAL, FAR, HANGING, SERVERS = 200, 12, 6, 4, 20
ROUNDS = int(os.environ.get("VA_BENCH_POLLS", "40"))
IN_FLIGHT = 32
DOMAIN = "<domain type='test'><name>web-{n}</name><memory unit='MiB'>256</memory><os><type>hvm</type></os></domain>"


def hosts(bed, path, far_ports, hung_ports):
    """The providers, each of a host with an address of its own."""
    node = "<node>" + "".join(DOMAIN.format(n=n) for n in range(SERVERS)) + "</node>"
    uris = []
    for number in range(REAL):
        (path / f"host-{number}").symlink_to(bed.uri.split("socket=")[1])
        uris.append(f"qemu+unix:///system?socket={path}/host-{number}")
    uris += [f"qemu+tcp://127.0.0.1:{port}/system" for port in [*far_ports, *hung_ports]]
    for number in range(HOSTS - len(uris)):
        file = path / f"host-{number}.xml"
        file.write_text(node)
        uris.append(f"test://{file}")
    for number, uri in enumerate(uris):
        yield {"driver_name": "libvirt", "provider_name": f"host-{number}", "uri": uri, "timeout": 5, "connect_timeout": 5}


def poll(session, providers):
    """Asks each of `providers` for its servers; how long each took, how many servers there are, how many hosts failed."""
    begun, taken, servers, failed = {}, [], 0, 0
    waiting = list(enumerate(providers))[::-1]
    while waiting or begun:
        while waiting and len(begun) < IN_FLIGHT:
            number, provider = waiting.pop()
            begun[number] = time.monotonic()
            session.send(number, "server.list", provider=provider)
        answer = session.receive()
        taken.append(time.monotonic() - begun.pop(answer["id"]))
        if "error" in answer:
            failed += 1
        else:
            servers += len(answer["result"]["servers"])
    return taken, servers, failed


def holds(folder):
    """Memory in MiB, threads, descriptors of the process whose `folder` in /proc that is."""
    status = dict(line.split(":\t", 1) for line in (folder / "status").read_text().splitlines() if ":\t" in line)
    return int(status["VmRSS"].split()[0]) / 1024, int(status["Threads"]), len(list((folder / "fd").iterdir()))


def processor(folder):
    """Seconds of the processor that it has taken."""
    fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    with contextlib.ExitStack() as open_ones:
        bed, path = open_ones.enter_context(libvirt())
        far = [open_ones.enter_context(Far(bed.tcp_port, 0.05)) for _ in range(FAR)]
        hung = [open_ones.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1000)) for _ in range(HANGING)]
        providers = list(hosts(bed, path, far, [one.getsockname()[1] for one in hung]))
        session = open_ones.enter_context(Session())
        folder = pathlib.Path(f"/proc/{session.process.pid}")
        print(f"\n## {HOSTS} hosts in one session\n\n{REAL} of them are real daemons, {FAR} such at a distance of 50 ms,")
        print(f"{HANGING} take connections and say nothing; the others are libvirt's test hosts, of {SERVERS} servers each.\n")
        print("| poll | all hosts | median of a host | processor | memory | threads | descriptors | failed |")
        print("|--:" * 8 + "|")
        for number in range(1, ROUNDS + 1):
            begun, before = time.monotonic(), processor(folder)
            taken, servers, failed = poll(session, providers)
            all_of_them, used = time.monotonic() - begun, processor(folder) - before
            if failed != HANGING or servers < SERVERS * (HOSTS - REAL - FAR - HANGING):
                sys.exit(f"{failed} hosts failed, and there are {servers} servers")
            if number in (1, 2, 5, 10, 20, 40) or number == ROUNDS:
                memory, threads, descriptors = holds(folder)
                median = statistics.median(taken) * 1000
                print(f"| {number} | {all_of_them:.2f} s | {median:.1f} ms | {used:.2f} s | {memory:.1f} MiB |"
                      f" {threads} | {descriptors} | {failed} |", flush=True)


main()
