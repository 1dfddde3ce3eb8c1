"""Processes that run beside the tests, and end with them."""

import atexit
import os
import signal
import subprocess
import sys
import time


class Process:
    """A command in a session of its own; what it says goes to files, so that nobody has to read along."""

    def __init__(self, directory, name, command, stdin="", **environment):
        self.files = [directory / f"{name}.{stream}" for stream in ("stdin", "stdout", "stderr")]
        self.files[0].write_text(stdin)
        with open(self.files[0], "rb") as read, open(self.files[1], "wb") as out, open(self.files[2], "wb") as err:
            self.popen = subprocess.Popen(
                [str(word) for word in command],
                stdin=read,
                stdout=out,
                stderr=err,
                start_new_session=True,
                env={**os.environ, **environment},
            )
        atexit.register(self.stop)

    @property
    def returncode(self):
        """Its exit code; None while it runs."""
        return self.popen.poll()

    def wait(self, seconds):
        """Its output and what it complained of, when it has ended."""
        self.popen.wait(seconds)
        return [path.read_text(errors="replace") for path in self.files[1:]]

    def stop(self):
        """Ends it, and what it has started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.popen.pid, number)
            except ProcessLookupError:
                return
            end = time.monotonic() + 20
            while time.monotonic() < end and self._lives():
                time.sleep(0.1)

    def _lives(self):
        self.popen.poll()
        try:
            os.killpg(self.popen.pid, 0)
        except ProcessLookupError:
            return False
        return True


def end_orderly():
    """Makes an ordinary end, which stops everything, of a request to end."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
