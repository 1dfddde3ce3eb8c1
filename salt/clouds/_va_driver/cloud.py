"""The functions of a driver, as salt-cloud calls them."""

import logging
from collections import OrderedDict

import salt.config
import salt.utils.cloud
from salt.exceptions import SaltCloudSystemExit

from . import accepted, remembered
from . import minion as minions
from . import provider as providers
from . import server as servers
from .creation import Creation
from .errors import DriverError, invalid, salt_errors
from .executable import Executable
from .links import follow
from .start_event import is_heard

log = logging.getLogger("va_driver")

_NODE = ("id", "image", "size", "state", "private_ips", "public_ips")

# What of an action's answer is told.
_TOLD = ("success", "message", "changed", "output", "image", "snapshots", "volume")

# A plan's answer, in the order in which it is read.
_PLAN_ORDER = ("create", "warnings", "steps", "plan")

# Seconds for which an action is waited for that nobody gave a time; a host's own may be shorter.
_PATIENCE = 300


class Cloud:
    """
    The driver that Salt knows as ``name``.

    ``module`` is the globals of the module that Salt has loaded: there Salt keeps ``__opts__``,
    ``__utils__`` and ``__active_provider_name__``, and changes them between calls.
    """

    def __init__(self, name, module):
        self.name = name
        self._module = module

    @property
    def opts(self):
        """Salt's configuration."""
        return self._module["__opts__"]

    @property
    def utils(self):
        """Salt's utilities that know its configuration."""
        return self._module["__utils__"]

    def alias(self):
        """The provider that Salt is working on."""
        active = self._module.get("__active_provider_name__")
        try:
            active = active.value()
        except AttributeError:
            pass
        if active:
            return str(active).partition(":")[0]
        # Called from outside salt-cloud: there must be no choice.
        found = [alias for alias, drivers in self.opts["providers"].items() if self.name in drivers]
        if len(found) == 1:
            return found[0]
        raise SaltCloudSystemExit(f"which provider is meant is not said; there are: {', '.join(found) or 'none'}")

    def record(self):
        """The provider that Salt is working on, as the protocol takes it."""
        return providers.record(self.opts, self.alias(), self.name)

    def rpc(self, method, params, limit=None):
        """One call of the executable."""
        return self._executable().call(method, params, limit)

    def ask(self, method, params=None, limit=None):
        """One call about the provider that Salt is working on."""
        with salt_errors(f"{self._where()}: {method}"):
            return self.rpc(method, {"provider": self.record(), **(params or {})}, limit)

    def show(self, name):
        """The server ``name``; None where there is none."""
        try:
            return self.rpc("server.show", {"provider": self.record(), "server_name": name})["server"]
        except DriverError as error:
            if error.kind == "not_found":
                return None
            raise

    def fire(self, event, name, message, args):
        """One of Salt's events. That nobody can hear it is no failure; Salt would wait for a listener."""
        if not is_heard(self.opts):
            return
        try:
            self.utils["cloud.fire_event"](
                "event",
                message,
                f"salt/cloud/{name}/{event}",
                args=args,
                sock_dir=self.opts["sock_dir"],
                transport=self.opts["transport"],
            )
        except Exception as error:  # pylint: disable=broad-except
            log.debug("the event %s of %s was not sent: %s", event, name, error)

    # What Salt calls

    def get_configured_provider(self, any_of=()):
        """
        The provider's configuration, or False where ``any_of`` are named and it has none of these.

        Only for a driver to which no address means this machine; all else the executable knows better.
        """
        active = self._module.get("__active_provider_name__")
        try:
            active = active.value()
        except AttributeError:
            pass
        found = salt.config.is_provider_configured(self.opts, active or self.name)
        if not found:
            return False
        if not any_of or any(found.get(name) for name in any_of):
            # Here, because nothing of a driver's is asked any later before Salt accepts a new server's key.
            accepted.remember(self.opts)
            if active:
                providers.warn_of_extends(self.opts, self.alias(), self.name)
            return found
        log.error("the provider %s lacks one of: %s", active or self.name, ", ".join(any_of))
        return False

    def list_nodes(self, call):
        """Servers by name, with Salt's six members."""
        return {name: {key: node.get(key) for key in _NODE} for name, node in self._nodes(call, True).items()}

    def list_nodes_min(self, call):
        """Servers by name: id and state."""
        return {
            name: {key: node.get(key) for key in ("id", "state")} for name, node in self._nodes(call, False).items()
        }

    def list_nodes_full(self, call):
        """Servers by name, with all members."""
        nodes = self._nodes(call, True)
        if self.opts.get("update_cachedir"):
            with salt_errors(f"{self._where()}: the cache of servers"):
                self.utils["cloud.cache_node_list"](nodes, self.alias(), self.opts)
        return nodes

    def list_nodes_select(self, call):
        """Servers by name, with the members that the configuration selects."""
        nodes = self.list_nodes_full("function")
        # Salt has no default for this; without it all that Salt itself knows is told
        selection = self.opts.get("query.selection") or _NODE
        with salt_errors(f"{self._where()}: query.selection"):
            return salt.utils.cloud.list_nodes_select(nodes, selection, call)

    def show_instance(self, name, call):
        """All about one server."""
        _only("action", "show_instance", call)
        with salt_errors(f"{self._where()}: {name}"):
            server = self.show(name)
            if server is None:
                raise SaltCloudSystemExit(f"there is no server {name}")
            self.utils["cloud.cache_node"](server, self.alias(), self.opts)
            return server

    def available(self, what, call, only=None):
        """The provider's images, sizes, networks or security groups by name."""
        if only:
            _only(only, what, call)
        _not("action", what, call)
        with salt_errors(f"{self._where()}: {what}"):
            answer = self.rpc(f"provider.{what}", {"provider": self.record()})
            return {one["name"]: one for one in answer[what]}

    def avail_locations(self, call):
        """The one place of the provider."""
        _not("action", "avail_locations", call)
        with salt_errors(f"{self._where()}: locations"):
            place = str(self.record().get("location") or self.alias())
            # no more than this: a URI may hold a user's name
            return {place: {"name": place, "provider": self.alias()}}

    def usage(self, call):
        """What of the host is used and free."""
        _only("function", "usage", call)
        with salt_errors(f"{self._where()}: usage"):
            answer = self.rpc("provider.data", {"provider": self.record()})
            return {name: value for name, value in answer.items() if name != "servers"}

    def recover(self, call):
        """Removes what creations that were cut off have left."""
        _only("function", "recover", call)
        with salt_errors(f"{self._where()}: recover"):
            return self.rpc("server.recover", {"provider": self.record()})

    def orphans(self, kwargs, call):
        """What is left of servers that are gone, such as volumes without a domain; ``remove`` removes it."""
        _only("function", "orphans", call)
        kwargs = {name: value for name, value in (kwargs or {}).items() if not name.startswith("__")}
        with salt_errors(f"{self._where()}: orphans"):
            remove = _yes_or_no("remove", kwargs.pop("remove", False))
            if kwargs:
                raise invalid(f"orphans takes remove=True, and no {', '.join(sorted(kwargs))}")
            params = {"provider": self.record(), **({"remove_orphans": True} if remove else {})}
            answer = self.rpc("server.recover", params)
            if "orphans" not in answer:
                raise DriverError("unsupported", "unsupported: this va-driver does not look for orphans")
            return answer

    def plan(self, kwargs, call):
        """What a creation would do; no key is made for it."""
        _only("function", "plan", call)
        kwargs = {name: value for name, value in (kwargs or {}).items() if not name.startswith("__")}
        with salt_errors(f"{self._where()}: plan"):
            if not kwargs.get("name"):
                raise SaltCloudSystemExit("which server? say name=NAME, and profile=PROFILE or image=… size=…")
            profile = kwargs.get("profile")
            if profile is not None and profile not in self.opts["profiles"]:
                raise SaltCloudSystemExit(f"there is no profile {profile}")
            details = follow(self.opts["profiles"][profile], self.opts) if profile else {}
            vm_ = {**details, "profile": profile, **kwargs, **self._identity()}
            server = servers.spec(vm_, self.opts)
            if minions.wanted(vm_, self.opts):
                server["minion"] = minions.section(vm_, self.opts)
            answer = self.rpc("server.plan", {"provider": self.record(), "server": server})
            # what a person wants to know comes first; Salt would sort it
            return OrderedDict((name, answer[name]) for name in (*_PLAN_ORDER, *answer) if name in answer)

    def create(self, vm_):
        """Creates a server."""
        with salt_errors(f"{vm_['name']}"):
            try:
                return Creation(self, {**vm_, **self._identity()}).run()
            finally:
                accepted.remember(self.opts, again=True)

    def destroy(self, name, call):
        """
        Deletes a server, and the key of its minion by its fingerprint.

        The answer is truthy, unless Salt would then remove keys that are not this server's: an empty
        answer is the only way to keep it from that. Where Salt takes even a failure for a success, as
        it does in parallel, a failure answers False.
        """
        _not("function", "destroy", call)
        try:
            with salt_errors(f"{self._where()}: {name} is not destroyed"):
                return self._destroy(name)
        except SaltCloudSystemExit:
            if self.opts.get("parallel"):
                return False
            raise

    def action(self, action, name, kwargs, call):
        """Has the host do something to a server."""
        _only("action", action, call)
        with salt_errors(f"{self._where()}: {action} {name}"):
            params = {**_how(action, kwargs), "provider": self.record(), "server_name": name, "action": action}
            # a paused server is woken first: two things to wait for
            limit = self._executable().question + 2 * max(_PATIENCE, params.get("timeout") or 0)
            answer = self.rpc("server.action", params, limit)
        return {key: answer[key] for key in _TOLD if key in answer}

    # What is behind that

    def _executable(self):
        return Executable(providers.details(self.opts, self.alias(), self.name), self.opts)

    def _identity(self):
        """Who creates, as Salt's look-up of settings wants it: by that it finds the provider's."""
        whole = f"{self.alias()}:{self.name}"
        return {"provider": whole, "driver": whole}

    def _where(self):
        try:
            return self.alias()
        except SaltCloudSystemExit:
            return self.name

    def _nodes(self, call, full):
        _not("action", "list_nodes", call)
        with salt_errors(f"{self._where()}: the servers cannot be listed, which does not mean that there are none"):
            # by a hard map, or by name, what is listed is destroyed
            removes = self.opts.get("destroy") or self.opts.get("map") and self.opts.get("hard")
            answer = self.rpc("server.list", {"provider": self.record(), "full": bool(full or removes)})
            servers_ = {server["name"]: server for server in answer["servers"]}
            others = {name: self._other(server) for name, server in servers_.items()} if removes else {}
            for name, other in others.items():
                if other:
                    log.info("%s was made by %s, so it is not listed by %s", name, other, self._where())
                    del servers_[name]
            return servers_

    def _other(self, server):
        """The provider that has made ``server``, where that is another one of the same host, which still is there."""
        maker = (server or {}).get("made_by")
        providers_ = self.opts.get("providers") or {}
        return maker if maker and maker != self.alias() and self.name in (providers_.get(maker) or {}) else None

    def _destroy(self, name):
        self.fire("destroying", name, "destroying instance", {"name": name})
        other = self._other(self.show(name))
        if other:
            log.error("%s is not destroyed as a server of %s: it was made by %s", name, self.alias(), other)
            return False
        params = {"provider": self.record(), "server_name": name}
        keys = accepted.keys(self.opts)
        with keys.revoking(lambda: self.show(name)) as pki_dir:
            if pki_dir:
                params["pki_dir"] = pki_dir
            answer = self.rpc("server.delete", params)
        if self.show(name) is not None:
            raise SaltCloudSystemExit("the host reports its deletion, and shows it all the same")
        self.fire("destroyed", name, "destroyed instance", {"name": name})
        if answer.get("minion_id") and not keys.has(answer["minion_id"]):
            remembered.forget(self.opts, answer["minion_id"])
        if self.opts.get("update_cachedir"):
            self.utils["cloud.delete_minion_cachedir"](name, self.alias(), self.opts)
        others = minions.keys_at_risk(name, {"name": name, "profile": None, **self._identity()}, self.opts)
        if others:
            log.warning("%s is destroyed; the keys of %s are not its own, and stay", name, ", ".join(others))
            return {}
        return {"success": True, "message": answer["message"], "removed": answer.get("removed") or []}


