"""What a form needs of an OpenStack: images, sizes, networks and security groups, and how long filling it takes."""

import json
import os
import statistics
import time

from bed import PROGRAM, ROOT, Session, openstack, run
from compare import ROUNDS, Case, Figures, hyperfine, shown, table, times
from proxy import Proxies

METHODS = ("images", "sizes", "networks", "sec_groups")
# what can be used: the bed has an image without data, which no form offers
CLIENT = ("image list --status active", "flavor list", "network list", "security group list")
PYTHON = "/usr/bin/python3"  # the one that Debian's OpenStack packages are for
WARM = 5


def batch(provider):
    """The four listings as one line for `va-driver rpc`."""
    return json.dumps(
        [
            {"jsonrpc": "2.0", "id": name, "method": f"provider.{name}", "params": {"provider": provider}}
            for name in METHODS
        ]
    )


def counts(answers):
    """How many of each an answer to the batch has."""
    results = {answer["id"]: answer for answer in answers}
    for answer in answers:
        assert "error" not in answer, answer
    return [len(results[name]["result"][name]) for name in METHODS]


def ask(session, line):
    """Answers seconds and what was answered."""
    began = time.perf_counter()
    session.send_line(line)
    answer = session.receive()
    return time.perf_counter() - began, answer


def sdk(environment):
    """openstacksdk in one process that has logged in: seconds of each run of the four listings, and their counts."""
    # -P: this directory has an openstack.py, which is not the one it is to import.
    return json.loads(run([PYTHON, "-P", ROOT / "benches/openstack_sdk.py", str(WARM)], env=environment))


def listings(bed, path):
    line = batch(bed.provider())
    request = path / "request.json"
    request.write_text(line + "\n")
    # OpenStack's clients take all from the environment, the password too.
    settings = {**os.environ, **bed.settings()}
    os.environ.update(bed.settings())
    client = "/usr/bin/openstack"
    script = " && ".join(f"{client} {words} -f json" for words in CLIENT)
    cases = [
        Case("va-driver rpc, the four in a batch", ["sh", "-c", f"{PROGRAM} rpc < {request}"]),
        Case("openstack image list alone", [client, *CLIENT[0].split(), "-f", "json"]),
        Case("openstack, the four one after the other", ["sh", "-c", script]),
    ]
    # All must have seen the same, through all pages.
    ours = counts(json.loads(run(cases[0].command)))
    theirs = [len(json.loads(run([client, *words.split(), "-f", "json"]))) for words in CLIENT]
    assert ours == theirs == sdk(settings)["counts"], (ours, theirs)

    cold = [Figures(case.name, []) for case in cases]
    warm = [Figures("va-driver rpc, a batch in a session", []), Figures("openstacksdk, a process that is logged in", [])]
    with Session() as session:
        ask(session, line)
        for _ in range(ROUNDS):
            for case, figure in zip(cases, cold):
                figure.times += hyperfine(case, runs=2)
            warm[0].times += [ask(session, line)[0] for _ in range(WARM)]
            warm[1].times += sdk(settings)["seconds"]
    said = ", ".join(f"{count} {name}" for count, name in zip(ours, METHODS)).replace("_", " ")
    table(f"Listing {said}, ten to a page: from start to end", cold)
    table("The same, without starting", warm)


def step(bed):
    """Step 0 of the form: how long it takes, and how long its requests take together."""
    with Proxies(bed.ports()) as proxies, Session() as session:
        provider = bed.provider(host_ip=proxies.rewritten(bed.auth_url))
        values = {name: value for name, value in provider.items() if name != "driver_name"}
        params = {"driver_id": "openstack", "step_index": 0, "field_values": values}
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "driver.validate", "params": params})
        walls, sums, numbers = [], [], []
        for _ in range(2 * ROUNDS):
            proxies.forget()
            wall, answer = ask(session, line)
            assert answer["result"]["new_step_index"] == 1, answer
            walls.append(wall)
            sums.append(sum(seconds for _, seconds in proxies.seen))
            numbers.append(len(proxies.seen))
    wall, together = statistics.median(walls), statistics.median(sums)
    print("\n## Step 0 of the form: logging in, networks, security groups\n")
    print("| | median |\n|---|--:|")
    print(f"| requests | {statistics.median(numbers):.0f} |")
    print(f"| the requests' times, added up | {shown(together)} |")
    print(f"| from question to answer | {shown(wall)} ({times(wall / together)}) |\n", flush=True)


def main():
    with openstack() as (bed, path):
        listings(bed, path)
        step(bed)


main()
