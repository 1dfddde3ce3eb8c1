"""
The servers of salt-cloud's providers for salt-ssh: ``salt-ssh --roster va_cloud web test.ping``.

Its answers are those of the roster ``cloud`` that Salt had up to 3007; where Salt has none this one answers to
``cloud`` as well. The providers themselves are asked, so that ``update_cachedir`` is not needed. Who logs in, and
how, is said by the provider, or in the file ``cloud`` for all of them: ``ssh_username``, ``ssh_password``,
``private_key`` (or ``ssh_keyfile``, ``ssh_key_file``), ``ssh_port``, ``sudo``, ``sudo_password``, ``tty``.
"""

import copy
import importlib.util
import ipaddress
import logging
import os

import salt.cloud
import salt.config
from salt.exceptions import SaltException

log = logging.getLogger(__name__)

__virtualname__ = "va_cloud"
__virtual_aliases__ = () if importlib.util.find_spec("salt.roster.cloud") else ("cloud",)

# Salt's members of a profile or provider, and those of a roster; the first that is said counts.
_LOGIN = (
    ("ssh_username", "user"),
    ("ssh_password", "passwd"),
    ("private_key", "priv"),
    ("ssh_keyfile", "priv"),
    ("ssh_key_file", "priv"),
    ("ssh_port", "port"),
    ("sudo", "sudo"),
    ("sudo_password", "sudo_passwd"),
    ("tty", "tty"),
)


def __virtual__():
    return __virtualname__


def targets(tgt, tgt_type="glob", **kwargs):  # pylint: disable=unused-argument
    """The servers that ``tgt`` means and whose address is known."""
    client = salt.cloud.CloudClient(os.path.join(os.path.dirname(__opts__["conf_file"]), "cloud"))  # noqa: F821
    try:
        found = client.full_query()
    except SaltException as error:
        log.error("the providers cannot be asked: %s", error)
        return {}
    servers = {}
    for alias, drivers in found.items():
        for driver, nodes in (drivers or {}).items():
            for name, node in (nodes or {}).items():
                if isinstance(node, dict):
                    servers.setdefault(name, (f"{alias}:{driver}", node))
    meant = __utils__["roster_matcher.targets"](  # noqa: F821
        {name: {"host": _address(node)} for name, (_, node) in servers.items()}, tgt, tgt_type, "ipv4"
    )
    told = {}
    for name, entry in meant.items():
        if not entry.get("host"):
            log.warning("%s has no address that is known, so it is left out", name)
            continue
        defaults = copy.deepcopy(__opts__.get("roster_defaults") or {})  # noqa: F821
        told[name] = {**defaults, **_login(*servers[name], client.opts), "host": entry["host"]}
    return told


def _login(provider, node, opts):
    vm_ = {"driver": provider, "profile": node.get("profile")}
    login = {}
    for name, member in _LOGIN:
        value = salt.config.get_cloud_config_value(name, vm_, opts, default=None)
        if isinstance(value, list):
            value = value[0] if value else None
        if value:
            login.setdefault(member, value)
    return login


def _address(node):
    """The address of the first kind that ``roster_order`` names; one of IPv6 where there is no other."""
    found = []
    for member in ("public_ips", "private_ips"):
        said = node.get(member) or []
        for text in [said] if isinstance(said, str) else said:
            try:
                found.append(ipaddress.ip_address(text))
            except ValueError:
                continue
    found.sort(key=lambda one: one.version)
    order = __opts__.get("roster_order") or ("public", "private", "local")  # noqa: F821
    for kind in order if isinstance(order, (list, tuple)) else ("public", "private", "local"):
        for one in found:
            if kind == _kind(one):
                return str(one)
    return None


def _kind(address):
    if address.is_loopback:
        return "local"
    return "private" if address.is_private else "public"
