"""The demo from start to end."""

import argparse
import os
import sys
from pathlib import Path

from .bed import Bed, private_bed
from .failure import Failure, expect
from .interrupts import Interrupted, Interrupts
from .job import Job, Outcome
from .screen import Screen
from .session import Session

ROOT = Path(__file__).resolve().parents[3]


def main() -> int:
    """Runs the demo; answers its exit code."""
    options = _options()
    screen = Screen()
    interrupts = Interrupts()
    try:
        _run(options, screen, interrupts)
        return 0
    except Failure as failure:
        screen.failed(str(failure))
        return 1
    except Interrupted as interrupted:
        screen.failed(f"{interrupted}: everything is stopped and removed")
        return 128 + interrupted.number
    except BrokenPipeError:
        # Nobody reads any more; Python is not to complain about that at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _run(options: argparse.Namespace, screen: Screen, interrupts: Interrupts) -> None:
    for file, remedy in ((options.driver, "make build"), (options.image, "make guest")):
        expect(file.is_file(), f"{file} is not there: {remedy}")
    screen.say("One process of `va-driver rpc` does it all: -> is what it is asked, <- what it answers, in short.")
    with private_bed(interrupts) as bed:
        with screen.part("Start a libvirt of the demo's own"):
            bed.start()
            interrupts.release()
            screen.say(f"{bed.uri}, as the user {bed.user}")
        outcome = _do(options, screen, bed)
        interrupts.hold()
        with screen.part("Stop that libvirt"):
            bed.stop()
    expect(not bed.directory.exists(), f"{bed.directory} is still there")
    expect(not bed.processes(), f"these processes are left: {bed.processes()}")
    screen.summary(
        [
            ("Created", f"{outcome.name}, a server with a disk ({outcome.volumes[0]}),"),
            ("", f"a config drive ({outcome.volumes[1]})"),
            ("", f"and a minion whose key the master had accepted before it booted ({outcome.fingerprint[:23]}…)"),
            ("Deleted", "all of that, by one call"),
            ("Left behind", "nothing: no server, no volume, no key, no process, no file"),
        ]
    )


def _do(options: argparse.Namespace, screen: Screen, bed: Bed) -> Outcome:
    # What it keeps on disk, and where it would look for Salt, is the demo's as well.
    environment = dict(
        os.environ, VA_DRIVER_STATE_DIR=str(bed.directory / "state"), SALT_CONFIG_DIR=str(bed.directory / "salt")
    )
    with Session(options.driver, environment, screen.progress) as session:
        job = Job(session, screen, bed)
        with screen.part("What drivers are there, and what does the libvirt driver want to know?"):
            job.look_around()
        with screen.part("Bring an image to the host"):
            image = job.bring_image(options.image)
        with screen.part("Describe the host: the form, step by step"):
            job.describe_host(image)
        with screen.part("Make what stands for the Salt master"):
            job.make_master(options.keysize)
        with screen.part("Plan a server: nothing is made yet"):
            job.plan()
        with screen.part("Create it"):
            outcome = job.create()
        with screen.part("Wait for the guest: it prints what it read on its config drive"):
            job.boot(outcome)
        with screen.part("List the servers; create the same again, which changes nothing"):
            job.ask_again()
        with screen.part("Take the private key off the config drive, and shut the guest down"):
            job.act()
        with screen.part("Delete it, and look for leftovers"):
            job.delete()
    return outcome


def _options() -> argparse.Namespace:
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    image = os.environ.get("VA_GUEST_IMAGE") or ROOT / ".cache" / "guest.qcow2"
    parser = argparse.ArgumentParser(prog="tests/demo/run", description="Creates a server on a private libvirt.")
    parser.add_argument("--driver", type=Path, default=target / "release" / "va-driver", help="the executable")
    parser.add_argument("--image", type=Path, default=image, help="the guest's image [env: VA_GUEST_IMAGE]")
    parser.add_argument("--keysize", type=int, default=4096, choices=(2048, 3072, 4096), help="of the minion's key")
    return parser.parse_args()
