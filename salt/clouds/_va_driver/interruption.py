"""Ctrl-C and SIGTERM: what was begun is undone before salt-cloud ends."""

import contextlib
import logging
import multiprocessing
import os
import signal
import threading

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def undisturbed():
    """Further signals do nothing: Salt's handler would raise in the middle of undoing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # not SIG_IGN, which processes that are started meanwhile would inherit
    before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


@contextlib.contextmanager
def ending_workers():
    """
    An interrupted worker of a pool ends at once.

    Salt has it report to a pool that is being terminated, where both would wait for each other for ever.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        if multiprocessing.current_process().daemon:
            logging.shutdown()
            os._exit(1)
        raise
