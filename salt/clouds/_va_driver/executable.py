"""The va-driver executable: where it is, and one call of it."""

import json
import logging
import os
import re
import shutil
import signal
import subprocess

from .errors import DriverError
from .interruption import undisturbed

log = logging.getLogger("va_driver")

NAME = "va-driver"
USUAL_PLACE = "/usr/bin/va-driver"
# pip installs modules and executable as one package: these belong together, whatever PATH has.
OWN_PLACE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "bin", NAME)
# The executable keeps its journals here where its user may: the Debian package gives it to Salt's.
JOURNALS = "/var/lib/va-driver/journal"

# How long a question may take, in seconds; `va_driver: {timeout: …}` says otherwise.
QUESTION = 300
# How long an interrupted call may take to undo what it has done.
UNDO = 120

_LEVEL = re.compile(r"\b(ERROR|WARN|INFO|DEBUG|TRACE)\b")
_LEVELS = {"ERROR": logging.ERROR, "WARN": logging.WARNING, "INFO": logging.INFO}
# Colours and other terminal sequences, should the executable take its stderr for a terminal.
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Executable:
    """The executable as a provider and the configuration name it."""

    def __init__(self, provider, opts):
        self.settings = {}
        for source in (opts.get("va_driver"), provider.get("va_driver")):
            if isinstance(source, str):
                self.settings["path"] = source
            elif source:
                self.settings.update(source)
        self.question = float(self.settings.get("timeout") or QUESTION)
        self.config_dir = os.path.dirname(opts.get("conf_file") or "") or None
        self.cache_dir = opts.get("cachedir")

    def path(self):
        """Its absolute path; an error that tells the way out where there is none."""
        named = self.settings.get("path")
        if named:
            named = os.path.expanduser(str(named))
            found = shutil.which(named)
            if found:
                return found
            why = "is not executable" if os.path.exists(named) else "does not exist"
            raise DriverError("missing", f"the executable {named}, which the option va_driver names, {why}")
        found = shutil.which(os.path.normpath(OWN_PLACE)) or shutil.which(NAME) or shutil.which(USUAL_PLACE)
        if found:
            return found
        raise DriverError(
            "missing",
            f"{NAME} is neither on PATH nor {USUAL_PLACE}: install it, or say where it is by "
            "`va_driver: /path/to/va-driver` in the provider",
        )

    def call(self, method, params, limit=None):
        """
        The result of ``method``. Everything goes by stdin, since arguments can be read by everyone on
        the machine. After ``limit`` seconds the call is interrupted, and what it did is undone.
        """
        limit = limit or self.question
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        text = json.dumps(request, default=str) + "\n"
        path = self.path()
        try:
            process = subprocess.Popen(
                [path, "rpc"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment(),
            )
        except OSError as error:
            raise DriverError("missing", f"{path} cannot be started: {error.strerror}") from None
        late = False
        try:
            out, err = process.communicate(text.encode(), timeout=limit)
        except subprocess.TimeoutExpired:
            late = True
            out, err = _interrupt(process)
        except BaseException:  # Ctrl-C: leave only when nothing is left behind
            with undisturbed():
                _forward(_interrupt(process)[1])
            raise
        _forward(err)
        return _result(method, _answer(out), process.returncode, limit if late else None)

    def _environment(self):
        environment = dict(os.environ, NO_COLOR="1")
        if self.config_dir:
            environment["SALT_CONFIG_DIR"] = self.config_dir
        state_dir = self.settings.get("state_dir") or self._state_dir(environment)
        if state_dir:
            environment["VA_DRIVER_STATE_DIR"] = str(state_dir)
        if log.isEnabledFor(logging.DEBUG):
            environment.setdefault("VA_DRIVER_LOG", "warn,va_driver=debug")
        return environment

    def _state_dir(self, environment):
        """A place for journals where the executable's own would be a home that Salt's user does not have."""
        if os.access(JOURNALS, os.W_OK | os.X_OK):
            return None
        named = environment.get("VA_DRIVER_STATE_DIR") or environment.get("XDG_STATE_HOME")
        home = os.path.expanduser("~")
        if os.geteuid() == 0 or named or not self.cache_dir:
            return None
        if "HOME" in environment and os.access(home, os.W_OK | os.X_OK):
            return None
        return os.path.join(self.cache_dir, "va-driver")


def _interrupt(process):
    """Ask the process to undo and end; end it when it does not."""
    process.terminate()
    try:
        return process.communicate(timeout=UNDO)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()


def _forward(err):
    """What the executable logs becomes part of Salt's log, at its level."""
    for line in err.decode("utf-8", "replace").splitlines():
        line = _ESCAPES.sub("", line).strip()
        if line:
            found = _LEVEL.search(line[:64])
            level = _LEVELS.get(found.group(1), logging.DEBUG) if found else logging.WARNING
            log.log(level, "%s: %s", NAME, line)


def _answer(out):
    """The answer to the one request; None where there is none."""
    for line in out.splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if isinstance(message, dict) and ("result" in message or "error" in message):
            return message
    return None


def _result(method, answer, code, passed):
    """The result in ``answer``; every other end is a DriverError."""
    if answer is None:
        log.debug("%s had no answer", method)
        if passed:
            raise DriverError("lost", f"{NAME} gave no answer within {passed:g} s, and none after an interruption")
        how = f"was ended by {_signal(-code)}" if code < 0 else f"ended with exit code {code}"
        raise DriverError("lost", f"{NAME} {how} without an answer")
    if "result" in answer:
        return answer["result"]
    error = answer["error"]
    data = error.get("data") or {}
    kind = data.get("kind") or "internal"
    message = str(error.get("message"))
    if passed and kind == "cancelled":
        kind, message = "timeout", f"not done within {passed:g} s, so it was interrupted; {message}"
    left = data.get("left_behind") or []
    parts = [f"{kind}: {message}"]
    if data.get("field"):
        parts.append(f"(see {_place(data['field'])})")
    if left:
        named = ", ".join(f"{one.get('resource')} {one.get('name')} ({one.get('reason')})" for one in left)
        parts.append(f"Left behind: {named}")
    for source in data.get("source") or ():
        log.debug("%s: %s", method, source)
    raise DriverError(kind, " ".join(parts), left)


def _place(pointer):
    """A member of a request in the words of whoever wrote a profile, and knows of no request."""
    of, _, member = pointer.lstrip("/").partition("/")
    return f"{member} of the {of}" if member and of in ("server", "provider") else pointer.lstrip("/")


def _signal(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
