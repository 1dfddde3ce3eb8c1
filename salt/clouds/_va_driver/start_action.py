"""
The ``start_action`` of a minion that has started, in the order of a map's ``requires``.

Salt runs only the one that is said for all servers, and that only in parallel; every other is run here.
"""

import contextlib
import fcntl
import logging
import os
import time
import urllib.parse

import salt.client

from .start_event import master_opts

log = logging.getLogger("va_driver")


def is_salts_own(action, opts):
    """Whether Salt itself runs ``action``, once all workers of a parallel creation have ended."""
    return bool(opts.get("parallel")) and action == opts.get("start_action")


def run(opts, minion_id, action):
    """What the minion answered to ``action``; None where it did not."""
    with salt.client.get_local_client(mopts=master_opts(opts)) as client:
        return client.cmd(minion_id, action, timeout=int(opts.get("timeout") or 5) * 60).get(minion_id)


@contextlib.contextmanager
def turn(opts, name):
    """
    Holds the turn of the server ``name``: in parallel each server has a process of its own, and what requires it
    waits until this one has let go. The kernel lets go for a process that is killed.
    """
    with contextlib.ExitStack() as stack:
        if opts.get("parallel"):
            path = _path(opts, name)
            try:
                os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
                fcntl.flock(stack.enter_context(open(path, "wb")), fcntl.LOCK_EX | fcntl.LOCK_NB)
                # first of all, so that nobody finds it who comes later
                stack.callback(_remove, path)
            except OSError as error:
                log.debug("%s: nobody can wait for it: %s", name, error)
        yield


def await_turn(opts, name, required, seconds):
    """Waits until the servers that ``name`` requires have had their turn, but no longer than ``seconds``."""
    if not opts.get("parallel"):
        return
    end = time.monotonic() + seconds
    for other in required:
        while _is_held(_path(opts, other)):
            if time.monotonic() > end:
                log.warning("%s: %s, which it requires, is not done; its start_action is run all the same", name, other)
                return
            time.sleep(0.1)


def _is_held(path):
    try:
        with open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        # it had its turn, or is none of those that are made now
        pass
    return False


def _remove(path):
    with contextlib.suppress(OSError):
        os.remove(path)


def _path(opts, name):
    return os.path.join(opts["cachedir"], "va-driver", "turns", urllib.parse.quote(str(name), safe=""))
