"""The interface of va_master's base driver, answered by the executable."""

import functools
import logging
import os

from . import server as servers
from . import usage
from .executable import DriverFailure, call, call_all
from .forms import Form, Forms, ServerForms
from .futures import after, asynchronous, at_once, tornado, when_read
from .steps import Step, StepResult, strings

log = logging.getLogger("va_driver")

# What a stored record holds for the dashboard, and the method that lists it.
_LISTS = ("networks", "sec_groups", "images", "sizes")
# What it holds besides that is none of the executable's business.
_STORED = _LISTS + ("servers", "provider_conf", "profile_conf", "profile_conf_dir", "driver", "driver_id")
# What a server's form asks for at each step.
_SERVER_STEPS = (("role", "server_name"), (), ("sec_group", "image", "size", "network"))


class VaDriver(object):
    """
    A driver of va-driver's, by its id, with the methods that va_master calls.

    One object serves all requests. Whose form an answer is of it knows by the provider's name:
    ``field_values``, ``provider_vars`` and ``profile_vars`` are that form's whenever a method is entered,
    and when its answer is read.
    """

    # The executable's driver, where ``driver_name`` is a name of one's own.
    base = None

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
        flavours=None,
        ssl_path=None,
        path="va-driver",
        pki_dir="/etc/salt/pki/master",
        config_dir=None,
        replace=False,
        asynchronous=None,
    ):
        self.driver_name = driver_name
        self.base = self.base or driver_name
        self.provider_template = provider_template
        self.profile_template = profile_template
        self.provider_name = provider_name
        self.profile_name = profile_name
        self.host_ip = host_ip
        self.key_name = key_name
        self.key_path = key_path
        self.datastore_handler = datastore_handler
        self.flavours = flavours
        self.ssl_path = ssl_path
        self.path = path
        self.pki_dir = pki_dir
        self.config_dir = config_dir
        self.replace = replace
        self.asynchronous = tornado is not None if asynchronous is None else asynchronous
        new = functools.partial(Form, driver_name, self._variables())
        self._forms = Forms(new)
        self._server_forms = ServerForms()
        self._form = new()
        # Around a subclass's own, too: what it writes is to be this form's, and what is read after it.
        self.validate_field_values = functools.partial(self._of_one_form, self.validate_field_values)

    @property
    def field_values(self):
        """After the last step the finished provider, which va_master then stores."""
        return self._form.field_values

    @field_values.setter
    def field_values(self, values):
        self._form.field_values = values

    @property
    def provider_vars(self):
        """Variables of the provider's template, beside the driver's own."""
        return self._form.provider_vars

    @provider_vars.setter
    def provider_vars(self, variables):
        self._form.provider_vars = variables

    @property
    def profile_vars(self):
        """Variables of the profile's template, beside the driver's own."""
        return self._form.profile_vars

    @profile_vars.setter
    def profile_vars(self, variables):
        self._form.profile_vars = variables

    @at_once
    def driver_id(self):
        """The id, such as ``libvirt``."""
        return self.driver_name

    @asynchronous
    def friendly_name(self):
        """The name that people see."""
        for driver in self._call("driver.list")["drivers"]:
            if driver["id"] == self.base:
                return driver["friendly_name"]
        raise DriverFailure("not_found", "va-driver has no driver %s" % self.base)

    @asynchronous
    def get_steps(self):
        """The steps: the pages of the form by which a provider is added."""
        return [Step(step["name"], step["fields"]) for step in self._about()["steps"]]

    def validate_field_values(self, step_index, field_values, options=None):
        """Validates what was entered; ``field_values`` holds everything entered so far."""
        form = self._form
        work = functools.partial(self._validated, form, step_index, field_values)
        own = (self.get_steps(), self.driver_id())
        answer = after(own, work) if self.asynchronous else work(*own)
        return when_read(answer, functools.partial(self._enter, form))

    @asynchronous
    def validate_app_fields(self, step, **fields):
        """What was collected of a server, of whose form this is the step 0, 1 or 2."""
        step = int(step)
        if not 0 <= step < len(_SERVER_STEPS):
            raise DriverFailure("invalid_field", "a server's form has the steps 0, 1 and 2, not %s" % step, "/step")
        provider = fields.pop("provider", None) or {}
        fields.setdefault("provider_name", provider.get("provider_name"))
        collected = self._server_forms.collect(step, fields)
        for name in self._wanted(step, collected):
            if collected.get(name) in servers.EMPTY:
                raise DriverFailure("invalid_field", "%s must be filled in" % name, "/server/%s" % name)
        return dict((name, value) for name, value in collected.items() if name not in servers.REQUEST)

    @asynchronous
    def get_networks(self, provider=None):
        """The networks, as the choices of a field."""
        return self._choices("networks", provider)

    @asynchronous
    def get_sec_groups(self, provider=None):
        """The security groups, as the choices of a field."""
        return self._choices("sec_groups", provider)

    @asynchronous
    def get_images(self, provider=None):
        """The images, as the choices of a field."""
        return self._choices("images", provider)

    @asynchronous
    def get_sizes(self, provider=None):
        """The sizes, as the choices of a field."""
        return self._choices("sizes", provider)

    @asynchronous
    def get_servers(self, provider):
        """
        The servers; ``used_ram`` in MiB, ``used_disk`` in GiB. None of a provider that cannot be asked, since
        all providers are asked for one page; ``get_provider_status`` says why.
        """
        try:
            return self._servers(provider)
        except DriverFailure as error:
            log.error("%s: the servers cannot be listed: %s", provider.get("provider_name"), error.message)
            return []

    @asynchronous
    def get_provider_status(self, provider):
        """Whether the provider can be reached."""
        try:
            answer = self._call("provider.status", {"provider": self._record(provider)})
        except DriverFailure as error:
            return {"success": False, "message": error.message}
        return {"success": answer["success"], "message": answer["message"]}

    @asynchronous
    def get_provider_data(self, provider, get_servers=True, get_billing=True):
        """Servers and usage; a provider that fails says so in ``status``, and never looks empty."""
        try:
            data = self._call("provider.data", {"provider": self._record(provider)})
        except DriverFailure as error:
            failed = {"success": False, "message": "Could not get data. %s" % error.message}
            data, found, used = {}, [], usage.unknown()
        else:
            failed, found, used = None, data["servers"], usage.provider_usage(data)
        result = {
            "servers": found if get_servers else [],
            "provider_usage": used,
            "status": failed or {"success": True, "message": ""},
        }
        if get_billing:
            result["provider_billing"] = usage.billing(provider, found)
        return result

    @asynchronous
    def get_provider_billing(self, provider):
        """What the servers cost; of a provider that fails ``status`` says so."""
        try:
            return usage.billing(provider, self._servers(provider))
        except DriverFailure as error:
            return dict(usage.billing(provider, []), status={"success": False, "message": error.message})

    @at_once
    def get_driver_trigger_functions(self):
        """What triggers can ask and do here: nothing."""
        return {"conditions": [], "actions": []}

    @asynchronous
    def server_action(self, provider, server_name, action):
        """
        Does something to a server: start, stop, reboot, suspend, resume, delete, and what else its driver has.
        Raises DriverFailure where that fails, since va_master takes every answer for a success.
        """
        params = {"provider": self._record(provider), "server_name": server_name}
        if action == "delete":
            answer = self._call("server.delete", dict(params, pki_dir=self.pki_dir), 3600)
        else:
            answer = self._call("server.action", dict(params, action=action), 3600)
        return {"success": True, "message": answer["message"]}

    @asynchronous
    def create_server(self, provider, data):
        """
        Creates the server ``data``; raises DriverFailure where that fails, and nothing is left.

        A member that is neither the server's nor va_master's is such a failure, too.
        """
        about = self._about()
        own = [field["id"] for field in about.get("server_fields") or ()]
        servers.check(data, own)
        server = servers.spec(data, own)
        takes = set(about["server_members"]).__contains__
        servers.add_minion(server, self.host_ip, self.pki_dir, takes, self._fingerprint)
        if self.key_name and self.key_path:
            servers.add_ssh_key(server, self.key_path, self.key_name, takes)
        variables = self._variables()
        params = {
            "provider": self._record(provider),
            "server": server,
            "templates": {"provider_vars": variables, "profile_vars": variables},
        }
        for name in servers.OPTIONS:
            if data.get(name) not in servers.EMPTY:
                params[name] = data[name]
        answer = self._call("server.create", params, 3600 + int(data.get("timeout") or 300))
        self._server_forms.close(server.get("server_name"))
        return answer

    def _call(self, method, params=None, limit=300):
        return call(self.path, method, params or {}, limit)

    def _about(self):
        return self._call("driver.steps", {"driver_id": self.base})

    def _variables(self):
        """What the templates of all providers have of this master."""
        variables = {"VAR_THIS_IP": self.host_ip, "VAR_SSH_NAME": self.key_name, "VAR_KEYPAIR_NAME": self.key_name}
        if self.key_name and self.key_path:
            paths = [os.path.join(self.key_path, self.key_name + end) for end in ("", ".pem")]
            there = [path for path in paths if os.path.exists(path)]
            variables["VAR_SSH_FILE"] = (there or paths)[0]
        else:
            variables["VAR_SSH_FILE"] = None
        return variables

    def _fingerprint(self, path):
        return self._call("key.fingerprint", {"path": path})["fingerprint"]

    def _record(self, provider):
        """The provider as the executable takes it; the driver's id is the one that it knows."""
        record = dict(provider or self.field_values)
        for name in _STORED:
            record.pop(name, None)
        for name in ("provider_ip", "host_ip"):
            if record.get(name) in servers.EMPTY:
                record.pop(name, None)
        record["driver_name"] = self.base
        self._add_own(record)
        return record

    def _add_own(self, record):
        """What va_master gives to every driver, and a driver's provider has a member for."""

    def _choices(self, what, provider):
        answer = self._call("provider.%s" % what, {"provider": self._record(provider)})
        return strings(answer["option_choices"])

    def _servers(self, provider):
        return self._call("server.list", {"provider": self._record(provider)})["servers"]

    def _wanted(self, step, collected):
        """What must be there by ``step`` of a server's form."""
        wanted = [name for names in _SERVER_STEPS[:2][: step + 1] for name in names]
        if step >= 1:
            state = collected.get("state")
            fields = state.get("fields") or () if isinstance(state, dict) else ()
            blank = [field.get("name") for field in fields if isinstance(field, dict) and field.get("blank")]
            wanted += [name for name in servers.role_fields(collected) if name not in blank]
        if step >= 2:
            about = self._about()
            fields = [field for one in about["steps"] for field in one["fields"]]
            asked = [field["id"] for field in fields if field["id"] in _SERVER_STEPS[2] and not field.get("blank")]
            wanted += [name for name in _SERVER_STEPS[2] if name in asked]
            own = about.get("server_fields") or ()
            wanted += [field["id"] for field in own if not field.get("blank") and field.get("default") is None]
        return wanted

    def _of_one_form(self, method, step_index, field_values, *args, **kwargs):
        form = self._form = self._forms.of(field_values)
        answer = method(step_index, field_values, *args, **kwargs)

        def told(result):
            self._enter(form, result)
            if result.new_step_index == -1 and not result.errors:
                self._forms.close(field_values)

        return when_read(answer, told)

    def _enter(self, form, result):
        """Whoever reads a result reads the attributes of its form next."""
        finished = result.new_step_index == -1 and not result.errors
        # a subclass may make a result of its own out of ours
        record = (result.provider or form.field_values) if finished else None
        self._form = form.finished(record) if finished else form

    def _validated(self, form, step_index, field_values, steps, id_):
        known = set(name for step in steps for name in step.known)
        added = set(field["id"] for step in steps for field in step.fields) - known
        values = dict((name, field_values[name]) for name in known | added if name in field_values)
        self._add_own(values)
        params = {"driver_id": self.base, "step_index": step_index}
        while True:
            try:
                answer = self._call("driver.validate", dict(params, field_values=values))
                break
            except DriverFailure as error:
                # what a subclass asks for besides may be its own affair
                name = (error.field or "").rpartition("/")[2]
                if error.kind != "invalid_field" or name not in added or name not in values:
                    raise
                del values[name]
        errors = list(answer.get("errors") or ())
        errors += [text for text in (answer.get("field_errors") or {}).values() if text not in errors]
        choices = dict((name, strings(list_)) for name, list_ in (answer.get("option_choices") or {}).items())
        provider = answer.get("provider")
        if not provider:
            return StepResult(errors, answer["new_step_index"], choices)
        for name in added:
            if field_values.get(name) not in servers.EMPTY and name not in provider["defaults"]:
                provider.setdefault(name, field_values[name])
        try:
            record = self._stored(form, provider, id_)
        except DriverFailure as error:
            return StepResult([error.message], step_index, choices)
        # also for a subclass that reads its form before it answers
        form.field_values = record
        return StepResult(errors, -1, choices, record)

    def _stored(self, form, provider, id_):
        """The record that va_master stores of ``provider``, whose files are written."""
        record = dict(form.field_values)
        record.update(provider, driver_name=id_)
        for name in ("username", "password", "provider_ip"):
            record.setdefault(name, "")
        place = record.get("host_ip") or record["provider_ip"] or ""
        record.update(host_ip=place, provider_ip=place, location=record.get("location") or "va_master", servers=[])
        sent = self._record(provider)
        lists = call_all(self.path, [("provider.%s" % name, {"provider": sent}) for name in _LISTS])
        for name, answer in zip(_LISTS, lists):
            if isinstance(answer, DriverFailure):
                if answer.kind != "unsupported":
                    raise answer
                answer = {"option_choices": []}
            record[name] = strings(answer["option_choices"])
        templates = {"provider_vars": form.provider_vars, "profile_vars": form.profile_vars}
        for name, text in (("provider", self.provider_template), ("profile", self.profile_template)):
            if text:
                templates[name] = text
        params = {"provider": sent, "templates": templates, "replace": self.replace}
        for name, value in (
            ("config_dir", self.config_dir),
            ("profile_name", form.profile_vars.get("VAR_PROFILE_NAME")),
        ):
            if value:
                params[name] = value
        written = self._call("provider.write", params)
        record["provider_conf"] = written["provider_file"]
        record["profile_conf"] = written["profile_file"]
        record["profile_conf_dir"] = os.path.dirname(written["profile_file"])
        return record


