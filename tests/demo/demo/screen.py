"""What the demo prints."""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_TERMINAL = sys.stdout.isatty()
_COLOUR = _TERMINAL and not os.environ.get("NO_COLOR")
_LONGEST = 60  # characters of a text inside a message
_DEEPEST = 3  # levels of a message


class Screen:
    """Headings with the time that each part took, messages in short, progress, the summary."""

    def __init__(self) -> None:
        self.times: list[tuple[str, float]] = []
        self._line_is_open = False

    @contextmanager
    def part(self, title: str) -> Iterator[None]:
        """Prints `title`, and keeps how long the body takes."""
        print(f"\n{_bold(f'{len(self.times) + 1}. {title}')}", flush=True)
        start = time.monotonic()
        yield
        self.times.append((title, time.monotonic() - start))

    def say(self, text: str) -> None:
        """Prints a line about what happened."""
        self._close_line()
        print(f"   {text}", flush=True)

    def failed(self, why: str) -> None:
        """Prints why the demo ends here."""
        self._close_line()
        print(f"\ndemo: {why}", file=sys.stderr, flush=True)

    def sent(self, method: str, params: dict[str, Any]) -> None:
        """Prints a request."""
        self._message(f"-> {method}", params)

    def received(self, result: Any) -> None:
        """Prints a result."""
        self._message("<-", result)

    def progress(self, phase: str, done: int, total: int) -> None:
        """Shows a notification: over the last one on a terminal; elsewhere a line where a phase is done."""
        share = f"{100 * done // total:3d} %" if total else f"{done}"
        if _TERMINAL:
            print(f"\r\x1b[K   .. {phase} {share}", end="", flush=True)
            self._line_is_open = True
        if done >= total:
            self._close_line()
            if not _TERMINAL:
                print(f"   .. {phase} {share}", flush=True)

    def summary(self, lines: list[tuple[str, str]]) -> None:
        """Prints what was done, and how long each part took."""
        print(f"\n{_bold('Summary')}")
        for name, value in lines:
            print(f"   {name:<12} {value}")
        print("   Seconds")
        for title, seconds in self.times:
            print(f"   {seconds:9.1f}    {title}")
        print(f"   {sum(seconds for _, seconds in self.times):9.1f}    together", flush=True)

    def _message(self, head: str, content: Any) -> None:
        self._close_line()
        room = max(60, shutil.get_terminal_size((160, 24)).columns - 1)
        line = f"   {head} {json.dumps(_short(content), ensure_ascii=False)}".replace('"{…}"', "{…}")
        print(line if len(line) <= room else line[: room - 1] + "…", flush=True)

    def _close_line(self) -> None:
        if self._line_is_open:
            print()
        self._line_is_open = False


def _short(content: Any, depth: int = 0) -> Any:
    """The same with long texts cut, and without what lies deep or is the same every time."""
    if isinstance(content, str) and len(content) > _LONGEST:
        return content[: _LONGEST - 1] + "…"
    if isinstance(content, dict):
        if depth > _DEEPEST:
            return "{…}"
        hidden = [name for name, value in content.items() if name == "provider" and isinstance(value, dict)]
        return {name: "{…}" if name in hidden else _short(value, depth + 1) for name, value in content.items()}
    if isinstance(content, list):
        return [_short(item, depth + 1) for item in content]
    return content


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m" if _COLOUR else text
