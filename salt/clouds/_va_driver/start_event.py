"""The wait for a minion to tell this master that it has started."""

import logging
import os
import socket
import threading
import time

import salt.config
import salt.utils.event

log = logging.getLogger("va_driver")


def master_opts(opts):
    """The configuration of the master on this machine."""
    path = os.path.join(os.path.dirname(opts.get("conf_file") or "/etc/salt/cloud"), "master")
    return salt.config.master_config(path)


def is_heard(opts):
    """Whether a master publishes its events here. Salt's own connect waits for one that may never start."""
    if opts.get("ipc_mode") == "tcp":
        family, address = socket.AF_INET, ("127.0.0.1", int(opts["tcp_master_pub_port"]))
    else:
        family, address = socket.AF_UNIX, os.path.join(opts["sock_dir"], "master_event_pub.ipc")
    with socket.socket(family) as probe:
        probe.settimeout(5)
        try:
            probe.connect(address)
        except OSError:
            return False
    return True


class StartEvent:
    """
    Listens from the moment it is made, so make it before the guest starts.

    A thread reads the master's bus all the time: a creation can take long, and a listener that does not
    read lets the master's event publisher keep all that happens meanwhile.
    """

    def __init__(self, opts, minion_id):
        self.tag = f"salt/minion/{minion_id}/start"
        self.opts = opts
        self.connected = False
        self._known = threading.Event()
        self._come = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="va-driver-start-event", daemon=True)
        self._thread.start()
        self._known.wait(15)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._closed.set()
        self._thread.join(5)

    def wait(self, seconds, tell=lambda _: None, every=60):
        """
        Whether the minion has started, as soon as it has, or after ``seconds`` at the latest.

        ``tell`` is told the seconds that have passed: at once, and then ``every`` so many.
        """
        begun = time.monotonic()
        passed, told = 0, None
        while self._thread.is_alive() and not self._come.is_set() and passed < seconds:
            if told is None or passed - told >= every:
                tell(int(passed))
                told = passed
            self._come.wait(min(1, every, seconds - passed))
            passed = time.monotonic() - begun
        return self._come.is_set()

    def _listen(self):
        try:
            opts = master_opts(self.opts)
            if not is_heard(opts):
                return
            with salt.utils.event.get_event("master", sock_dir=opts["sock_dir"], opts=opts, listen=True) as bus:
                self.connected = bool(bus.connect_pub(timeout=5))
                self._known.set()
                while self.connected and not self._closed.is_set():
                    if bus.get_event(wait=1, tag=self.tag, match_type="startswith") is not None:
                        self._come.set()
                        return
        except Exception as error:  # pylint: disable=broad-except
            # The server must not fail because nobody can listen for its minion.
            log.error("cannot listen for %s: %s", self.tag, error)
        finally:
            self._known.set()
