"""
What salt-cloud has no word for, from va-driver, by ``salt-run va_driver.FUNCTION``.

Providers are those of ``cloud.providers.d``, by name. A failure answers ``error`` with its ``kind`` and
``message``, and salt-run ends with 1. Salt tells the master's event bus the arguments of a runner and
what it returns, and keeps both in its job cache: so no password is taken as an argument, and none returned.
"""

import functools
import hashlib
import importlib.util
import os
import sys

import salt.config
import salt.utils.files
import salt.utils.yaml
from salt.exceptions import SaltException

__virtualname__ = "va_driver"

_PREFIX = "va_"
_SECRETS = ("password", "passcode", "token", "application_credential_secret", "client_secret", "access_token")


def __virtual__():
    return __virtualname__


def _shared():
    """The package ``_va_driver`` of the salt-cloud drivers; see ``_shared`` there."""
    here = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    directory = os.path.join(here, "clouds", "_va_driver")
    name = "_va_driver_" + hashlib.sha256(directory.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, os.path.join(directory, "__init__.py"), submodule_search_locations=[directory]
        )
        sys.modules[name] = package = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(package)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]


def _told(function):
    """Has ``function`` answer its failures as data: what it raised Salt would print as a traceback."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        kwargs = {name: value for name, value in kwargs.items() if not name.startswith("__")}
        try:
            return function(*args, **kwargs)
        except (SaltException, OSError, ValueError) as error:
            failure = {"kind": getattr(error, "kind", "invalid_request"), "message": str(error)}
            if getattr(error, "left_behind", None):
                failure["left_behind"] = error.left_behind
        __context__["retcode"] = 1  # noqa: F821  Salt's
        return {"error": failure, "retcode": 1}

    return wrapper


@_told
def version():
    """The executable's version, and those of the protocol that it speaks."""
    return _rpc("version", {})


@_told
def drivers():
    """The drivers, by id."""
    return {driver["id"]: driver["friendly_name"] for driver in _rpc("driver.list", {})["drivers"]}


@_told
def steps(driver):
    """The steps by which a provider is described: ``salt-run va_driver.steps libvirt``."""
    return _rpc("driver.steps", {"driver_id": driver})


@_told
def validate(driver, step_index=-1, values=None, file=None):
    """
    Validate what was entered at a step.

    ``values`` is a mapping of all that was entered so far; what is secret of it stands in the YAML ``file``.
    """
    values = {**(values or {}), **_read(file)}
    params = {"driver_id": driver, "step_index": step_index, "field_values": values}
    answer = _rpc("driver.validate", params)
    told = ("errors", "field_errors", "new_step_index", "option_choices", "profile_conf")
    return {name: answer[name] for name in told if name in answer}


@_told
def provider_write(provider=None, file=None, profile=None, replace=False, **settings):
    """
    Write a provider and a profile to ``cloud.providers.d`` and ``cloud.profiles.d``.

    .. code-block:: bash

        salt-run va_driver.provider_write kvm1 driver=libvirt uri=qemu:///system network=default
        salt-run va_driver.provider_write file=/etc/salt/kvm1.yaml replace=True

    A password is given by an ``sdb://`` link, or stands in the YAML ``file``.
    """
    for name in _SECRETS:
        if settings.get(name) and not str(settings[name]).startswith("sdb://"):
            why = f"{name} would be told to all that listen: put it into `file`, or give a link"
            raise _error("invalid_field", why)
    record = {**_read(file), **settings}
    if provider:
        record["provider_name"] = provider
    params = {"provider": record, "config_dir": _config_dir(), "replace": bool(replace)}
    if profile:
        params["profile_name"] = profile
    return _rpc("provider.write", params)


@_told
def migrate(target=None, maps=(), records=(), network=None, size=None, dry_run=False):
    """
    Write providers, profiles and maps of Salt's former drivers (libvirt, openstack, nova) as ours.

    .. code-block:: bash

        salt-run va_driver.migrate dry_run=True
        salt-run va_driver.migrate target=/root/migrated network=default size=va-small

    They come into ``target`` (``migrated`` in Salt's configuration directory), under their names, with what was taken,
    changed and left out in the answer; no file is overwritten. ``maps`` names maps elsewhere than in ``cloud.maps.d``,
    ``records`` files of providers as va_master stores them. ``network`` and ``size`` are for libvirt providers, whose
    former driver copied both from a domain.
    """
    call = _shared().Executable({}, _cloud_opts()).call
    config_dir = _config_dir()
    target = os.path.abspath(target or os.path.join(config_dir, "migrated"))
    migration = _shared().Migration(config_dir, target, call, bool(dry_run), {"network": network, "size": size})
    return migration.run(_listed(maps), _listed(records))


