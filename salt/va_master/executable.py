"""One call of the va-driver executable."""

import json
import logging
import os
import subprocess
import threading

log = logging.getLogger("va_driver")

# How long an interrupted call may take to undo what it has done, in seconds.
UNDO = 120


class DriverFailure(Exception):
    """A call that failed; ``kind`` is the protocol's, or ``lost`` where no answer came."""

    def __init__(self, kind, message, field=None):
        Exception.__init__(self, message)
        self.kind = kind
        self.message = message
        self.field = field


def call(path, method, params, limit):
    """
    The result of ``method``. Everything goes by stdin, since arguments can be read by everyone on the
    machine. After ``limit`` seconds the executable is asked to undo what it did, and to end.
    """
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    try:
        process = subprocess.Popen(
            [path, "rpc"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            close_fds=True,
            env=dict(os.environ, NO_COLOR="1"),
        )
    except OSError as error:
        raise DriverFailure("missing", "%s cannot be started: %s" % (path, error.strerror))
    # Python 2.7's communicate knows no time limit.
    timer = threading.Timer(limit, _end, [process])
    timer.daemon = True
    timer.start()
    try:
        out, err = process.communicate((json.dumps(request) + "\n").encode("utf-8"))
    except BaseException:
        _end(process)
        raise
    finally:
        timer.cancel()
    for line in err.decode("utf-8", "replace").splitlines():
        if line.strip():
            log.warning("va-driver: %s", line.strip())
    return _result(method, out, process.returncode)


def _end(process):
    if process.poll() is None:
        process.terminate()
        killer = threading.Timer(UNDO, _kill, [process])
        killer.daemon = True
        killer.start()


def _kill(process):
    if process.poll() is None:
        process.kill()


def _result(method, out, code):
    for line in out.splitlines():
        try:
            message = json.loads(line.decode("utf-8"))
        except ValueError:
            continue
        if isinstance(message, dict) and "result" in message:
            return message["result"]
        if isinstance(message, dict) and "error" in message:
            error = message["error"]
            data = error.get("data") or {}
            raise DriverFailure(data.get("kind") or "internal", error.get("message"), data.get("field"))
    raise DriverFailure("lost", "%s: va-driver ended with %s without an answer" % (method, code))
