"""What the guest says on its serial console."""

import time
from pathlib import Path

from .failure import Failure

MARK = "va-guest: "


def wait_for(log: Path, what: str, seconds: float) -> dict[str, str]:
    """Waits for the guest's line that has the member `what`; answers the line's members."""
    until = time.monotonic() + seconds
    while True:
        said = _lines(log)
        for line in said:
            members = dict(part.split("=", 1) for part in line.split() if "=" in part)
            if what in members:
                return members
        if time.monotonic() >= until:
            raise Failure(f"the guest said no {what} within {seconds:.0f} s; it said: {said or 'nothing'}")
        time.sleep(0.1)


def _lines(log: Path) -> list[str]:
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []  # the guest has not started yet
    whole = text[: text.rfind("\n") + 1]  # a line that is still being written is not looked at
    return [line.split(MARK, 1)[1] for line in whole.splitlines() if MARK in line]