class LibVirtDriver(VaDriver):
    """libvirt hosts."""

    base = "libvirt"

    def __init__(self, driver_name=base, **kwargs):
        super(LibVirtDriver, self).__init__(driver_name, **kwargs)

    def _add_own(self, record):
        if self.flavours and not record.get("flavours"):
            record["flavours"] = self.flavours
        # the certificates are for TLS, which the bare protocol is with a host that is elsewhere
        host = record.get("host_ip") or record.get("provider_ip") or "/"
        protocol = record.get("host_protocol") or record.get("provider_protocol")
        if self.ssl_path and protocol in ("qemu", "qemu+tls") and host[0] != "/" and not record.get("uri"):
            record.setdefault("pkipath", self.ssl_path)


class OpenStackDriver(VaDriver):
    """OpenStack clouds."""

    base = "openstack"

    def __init__(self, driver_name=base, **kwargs):
        super(OpenStackDriver, self).__init__(driver_name, **kwargs)


def drivers(path="va-driver", **kwargs):
    """A driver for each that va-driver has now, manifests and external ones among them."""
    own = [LibVirtDriver, OpenStackDriver]
    try:
        listed = call(path, "driver.list", {})
    except DriverFailure as error:
        # va_master starts all the same, and each form says it
        log.error("%s", error.message)
        listed = {"drivers": []}
    for broken in listed.get("broken") or ():
        log.error("%s: %s", broken.get("file"), broken.get("message"))
    others = [one["id"] for one in listed["drivers"] if one["id"] not in [class_.base for class_ in own]]
    return [class_(path=path, **kwargs) for class_ in own] + [VaDriver(id_, path=path, **kwargs) for id_ in others]
