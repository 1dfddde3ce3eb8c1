"""The interface of va_master's base driver, answered by the executable."""

import difflib
import functools
import threading

from .executable import DriverFailure, call
from .steps import Step, StepResult

try:
    import tornado.concurrent
    import tornado.ioloop
except ImportError:
    tornado = None

# What of `data` is the server's: all that the protocol's `server` has, which a test compares.
SERVER = (
    "server_name",
    "role",
    "image",
    "size",
    "network",
    "networks",
    "addresses",
    "gateways",
    "dns",
    "sec_group",
    "sec_groups",
    "availability_zone",
    "key_name",
    "boot_volume",
    "floating_ip",
    "storage_disk",
    "disks",
    "clone",
    "minion",
    "ssh_keys",
    "user_data",
    "domain",
    "virt_type",
    "machine",
    "firmware",
    "pool",
    "graphics",
    "seed",
)
# What a form holds that was left blank.
_EMPTY = (None, "", [])
# What is said of the creation.
_OPTIONS = ("wait", "timeout", "seal")
# What va_master puts beside these: of the request, of the dashboard, and of the role, whose own fields `state` lists.
_VA_MASTERS = (
    "dash_user",
    "driver_name",
    "extra_fields",
    "ip",
    "method",
    "mine_retries",
    "path",
    "provider_name",
    "state",
    "step",
    "storage",
)


def _asynchronous(method):
    """Lets ``method`` run in a thread, and answers a future, where the driver is asynchronous."""

    @functools.wraps(method)
    def wrapper(self, *args, **kwargs):
        work = functools.partial(method, self, *args, **kwargs)
        return _in_thread(work) if self.asynchronous else work()

    return wrapper


def _in_thread(work):
    loop = tornado.ioloop.IOLoop.current()
    future = tornado.concurrent.Future()

    def run():
        try:
            done = functools.partial(future.set_result, work())
        except Exception as error:  # pylint: disable=broad-except
            done = functools.partial(future.set_exception, error)
        # only the loop's own thread may touch its futures
        loop.add_callback(done)

    thread = threading.Thread(target=run)
    thread.daemon = True
    thread.start()
    return future


