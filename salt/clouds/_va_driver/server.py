"""A profile or map entry as the server that the protocol takes."""

import json
import os

import salt.config
from salt.exceptions import SaltCloudSystemExit

from .links import follow

_AS_IT_IS = (
    "image",
    "size",
    "role",
    "domain",
    "clone",
    "sec_group",
    "availability_zone",
    "key_name",
    "boot_volume",
    "floating_ip",
    "storage_disk",
    "virt_type",
    "machine",
    "firmware",
    "graphics",
    "pool",
)
_LISTS = ("addresses", "gateways", "dns", "ssh_keys", "sec_groups")

# What of a server an event may tell: no user data, no keys.
_PUBLIC = ("server_name", "image", "size", "network", "networks", "role", "clone", "storage_disk", "disks", "pool")


def setting(name, vm_, opts, default=None, search_global=False):
    """``name`` from the map or profile, else from the provider, with ``sdb://`` links followed."""
    return follow(
        salt.config.get_cloud_config_value(name, vm_, opts, default=default, search_global=search_global), opts
    )


def spec(vm_, opts):
    """The protocol's ``server``, without its minion."""
    server = {"server_name": vm_["name"]}
    for name in _AS_IT_IS:
        value = setting(name, vm_, opts)
        if value is not None:
            server[name] = value
    for name in _LISTS:
        value = setting(name, vm_, opts)
        if value:
            server[name] = _list(name, value)
    server.update(_networks(vm_, opts))
    disks = setting("disks", vm_, opts)
    if disks:
        disks = disks if isinstance(disks, list) else [disks]
        server["disks"] = [disk if isinstance(disk, dict) else {"size": disk} for disk in disks]
    seed = setting("seed", vm_, opts)
    if seed:
        server["seed"] = seed if isinstance(seed, dict) else {"format": seed}
    user_data = _user_data(vm_, opts)
    if user_data:
        server["user_data"] = user_data
    return server


def public(server):
    """What of ``server`` an event may tell."""
    return {name: server[name] for name in _PUBLIC if name in server}


def _list(name, value):
    if isinstance(value, list):
        return value
    # a key holds spaces and may hold commas
    text = str(value)
    return text.splitlines() if name == "ssh_keys" else [part.strip() for part in text.split(",") if part.strip()]


def _networks(vm_, opts):
    network, networks = setting("network", vm_, opts), setting("networks", vm_, opts)
    if isinstance(network, (list, dict)) and not networks:
        network, networks = None, network
    if networks:
        return {"networks": networks if isinstance(networks, list) else [networks]}
    return {"network": network} if network else {}


def _user_data(vm_, opts):
    for name in ("user_data", "userdata"):
        value = setting(name, vm_, opts)
        if isinstance(value, dict):
            # JSON is YAML, and needs no library
            return "#cloud-config\n" + json.dumps(value, default=str) + "\n"
        if value:
            return str(value)
    for name in ("user_data_file", "userdata_file"):
        path = setting(name, vm_, opts)
        if path and not isinstance(path, str):
            raise SaltCloudSystemExit(f"{name} is the name of a file")
        if path:
            return _read(name, os.path.join(os.path.dirname(opts.get("conf_file") or ""), os.path.expanduser(path)))
    return None


def _read(name, path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError) as error:
        raise SaltCloudSystemExit(f"{name}: {path} cannot be read: {error}") from None
