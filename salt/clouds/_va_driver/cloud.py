"""The functions of a driver, as salt-cloud calls them."""

import contextlib
import logging

import salt.config
import salt.utils.cloud
from salt.exceptions import SaltCloudException, SaltCloudSystemExit

from . import minion as minions
from . import provider as providers
from . import server as servers
from .creation import Creation
from .executable import DriverError, Executable

log = logging.getLogger("va_driver")

_NODE = ("id", "image", "size", "state", "private_ips", "public_ips")


@contextlib.contextmanager
def _salt_errors(what):
    """
    Every failure becomes one that Salt knows, and is logged as an error.

    Salt logs a failed listing only for debugging and goes on as if there were no servers; it swallows a
    KeyError; and it aborts a whole map, or the rest of the names, over anything that is no
    SaltCloudSystemExit.
    """
    try:
        yield
    except SaltCloudSystemExit as error:
        log.error("%s: %s", what, error)
        raise
    except SaltCloudException as error:
        log.error("%s: %s", what, error)
        raise SaltCloudSystemExit(str(error)) from error
    except Exception as error:  # pylint: disable=broad-except
        log.error("%s: %s: %s", what, type(error).__name__, error, exc_info=True)
        raise SaltCloudSystemExit(f"{what}: {type(error).__name__}: {error}") from error


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

    def show(self, name):
        """The server ``name``; None where there is none."""
        try:
            return self.rpc("server.show", {"provider": self.record(), "server_name": name})["server"]
        except DriverError as error:
            if error.kind == "not_found":
                return None
            raise

    def fire(self, event, name, message, args):
        """One of Salt's events. That nobody can hear it is no failure."""
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

    def get_configured_provider(self, any_of):
        """The provider's configuration where it has one of the settings ``any_of``, else False."""
        active = self._module.get("__active_provider_name__")
        try:
            active = active.value()
        except AttributeError:
            pass
        found = salt.config.is_provider_configured(self.opts, active or self.name)
        if not found:
            return False
        if any(found.get(name) for name in any_of):
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
            self.utils["cloud.cache_node_list"](nodes, self.alias(), self.opts)
        return nodes

    def list_nodes_select(self, call):
        """Servers by name, with the members that the configuration selects."""
        nodes = self.list_nodes_full("function")
        # Salt has no default for this; without it all that Salt itself knows is told
        selection = self.opts.get("query.selection") or _NODE
        with _salt_errors(f"{self._where()}: query.selection"):
            return salt.utils.cloud.list_nodes_select(nodes, selection, call)

    def show_instance(self, name, call):
        """All about one server."""
        _only("action", "show_instance", call)
        with _salt_errors(f"{self._where()}: {name}"):
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
        with _salt_errors(f"{self._where()}: {what}"):
            answer = self.rpc(f"provider.{what}", {"provider": self.record()})
            return {one["name"]: one for one in answer[what]}

    def avail_locations(self, call):
        """The one place of the provider."""
        _not("action", "avail_locations", call)
        provider = self.record()
        place = provider.get("location") or self.alias()
        # no more than this: a URI may hold a user's name
        return {str(place): {"name": str(place), "provider": self.alias()}}

    def usage(self, call):
        """What of the host is used and free."""
        _only("function", "usage", call)
        with _salt_errors(f"{self._where()}: usage"):
            answer = self.rpc("provider.data", {"provider": self.record()})
            return {name: value for name, value in answer.items() if name != "servers"}

    def recover(self, call):
        """Removes what creations that were cut off have left."""
        _only("function", "recover", call)
        with _salt_errors(f"{self._where()}: recover"):
            return self.rpc("server.recover", {"provider": self.record()})

    def plan(self, kwargs, call):
        """What a creation would do; no key is made for it."""
        _only("function", "plan", call)
        kwargs = {name: value for name, value in (kwargs or {}).items() if not name.startswith("__")}
        with _salt_errors(f"{self._where()}: plan"):
            if not kwargs.get("name"):
                raise SaltCloudSystemExit("which server? say name=NAME, and profile=PROFILE or image=… size=…")
            profile = kwargs.get("profile")
            if profile is not None and profile not in self.opts["profiles"]:
                raise SaltCloudSystemExit(f"there is no profile {profile}")
            details = providers.plain(self.opts["profiles"][profile]) if profile else {}
            vm_ = {**details, "profile": profile, **kwargs, **self._identity()}
            server = servers.spec(vm_, self.opts)
            if minions.wanted(vm_, self.opts):
                server["minion"] = minions.section(vm_, self.opts)
            return self.rpc("server.plan", {"provider": self.record(), "server": server})

    def create(self, vm_):
        """Creates a server."""
        with _salt_errors(f"{vm_['name']}"):
            return Creation(self, {**vm_, **self._identity()}).run()

    def destroy(self, name, call):
        """
        Deletes a server, and the key of its minion by its fingerprint.

        The answer is truthy, unless Salt would then remove keys that are not this server's: an empty
        answer is the only way to keep it from that. Where Salt takes even a failure for a success, as
        it does in parallel, a failure answers False.
        """
        _not("function", "destroy", call)
        try:
            with _salt_errors(f"{self._where()}: {name} is not destroyed"):
                return self._destroy(name)
        except SaltCloudSystemExit:
            if self.opts.get("parallel"):
                return False
            raise

    def action(self, action, name, kwargs, call):
        """Has the host do something to a server."""
        _only("action", action, call)
        params = {"provider": self.record(), "server_name": name, "action": action}
        with _salt_errors(f"{self._where()}: {action} {name}"):
            if (kwargs or {}).get("timeout") is not None:
                params["timeout"] = int(kwargs["timeout"])
            answer = self.rpc("server.action", params)
        return {key: answer[key] for key in ("success", "message", "changed") if key in answer}

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
        with _salt_errors(f"{self._where()}: the servers cannot be listed, which does not mean that there are none"):
            answer = self.rpc("server.list", {"provider": self.record(), "full": full})
            return {server["name"]: server for server in answer["servers"]}

    def _destroy(self, name):
        self.fire("destroying", name, "destroying instance", {"name": name})
        params = {"provider": self.record(), "server_name": name}
        pki_dir = minions.pki_dir(self.opts)
        if pki_dir:
            params["pki_dir"] = pki_dir
        answer = self.rpc("server.delete", params)
        if self.show(name) is not None:
            raise SaltCloudSystemExit("the host reports its deletion, and shows it all the same")
        self.fire("destroyed", name, "destroyed instance", {"name": name})
        if self.opts.get("update_cachedir"):
            self.utils["cloud.delete_minion_cachedir"](name, self.alias(), self.opts)
        others = minions.keys_at_risk(name, {"name": name, "profile": None, **self._identity()}, self.opts)
        if others:
            log.warning("%s is destroyed; the keys of %s are not its own, and stay", name, ", ".join(others))
            return {}
        return {"success": True, "message": answer["message"], "removed": answer.get("removed") or []}


def _only(kind, name, call):
    if call != kind:
        flag = "-a" if kind == "action" else "-f"
        raise SaltCloudSystemExit(f"{name} is a {kind}: call it with {flag}")


def _not(kind, name, call):
    if call == kind:
        raise SaltCloudSystemExit(f"{name} is no {kind}")
