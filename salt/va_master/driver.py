"""The interface of va_master's base driver, answered by the executable."""

import functools
import logging
import os
import threading

from . import server as servers
from . import usage
from .executable import DriverFailure, call
from .forms import Form, Forms, ServerForms
from .futures import after, asynchronous, at_once, entered, one_by_one, tornado, when_read
from .record import as_sent, stored
from .steps import Step, StepResult, strings

log = logging.getLogger("va_driver")

# More steps than a form has.
_STEPS = 32


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
        self._new_form = functools.partial(Form, driver_name, self._variables())
        self._forms = Forms(self._new_form)
        self._server_forms = ServerForms()
        self._here = threading.local()
        # Around a subclass's own, too: what it writes is to be this form's, and what is read after it.
        self.validate_field_values = functools.partial(self._of_one_form, self.validate_field_values)

    @property
    def _form(self):
        """The form that the call, or the reading of an answer, in this thread is about."""
        if not hasattr(self._here, "form"):
            self._here.form = self._new_form()
        return self._here.form

    @_form.setter
    def _form(self, form):
        self._here.form = form

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
        if not 0 <= step < len(servers.STEPS):
            raise DriverFailure("invalid_field", "a server's form has the steps 0, 1 and 2, not %s" % step, "/step")
        provider = fields.pop("provider", None) or {}
        fields.setdefault("provider_name", provider.get("provider_name"))
        collected = self._server_forms.collect(step, fields)
        for name in servers.wanted(step, collected, self._about):
            if collected.get(name) in servers.EMPTY:
                raise DriverFailure("invalid_field", "%s must be filled in" % name, "/server/%s" % name)
        return dict((name, value) for name, value in collected.items() if name not in servers.REQUEST)

    def get_networks(self, provider=None):
        """The networks, as the choices of a field."""
        return self._choices("networks", provider or self.field_values)

    def get_sec_groups(self, provider=None):
        """The security groups, as the choices of a field."""
        return self._choices("sec_groups", provider or self.field_values)

    def get_images(self, provider=None):
        """The images, as the choices of a field."""
        return self._choices("images", provider or self.field_values)

    def get_sizes(self, provider=None):
        """The sizes, as the choices of a field."""
        return self._choices("sizes", provider or self.field_values)

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
            answer = self._call("provider.status", {"provider": self.sent(provider)})
        except DriverFailure as error:
            return {"success": False, "message": error.message}
        return {"success": answer["success"], "message": answer["message"]}

    @asynchronous
    def get_provider_data(self, provider, get_servers=True, get_billing=True):
        """Servers and usage; a provider that fails says so in ``status``, and never looks empty."""
        try:
            data = self._call("provider.data", {"provider": self.sent(provider)})
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
        params = {"provider": self.sent(provider), "server_name": server_name}
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
            "provider": self.sent(provider),
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

    def sent(self, provider):
        """The provider as the executable takes it; the driver's id is the one that it knows."""
        record = as_sent(provider, self.base)
        self._add_own(record)
        return record

    def _add_own(self, record):
        """What va_master gives to every driver, and a driver's provider has a member for."""

    @asynchronous
    def _choices(self, what, provider):
        try:
            answer = self._call("provider.%s" % what, {"provider": self.sent(provider)})
        except DriverFailure as error:
            # such as security groups, which libvirt has none of
            if error.kind == "unsupported":
                return []
            raise
        return strings(answer["option_choices"])

    def _servers(self, provider):
        return self._call("server.list", {"provider": self.sent(provider)})["servers"]

    def _of_one_form(self, method, step_index, field_values, *args, **kwargs):
        form, is_new = self._forms.of(field_values)

        def enter():
            self._form = form

        def step(index):
            enter()
            return entered(method(index, field_values, *args, **kwargs), enter)

        def told(result):
            self._enter(form, result)
            if result.new_step_index == -1 and not result.errors:
                self._forms.close(field_values)

        # A form that was begun elsewhere, or finished: a subclass may have said something at its first steps.
        is_own = type(self).validate_field_values != VaDriver.validate_field_values
        first = 0 if is_new and is_own and 0 < step_index < _STEPS else step_index
        return when_read(one_by_one([functools.partial(step, one) for one in range(first, step_index + 1)]), told)

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
        form.offered.update(choices)
        provider = answer.get("provider")
        if not provider:
            return StepResult(errors, answer["new_step_index"], choices)
        for name in added:
            if field_values.get(name) not in servers.EMPTY and name not in provider["defaults"]:
                provider.setdefault(name, field_values[name])
        try:
            record = stored(self, form, provider, steps, id_)
        except DriverFailure as error:
            return StepResult([error.message], step_index, choices)
        # also for a subclass that reads its form before it answers
        form.field_values = record
        return StepResult(errors, -1, choices, record)
