"""The creation of one server."""

import contextlib
import logging
import sys

from . import accepted, members, start_action
from . import minion as minions
from . import server as servers
from .errors import DriverError
from .interruption import undisturbed
from .start_event import StartEvent

log = logging.getLogger("va_driver")

# Seconds: for the copies that a creation may have to make, for an address, for a minion.
WORK = 3600
ADDRESS = 300
MINION = 900
# … and for what becomes of a creation whose end is not known, since somebody may be waiting at a Ctrl-C.
ASKING = 60


class Creation:
    """``vm_`` of ``cloud``, from Salt's dictionary to the answer for salt-cloud."""

    def __init__(self, cloud, vm_):
        self.cloud = cloud
        self.opts = cloud.opts
        self.vm_ = vm_
        self.name = vm_["name"]
        self.minion_id = minions.key_id(vm_, self.opts)
        try:
            self._keys = accepted.keys(self.opts)
        except BaseException:
            accepted.files(self.opts).remove_own(self.minion_id, vm_.get("pub_key"))
            raise
        self.work = self.patience = 0

    def run(self):
        """The server as salt-cloud prints it. A failure leaves neither a server nor an accepted key."""
        with start_action.turn(self.opts, self.name):
            return self._run()

    def _run(self):
        try:
            self._keys.claim(self.minion_id, self.vm_.get("pub_key"))
            self.cloud.fire("creating", self.name, "starting create", self._about())
            params = self._params()
            if minions.is_masterless(params["server"].get("minion")):
                # nobody is to come with it
                self._remove_key()
            listener = self._listener(params["server"].get("minion"))
        except BaseException:
            self._remove_key()
            raise
        if listener is None:
            return self._finish(self._create(params), params, None)
        with listener:
            # an address is no news where the minion itself reports
            params["wait"] = "running"
            return self._finish(self._create(params), params, listener)

    def _setting(self, name, default=None):
        """What the cloud configuration says too, for all of its providers."""
        return servers.setting(name, self.vm_, self.opts, default=default, search_global=True)

    def _seconds(self, name, default):
        value = self._setting(name, default=default)
        try:
            return int(value)
        except (TypeError, ValueError):
            raise DriverError("invalid_field", f"invalid_field: {name} is a number of seconds, not {value!r}") from None

    def _about(self):
        filter_event = self.cloud.utils["cloud.filter_event"]
        return filter_event("creating", self.vm_, ["name", "profile", "provider", "driver"])

    def _params(self):
        if self._setting("make_master"):
            raise DriverError("unsupported", f"unsupported: make_master: {members.REFUSED['make_syndic']}")
        server = servers.spec(self.vm_, self.opts)
        if minions.wanted(self.vm_, self.opts):
            server["minion"] = minions.section(self.vm_, self.opts, self._is_accepted())
        self.work, self.patience = self._seconds("create_timeout", WORK), self._seconds("minion_timeout", MINION)
        return {
            "provider": self.cloud.record(),
            "server": server,
            "wait": self._setting("wait", default="address"),
            "timeout": self._seconds("wait_timeout", ADDRESS),
        }

    def _listener(self, minion):
        """Listens for the ``minion``, where there is one, that is asked for, and this is its master."""
        if minion is None or minions.is_masterless(minion):
            return None
        here = self._is_accepted() and bool(self._setting("pin_master", default=True))
        if not self._setting("wait_for_minion", default=here):
            return None
        listener = StartEvent(self.opts, self.minion_id)
        if listener.connected:
            return listener
        listener.__exit__()
        log.warning("%s: no master runs here, so its minion is not waited for", self.name)
        return None

    def _create(self, params):
        """Has the server made; nothing is left when that fails."""
        public = servers.public(params["server"])
        try:
            self.cloud.fire("requesting", self.name, "requesting instance", {"kwargs": public})
            answer = self.cloud.rpc("server.create", params, self.work + params["timeout"])
        except BaseException as error:
            # Without an answer it is not known how far the executable was: it may have been done.
            unknown = not isinstance(error, DriverError) or error.kind == "lost"
            with undisturbed():
                stands = False
                try:
                    stands = unknown and self._stands_after_all()
                finally:
                    if not stands:
                        self._remove_key()
            raise
        if not answer["created"]:
            self._remove_key()
            same = f"already_exists: {self.name} stands already, made from the same specification"
            raise DriverError("already_exists", same)
        return answer

    def _stands_after_all(self):
        """Removes what a call without an answer has begun; whether it had finished."""
        try:
            gone = self.cloud.rpc("server.recover", {"provider": self.cloud.record()}, ASKING)
            if gone.get("removed"):
                log.info("%s: removed what its creation had begun: %s", self.name, gone["removed"])
            server = self.cloud.show(self.name)
        except DriverError as error:
            log.error(
                "%s: what its creation had begun could not be removed: %s; "
                "`salt-cloud -f recover PROVIDER` or the next creation does it",
                self.name,
                error,
            )
            return False
        if not server or server.get("minion_id") != self.minion_id:
            return False
        log.error("%s stands all the same, so its key stays accepted", self.name)
        return True

    def _is_accepted(self):
        return self._keys.is_own(self.minion_id, self.vm_.get("pub_key"))

    def _remove_key(self):
        self._keys.remove_own(self.minion_id, self.vm_.get("pub_key"))

    def _finish(self, answer, params, listener):
        """What comes after the server stands: nothing of it makes the creation a failure."""
        result = dict(answer["server"], created=True, ready=answer["ready"])
        with self._staying(result, listener):
            self.cloud.fire("querying", self.name, "querying instance", {"instance_id": result.get("id")})
            warnings = list(answer.get("warnings") or ())
            if "minion" in params["server"]:
                made = answer.get("minion") or {}
                result["minion"] = {"id": self.minion_id, "fingerprint": made.get("fingerprint")}
                if listener is not None:
                    self._await_minion(result, listener)
                else:
                    warnings += self._not_done(params["server"]["minion"])
            if not result["ready"]:
                warnings.append("the server stands, but it is not ready yet")
            for warning in warnings:
                log.warning("%s: %s", self.name, warning)
            if warnings:
                result["warnings"] = warnings
            self._tell_created(result)
        return result

    def _not_done(self, minion):
        """What was asked for and needs a minion that is waited for."""
        masterless = minions.is_masterless(minion)
        if self._setting("seal"):
            how = "no master hears it" if masterless else "that needs wait_for_minion"
            yield f"not sealed: {how}; do the action seal once the minion runs"
        action = self._setting("start_action")
        if action and not start_action.is_salts_own(action, self.opts):
            way = "say startup_states in its minion" if masterless else "that needs wait_for_minion"
            yield f"start_action {action} is not run: {way}"

    def _tell_created(self, result):
        about = dict(self._about(), **{key: result.get(key) for key in ("id", "public_ips", "private_ips")})
        self.cloud.fire("created", self.name, "created instance", about)

    @contextlib.contextmanager
    def _staying(self, result, listener):
        """Says of a server what becomes of it when what comes after is interrupted: it is no failure."""
        try:
            yield
        except BaseException:
            with undisturbed():
                why = "this was interrupted" if listener is None else "its minion was not waited for any longer"
                log.error(
                    "%s runs, but %s: server and accepted key stay; `salt-cloud -d %s` removes both",
                    self.name,
                    why,
                    self.name,
                )
                self._tell_created(result)
            raise

    def _tell_wait(self, passed):
        """A line for whoever sits at a terminal, where nothing else happens for many minutes."""
        if passed:
            line = f"{self.name}: its minion has not started yet, after {passed} of {self.patience} s"
        else:
            line = (
                f"{self.name} runs; waiting up to {self.patience} s for its minion {self.minion_id} to start. "
                "Ctrl-C ends the wait; the server and its key stay"
            )
        if sys.stderr.isatty():
            print(line, file=sys.stderr, flush=True)
        else:
            log.info("%s", line)

    def _await_minion(self, result, listener):
        started = listener.wait(self.patience, self._tell_wait)
        result["minion"]["started"] = started
        if not started:
            result["ready"] = False
            late = "%s: its minion has not started within %s s; the server is left as it is"
            log.error(late, self.name, self.patience)
            return
        # By now it has its addresses.
        try:
            result.update(self.cloud.show(self.name) or {})
        except DriverError as error:
            log.warning("%s: its addresses are not known: %s", self.name, error)
        if self._setting("seal"):
            result["minion"]["sealed"] = self._seal()
        action = self._setting("start_action")
        if action and not start_action.is_salts_own(action, self.opts):
            result["ret"] = self._run_start_action(action)

    def _run_start_action(self, action):
        """What the minion answers to it, when those that this server requires have had theirs."""
        required = servers.setting("requires", self.vm_, self.opts, default=[]) or []
        required = [required] if isinstance(required, str) else required
        start_action.await_turn(self.opts, self.name, required, self.patience)
        try:
            answer = start_action.run(self.opts, self.minion_id, action)
        except Exception as error:  # pylint: disable=broad-except
            log.error("%s: start_action %s failed: %s", self.name, action, error)
            return None
        if answer is None:
            log.error("%s: start_action %s was not answered", self.name, action)
        return answer

    def _seal(self):
        try:
            self.cloud.rpc(
                "server.action",
                {"provider": self.cloud.record(), "server_name": self.name, "action": "seal"},
            )
            return True
        except DriverError as error:
            log.error("%s: the private key is still on the seed: %s; do the action seal again", self.name, error)
            return False
