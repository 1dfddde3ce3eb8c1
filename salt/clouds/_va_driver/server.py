"""A profile or map entry as the server that the protocol takes."""

import json
import os

import salt.config
import salt.utils.cloud
from salt.exceptions import SaltCloudSystemExit

from . import members
from .errors import invalid
from .links import follow
from .networks import networks
from .profile import Profile

# What a profile may say in several ways, and what is not taken from there.
_IN_FORMS = (
    "server_name",
    "network",
    "networks",
    "sec_group",
    "sec_groups",
    "boot_volume",
    "floating_ip",
    "disks",
    "clone",
    "seed",
    "user_data",
    "minion",
)
_LISTS = ("addresses", "gateways", "dns", "ssh_keys", "tags")
# All others, and their synonyms: as they stand there.
_AS_IT_IS = tuple(name for name in members.SERVER if name not in _IN_FORMS + _LISTS)


def setting(name, vm_, opts, default=None, search_global=False):
    """``name`` from the map or profile, else from the provider, with ``sdb://`` links followed."""
    return follow(
        salt.config.get_cloud_config_value(name, vm_, opts, default=default, search_global=search_global), opts
    )


def spec(vm_, opts):
    """The protocol's ``server``, without its minion; refused where anything is said that it has no place for."""
    profile = Profile(vm_, opts)
    profile.check()
    server = {"server_name": vm_["name"], **profile.others(), **canonical(profile)}
    user_data = _user_data(profile, opts)
    if user_data:
        server["user_data"] = _rendered(user_data, vm_, opts)
    return server


def canonical(profile):
    """What ``profile`` says of the server, but for its user data, by the protocol's names and in its forms."""
    server = {}
    for name in _AS_IT_IS:
        value = _one(profile, name)
        if value is not None:
            server[name] = value
    for name in _LISTS:
        value = _one(profile, name)
        if value:
            server[name] = _list(name, value)
    server.update(networks(profile))
    server.update(_sec_groups(profile))
    server.update(_disks(profile))
    server.update(_floating_ip(profile, server.pop("floating_ip", None)))
    return server


def public(server):
    """What of ``server`` an event may tell."""
    return {name: value for name, value in server.items() if members.SERVER.get(name)}


def _names(*names):
    """``names`` and what else they are called."""
    return (*names, *(name for name, meant in members.SYNONYMS.items() if meant in names))


def _one(profile, name):
    """The value of a member that may be said by one of several names."""
    said = profile.said(*_names(name))
    if len({json.dumps(value, sort_keys=True, default=str) for value in said.values()}) > 1:
        raise invalid(f"{' and '.join(said)} say two things; say {name} only")
    return next(iter(said.values()), None)


def _list(name, value):
    if isinstance(value, list):
        return value
    # a key holds spaces and may hold commas
    text = str(value)
    return text.splitlines() if name == "ssh_keys" else [part.strip() for part in text.split(",") if part.strip()]


def _sec_groups(profile):
    said = profile.said(*_names("sec_group", "sec_groups"))
    groups = {}
    for name, value in said.items():
        plural = isinstance(value, list) or members.SYNONYMS.get(name, name) == "sec_groups"
        member, value = ("sec_groups", _list(name, value)) if plural else ("sec_group", value)
        if value:
            groups[member] = value
    return groups


def _disks(profile):
    found = {}
    disks = _one(profile, "disks")
    if disks:
        # shade's `volumes` are some that are there already
        member = "volume" if profile.said("volumes") else "size"
        disks = disks if isinstance(disks, list) else [disks]
        found["disks"] = [disk if isinstance(disk, dict) else {member: disk} for disk in disks]
    clone = profile.said(*_names("clone"))
    if "clone_strategy" in clone:
        strategy = clone.pop("clone_strategy")
        clone.setdefault("clone", {"quick": "linked"}.get(strategy, strategy))
    found.update(clone)
    seed = _one(profile, "seed")
    if seed:
        found["seed"] = seed if isinstance(seed, dict) else {"format": seed}
    return {**found, **_boot_volume(profile)}


def _boot_volume(profile):
    """A volume to boot from: ours, shade's ``boot_from_volume`` with ``volume_size``, or one that is there already."""
    said = profile.said(*_names("boot_volume"))
    stays = said.pop("terminate_volume", True) is False
    own = [name for name in ("boot_volume", "root_volume") if said.get(name)]
    if own and len(said) > 1:
        raise invalid(f"{' and '.join(said)} say two things; say boot_volume: {{size: …}} only")
    if own:
        volume = said[own[0]]
        volume = volume if isinstance(volume, dict) else {"volume": volume}
    elif said.get("boot_from_volume"):
        volume = {"size": said["volume_size"]} if said.get("volume_size") is not None else {}
    elif "volume_size" in said and "boot_from_volume" not in said:
        raise invalid("volume_size is that of a volume to boot from: say boot_volume: {size: …}")
    else:
        return {}
    return {"boot_volume": {"delete_on_termination": False, **volume} if stays else volume}


def _floating_ip(profile, from_networks):
    """A floating IP: ours, nova's ``{auto_assign, pool}``, shade's ``auto_ip``, ``ip_pool`` and ``ips``."""
    said = profile.said(*_names("floating_ip"))
    value = said.get("floating_ip", from_networks)
    ips = said.get("ips")
    if ips:
        if isinstance(ips, list) and len(ips) > 1 or value:
            raise invalid("a server has one floating IP; say floating_ip: ADDRESS")
        value = ips[0] if isinstance(ips, list) else ips
    if isinstance(value, dict):
        unknown = sorted(set(value) - {"auto_assign", "pool"})
        if unknown:
            raise invalid(f"floating_ip has no {', '.join(unknown)}; say floating_ip: NETWORK")
        value = value.get("pool", "") if value.get("auto_assign") else None
    elif isinstance(value, bool):
        value = "" if value else None
    if value is None and "floating_ip" not in said:
        if said.get("auto_ip") is False:
            return {}
        value = said.get("ip_pool", "" if said.get("auto_ip") else None)
    return {} if value is None else {"floating_ip": value}


def _user_data(profile, opts):
    files = _names("user_data_file")
    said = {name: value for name, value in profile.said(*_names("user_data"), *files).items() if value}
    if len(said) > 1:
        raise invalid(f"{' and '.join(said)} say two things; say one of them")
    for name, value in said.items():
        if name in files and not isinstance(value, str):
            raise SaltCloudSystemExit(f"{name} is the name of a file")
        if isinstance(value, dict):
            # JSON is YAML, and needs no library
            return "#cloud-config\n" + json.dumps(value, default=str) + "\n"
        # Salt's drivers take `userdata` for a file where there is one of that name
        if name in files or name == "userdata" and "\n" not in str(value) and os.path.isfile(str(value)):
            return _read(name, os.path.join(os.path.dirname(opts.get("conf_file") or ""), os.path.expanduser(value)))
        return str(value)
    return None


def _rendered(text, vm_, opts):
    """``text`` by Salt's renderer ``userdata_template``, which knows the server as ``opts``, where that is said."""
    # the keys are for the minion, and a template is a text that may come from anywhere
    known = {name: value for name, value in vm_.items() if name not in ("priv_key", "pub_key")}
    try:
        return salt.utils.cloud.userdata_template(opts, known, text)
    except Exception as error:  # pylint: disable=broad-except
        # its first line; the others are the text itself
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise invalid(f"user_data cannot be rendered by userdata_template: {why}") from None


def _read(name, path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError) as error:
        raise SaltCloudSystemExit(f"{name}: {path} cannot be read: {error}") from None