class VaDriver(object):
    """
    A driver of va-driver's, by its id, with the methods that va_master calls.

    It keeps nothing of what is entered at a step: all that was entered so far comes with each call, so
    that two people can add providers at once. Only after the last step ``field_values`` holds the finished
    provider, which va_master then stores.
    """

    def __init__(
        self,
        driver_name,
        provider_template="",
        profile_template="",
        provider_name="",
        profile_name="",
        host_ip=None,
        key_name=None,
        key_path=None,
        datastore_handler=None,
        path="va-driver",
        pki_dir="/etc/salt/pki/master",
        asynchronous=None,
    ):
        self.driver_name = driver_name
        self.provider_template = provider_template
        self.profile_template = profile_template
        self.provider_name = provider_name
        self.profile_name = profile_name
        self.host_ip = host_ip
        self.key_name = key_name
        self.key_path = key_path
        self.datastore_handler = datastore_handler
        self.path = path
        self.pki_dir = pki_dir
        self.asynchronous = tornado is not None if asynchronous is None else asynchronous
        self.field_values = {"driver_name": driver_name, "servers": [], "defaults": {}}

    @_asynchronous
    def driver_id(self):
        """The id, such as ``libvirt``."""
        return self.driver_name

    @_asynchronous
    def friendly_name(self):
        """The name that people see."""
        for driver in self._call("driver.list")["drivers"]:
            if driver["id"] == self.driver_name:
                return driver["friendly_name"]
        raise DriverFailure("not_found", "va-driver has no driver %s" % self.driver_name)

    @_asynchronous
    def get_steps(self):
        """The steps: the pages of the form by which a provider is added."""
        return self._steps()

    @_asynchronous
    def validate_field_values(self, step_index, field_values, options=None):
        """Validates what was entered; ``field_values`` holds everything entered so far."""
        known = set(field["id"] for step in self._steps() for field in step.fields)
        answer = self._call(
            "driver.validate",
            {
                "driver_id": self.driver_name,
                "step_index": step_index,
                "field_values": dict((id_, value) for id_, value in field_values.items() if id_ in known),
            },
        )
        errors = list(answer.get("errors") or ())
        errors += [text for text in (answer.get("field_errors") or {}).values() if text not in errors]
        choices = dict((id_, _strings(list_)) for id_, list_ in (answer.get("option_choices") or {}).items())
        provider = answer.get("provider")
        if provider:
            self.field_values = dict(provider, driver_name=self.driver_name)
        return StepResult(errors, answer["new_step_index"], choices, provider)

    @_asynchronous
    def get_networks(self, provider=None):
        """The networks, as the choices of a field."""
        return self._choices("networks", provider)

    @_asynchronous
    def get_sec_groups(self, provider=None):
        """The security groups, as the choices of a field."""
        return self._choices("sec_groups", provider)

    @_asynchronous
    def get_images(self, provider=None):
        """The images, as the choices of a field."""
        return self._choices("images", provider)

    @_asynchronous
    def get_sizes(self, provider=None):
        """The sizes, as the choices of a field."""
        return self._choices("sizes", provider)

    @_asynchronous
    def get_servers(self, provider):
        """The servers; ``used_ram`` in MiB, ``used_disk`` in GiB."""
        return self._servers(provider)

    @_asynchronous
    def get_provider_status(self, provider):
        """Whether the provider can be reached."""
        return self._status(provider)

    @_asynchronous
    def get_provider_data(self, provider, get_servers=True, get_billing=True):
        """Servers and usage; a provider that fails says so in ``status``, and never looks empty."""
        try:
            data = self._call("provider.data", {"provider": self._record(provider)})
        except DriverFailure as error:
            return {
                "servers": [],
                "provider_usage": {},
                "status": {"success": False, "message": "Could not get data. %s" % error.message},
            }
        usage = {}
        for name, member in (("cpus", "cpus"), ("ram", "ram"), ("disk", "disk")):
            for how in ("used", "free", "max"):
                usage["%s_%s" % (how, name)] = data[member][how]
        usage["used_servers"] = data["server_count"]
        result = {
            "servers": data["servers"] if get_servers else [],
            "provider_usage": usage,
            "status": {"success": True, "message": ""},
        }
        if get_billing:
            result["provider_billing"] = self._billing(provider)
        return result

    @_asynchronous
    def get_provider_billing(self, provider):
        """What the servers cost."""
        return self._billing(provider)

    @_asynchronous
    def server_action(self, provider, server_name, action):
        """Does something to a server: start, stop, reboot, suspend, resume, delete, and what else its driver has."""
        params = {"provider": self._record(provider), "server_name": server_name}
        try:
            if action == "delete":
                answer = self._call("server.delete", dict(params, pki_dir=self.pki_dir))
            else:
                answer = self._call("server.action", dict(params, action=action))
        except DriverFailure as error:
            return {"success": False, "message": error.message}
        return {"success": True, "message": answer["message"]}

    @_asynchronous
    def create_server(self, provider, data):
        """
        Creates the server ``data``; raises DriverFailure where that fails, and nothing is left.

        A member that is neither the server's nor va_master's is such a failure, too.
        """
        _check(data)
        server = dict((name, data[name]) for name in SERVER if data.get(name) not in _EMPTY)
        # an empty text asks for one, too
        if data.get("floating_ip") is not None:
            server["floating_ip"] = data["floating_ip"]
        if "minion" not in server:
            server["minion"] = {"pki_dir": self.pki_dir}
            if self.host_ip:
                server["minion"]["master"] = self.host_ip
        params = {"provider": self._record(provider), "server": server}
        for name in _OPTIONS:
            if name in data:
                params[name] = data[name]
        return self._call("server.create", params, limit=3600 + int(data.get("timeout") or 300))

    def _call(self, method, params=None, limit=300):
        return call(self.path, method, params or {}, limit)

    def _record(self, provider):
        """The provider as it is stored; the driver's id is this driver's."""
        record = dict(provider or self.field_values)
        for name in ("driver", "driver_id", "servers"):
            record.pop(name, None)
        record["driver_name"] = self.driver_name
        return record

    def _steps(self):
        answer = self._call("driver.steps", {"driver_id": self.driver_name})
        return [Step(step["name"], step["fields"]) for step in answer["steps"]]

    def _choices(self, what, provider):
        answer = self._call("provider.%s" % what, {"provider": self._record(provider)})
        return _strings(answer["option_choices"])

    def _servers(self, provider):
        return self._call("server.list", {"provider": self._record(provider)})["servers"]

    def _billing(self, provider):
        return self._call("provider.billing", {"provider": self._record(provider)})

    def _status(self, provider):
        try:
            answer = self._call("provider.status", {"provider": self._record(provider)})
        except DriverFailure as error:
            return {"success": False, "message": error.message}
        return {"success": answer["success"], "message": answer["message"]}


def _check(data):
    """Refuses what nobody reads: passed over in silence it would make another server than was meant."""
    state = data.get("state")
    fields = state.get("fields") or () if isinstance(state, dict) else ()
    roles = [field["name"] for field in fields if isinstance(field, dict) and "name" in field]
    roles += list(data.get("extra_fields") or ())
    for name in sorted(data):
        if name in SERVER or name in _OPTIONS or name in _VA_MASTERS or name in roles or data[name] in _EMPTY:
            continue
        near = difflib.get_close_matches(name, SERVER + _OPTIONS, 3)
        meant = "; did you mean %s?" % " or ".join(near) if near else ""
        raise DriverFailure("invalid_field", "a server has no %s%s" % (name, meant), "/server/%s" % name)


def _strings(choices):
    """va_master's forms know strings; a choice with a title of its own is its value."""
    return [choice["const"] if isinstance(choice, dict) else choice for choice in choices]