@_told
def status(provider):
    """Whether a provider can be reached; where not, that is a failure."""
    answer = _cloud(provider).ask("provider.status")
    if not answer["success"]:
        raise _error("connection_failed", answer["message"])
    return answer


@_told
def usage(provider):
    """CPUs, memory (MiB) and disk (GiB) of a provider: used, free, all."""
    answer = _cloud(provider).ask("provider.data")
    return {name: value for name, value in answer.items() if name != "servers"}


@_told
def billing(provider):
    """What a provider's servers cost, where it has prices."""
    return _cloud(provider).ask("provider.billing")


@_told
def image_import(provider, source, name=None, pool=None, format=None, sha256=None):  # pylint: disable=redefined-builtin
    """Bring an image to a provider, from a file on this master or a URL."""
    image = {"source": source, "name": name, "pool": pool, "format": format, "sha256": sha256}
    image = {member: str(value) for member, value in image.items() if value is not None}
    return _cloud(provider).ask("image.import", {"image": image}, _LONG)


@_told
def plan(provider, name, profile=None, **settings):
    """What a creation would do: ``salt-run va_driver.plan kvm1 web profile=small``."""
    return _cloud(provider).plan({**settings, "name": name, "profile": profile}, "function")


@_told
def recover(provider):
    """Remove what creations that were cut off have left."""
    return _cloud(provider).ask("server.recover")


@_told
def orphans(provider, remove=False):
    """What is left of servers that are gone, such as volumes without a domain; ``remove=True`` removes it."""
    return _cloud(provider).orphans({"remove": remove}, "function")


@_told
def forget(provider, name):
    """Delete a server that va-driver did not make; its disks stay, and so does its minion's key."""
    return _cloud(provider).ask("server.delete", {"server_name": name, "force": True})


# Seconds for an image to arrive.
_LONG = 6 * 3600


def _listed(said):
    return [name for name in said.split(",") if name] if isinstance(said, str) else list(said)


def _config_dir():
    return os.path.dirname(__opts__["conf_file"])  # noqa: F821  Salt's


def _cloud_opts():
    return salt.config.cloud_config(os.path.join(_config_dir(), "cloud"))


def _rpc(method, params):
    """A call that no provider is needed for."""
    return _shared().Executable({}, _cloud_opts()).call(method, params)


def _cloud(provider):
    """The configured provider, read as salt-cloud reads it."""
    opts = _cloud_opts()
    for driver, record in opts["providers"].get(provider, {}).items():
        # to our own modules it names the executable
        if "va_driver" in record and not driver.startswith(_PREFIX):
            return _Page({name: value for name, value in record.items() if name != "profiles"}, provider)
    ours = [driver for driver in opts["providers"].get(provider, {}) if driver.startswith(_PREFIX)]
    if not ours:
        has_ours = [name for name, found in opts["providers"].items() if any(one.startswith(_PREFIX) for one in found)]
        there_are = ", ".join(sorted(has_ours)) or "none"
        raise _error("not_found", f"there is no provider {provider} of va-driver's; there are: {there_are}")
    return _shared().Cloud(ours[0], {"__opts__": opts, "__active_provider_name__": f"{provider}:{ours[0]}"})


class _Page:
    """A provider of a driver in a page, whose servers Salt's own driver makes: the page is in its ``va_driver``."""

    def __init__(self, record, name):
        self._provider = {**record, "provider_name": name}

    def ask(self, method, params=None, timeout=None):  # pylint: disable=unused-argument
        """Asks about the provider."""
        return _rpc(method, {"provider": self._provider, **(params or {})})

    def plan(self, settings, _):
        """What a creation would do."""
        server = {name: value for name, value in settings.items() if value is not None}
        if server.pop("profile", None):
            raise _error("unsupported", "what a server of this driver has is said by itself: give no profile")
        server["server_name"] = server.pop("name")
        return self.ask("server.plan", {"server": server})

    def orphans(self, settings, _):
        """What creations that were cut off have left."""
        return self.ask("server.recover", {"dry_run": not settings["remove"]})


def _read(file):
    if not file:
        return {}
    with salt.utils.files.fopen(file, encoding="utf-8") as stream:
        try:
            content = salt.utils.yaml.safe_load(stream)
        except salt.utils.yaml.YAMLError as error:
            # not its text, which may be the password's line
            mark = getattr(error, "problem_mark", None)
            raise _error("invalid_field", f"{file} is no YAML{f', see line {mark.line + 1}' if mark else ''}") from None
    if not isinstance(content, dict):
        raise _error("invalid_field", f"{file} holds no mapping")
    return content


def _error(kind, message):
    return _shared().DriverError(kind, message)
