"""Calls of the va-driver executable."""

import atexit
import json
import logging
import os
import select
import subprocess
import threading
import time

log = logging.getLogger("va_driver")
log.addHandler(logging.NullHandler())

# How long an interrupted call may take to undo what it has done, in seconds.
UNDO = 120

# What runs, so that nothing is left half made at exit.
_running = {}
_lock = threading.Lock()


class DriverFailure(Exception):
    """A call that failed; ``kind`` is the protocol's, or ``lost`` where no answer came."""

    def __init__(self, kind, message, field=None, left_behind=()):
        named = ", ".join("%s %s" % (one.get("resource"), one.get("name")) for one in left_behind)
        if named:
            message = "%s (left behind: %s)" % (message, named)
        Exception.__init__(self, message)
        self.kind = kind
        self.message = message
        self.field = field

    if str is bytes:  # Python 2.7, where str() of an exception would fail for text that is not ASCII

        def __str__(self):
            return self.message if isinstance(self.message, str) else self.message.encode("utf-8")

        def __unicode__(self):
            return self.message.decode("utf-8", "replace") if isinstance(self.message, str) else self.message


def call(path, method, params, limit=300):
    """The result of ``method``, which is interrupted after ``limit`` seconds."""
    (result,) = call_all(path, [(method, params)], limit)
    if isinstance(result, DriverFailure):
        raise result
    return result


def call_all(path, calls, limit=300):
    """
    What comes of each of ``calls``, which run side by side: its result, or a DriverFailure.

    Everything goes by stdin, since arguments can be read by everyone on the machine. After ``limit``
    seconds the executable is asked to undo what it did, and to end.
    """
    requests = [
        json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        for number, (method, params) in enumerate(calls)
    ]
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
    with _Limit(process, limit):
        out, err = process.communicate(("\n".join(requests) + "\n").encode("utf-8"))
    for line in err.decode("utf-8", "replace").splitlines():
        if line.strip():
            log.warning("va-driver: %s", line.strip())
    answers = _answers(out)
    return [_result(method, answers.get(number), process.returncode) for number, (method, _) in enumerate(calls)]


class _Limit(object):
    """
    Interrupts a process that is not done in time: Python 2.7's communicate knows no limit. Its thread has
    ended when the block has; one that goes on, as a Timer's may, complains when the interpreter ends.
    """

    def __init__(self, process, seconds):
        self.process = process
        self.seconds = seconds
        self.done, self.tell = os.pipe()
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        for seconds, end in ((self.seconds, self.process.terminate), (UNDO, self.process.kill)):
            if _readable(self.done, seconds):
                return
            _quietly(end)

    def __enter__(self):
        with _lock:
            _running[self] = self.process
        self.thread.daemon = True
        self.thread.start()

    def __exit__(self, kind, *_):
        if kind is not None:
            _quietly(self.process.terminate)
        os.write(self.tell, b".")
        self.thread.join()
        os.close(self.done)
        os.close(self.tell)
        with _lock:
            del _running[self]


def _readable(number, seconds):
    """Whether something can be read there within that time."""
    end = time.time() + seconds
    poll = select.poll()
    poll.register(number, select.POLLIN)
    while True:
        left = end - time.time()
        try:
            # a wait has a longest; 2.7's is ended by signals, too
            if poll.poll(max(0, min(left, 3600)) * 1000):
                return True
        except (OSError, select.error):
            pass
        if left <= 0:
            return False


def _quietly(signal):
    try:
        signal()
    except OSError:
        pass


@atexit.register
def _end_all():
    """What still runs in threads is asked to undo, and waited for."""
    with _lock:
        for process in _running.values():
            _quietly(process.terminate)
    end = time.time() + UNDO
    while _running and time.time() < end:
        time.sleep(0.02)


def _answers(out):
    """The answers by the number of their request."""
    answers = {}
    for line in out.splitlines():
        try:
            message = json.loads(line.decode("utf-8"))
        except ValueError:
            continue
        if isinstance(message, dict) and ("result" in message or "error" in message):
            answers[message.get("id")] = message
    return answers


def _result(method, answer, code):
    if answer is None:
        return DriverFailure("lost", "%s: va-driver ended with %s without an answer" % (method, code))
    if "result" in answer:
        return answer["result"]
    error = answer["error"]
    data = error.get("data") or {}
    return DriverFailure(
        data.get("kind") or "internal", error.get("message"), data.get("field"), data.get("left_behind") or ()
    )
