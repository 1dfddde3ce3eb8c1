"""Ctrl-C and its like, held back while something must not be broken off."""

import signal
from types import FrameType

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Somebody wants the demo to end; what was started is to be stopped."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class Interrupts:
    """Turns the first signal into `Interrupted`, once it is not held back."""

    def __init__(self) -> None:
        self._held = True
        self._pending: int | None = None
        for number in _NUMBERS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup wants it ignored
                signal.signal(number, self._on_signal)

    def hold(self) -> None:
        """From now on signals wait."""
        self._held = True

    def release(self) -> None:
        """From now on a signal raises `Interrupted`; one that came meanwhile does so at once."""
        self._held = False
        if self._pending is not None:
            self._raise(self._pending)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._held:
            self._pending = number
        else:
            self._raise(number)

    def _raise(self, number: int) -> None:
        self._held = True  # what it begins is the end, and that is not broken off
        raise Interrupted(number)