# The member of an action whose own members the command line says one by one.
_WITHIN = {"attach_disk": "disk", "attach_interface": "interface"}
# What is called by a name there, which may consist of digits.
_NAMED = ("bridge", "network", "pool", "portgroup", "volume")


def _how(action, kwargs):
    """The members of ``server.action`` in what the command line says; the executable refuses the others."""
    how = {name: value for name, value in (kwargs or {}).items() if not name.startswith("__")}
    for name in ("provider", "server_name", "action"):
        if name in how:
            raise SaltCloudSystemExit(f"{name} is said by the command itself, not by {name}=")
    for number in ("timeout", "lines"):
        if number in how:
            try:
                how[number] = int(how[number])
            except (TypeError, ValueError):
                raise invalid(f"{number} is a whole number, not {how[number]!r}") from None
    if "kind" in how:
        kind = how.pop("kind")
        if kind not in ("soft", "hard"):
            raise SaltCloudSystemExit(f"kind is soft or hard, not {kind}")
        if kind == "hard":
            how["hard"] = True
    if "delete" in how:
        how["delete"] = _yes_or_no("delete", how["delete"])
    # of an image or a snapshot: the one that is made, gone back to or deleted, or that a rescue starts from
    if "name" in how:
        how["image"] = how.pop("name")
    if "newname" in how:
        how["new_name"] = how.pop("newname")
    if action in _WITHIN:
        within = {name: _typed(name, how.pop(name)) for name in sorted(how) if name != "timeout"}
        how[_WITHIN[action]] = within
    return how


def _typed(name, value):
    """A member's value, for which the command line has a text."""
    text = str(value)
    if name == "addresses":
        return text.split(",")
    if text.isdigit() and name not in _NAMED:
        return int(text)
    return {"true": True, "false": False}.get(text.lower(), value)


def _yes_or_no(name, value):
    """The command line has texts."""
    known = {"true": True, "yes": True, "false": False, "no": False}
    if str(value).lower() not in known:
        raise invalid(f"{name} is True or False, not {value!r}")
    return known[str(value).lower()]


def _only(kind, name, call):
    if call != kind:
        flag = "-a" if kind == "action" else "-f"
        raise SaltCloudSystemExit(f"{name} is a {kind}: call it with {flag}")


def _not(kind, name, call):
    if call == kind:
        raise SaltCloudSystemExit(f"{name} is no {kind}")
