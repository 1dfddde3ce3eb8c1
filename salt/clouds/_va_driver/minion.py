"""The minion's part of a server."""

import glob
import logging
import os
import re

import salt.config

from .errors import invalid
from .server import setting

log = logging.getLogger("va_driver")

# Members of Salt's `minion` setting that are none of the guest's minion configuration.
_NOT_CONF = ("id", "append_domain", "grains", "local_master", "pki_dir")

# The bytes of a fingerprint, by the minion's `hash_type`.
_LENGTHS = {"md5": 16, "sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}


def settings(vm_, opts):
    """The ``minion`` setting, merged from the configuration, the provider, the profile and the map."""
    value = setting("minion", vm_, opts, default={}, search_global=True)
    return value if isinstance(value, dict) else {}


def key_id(vm_, opts):
    """The id under which Salt accepts the key, by Salt's own rule."""
    # Salt takes the id from the same setting, without links followed
    minion = salt.config.get_cloud_config_value("minion", vm_, opts, default={}) or {}
    domain = vm_.get("domain") if vm_.get("use_fqdn") and vm_.get("domain") else minion.get("append_domain")
    id_ = str(minion.get("id", vm_["name"]))
    # … which appends an empty domain as well
    return id_ if domain is None else f"{id_}.{domain}"


def wanted(vm_, opts):
    """Whether the server is to have a minion: Salt's ``deploy``, ``--no-deploy``."""
    return bool(setting("deploy", vm_, opts, default=True, search_global=True))


def section(vm_, opts, accepted=None):
    """
    The protocol's ``minion``, with the key pair that Salt has made.

    ``accepted`` tells whether this master has accepted its key; None where none was made, for a plan.
    """
    conf = settings(vm_, opts)
    id_ = key_id(vm_, opts)
    minion = {"id": id_}
    grains = _about(vm_) if opts.get("enable_cloud_grains", True) else {}
    # the order of Salt's own minion_config
    grains.update(conf.get("grains") or {})
    grains.update(setting("grains", vm_, opts, default={}, search_global=True) or {})
    if grains:
        minion["grains"] = grains
    if _has_no_master(conf):
        # its files and pillar are its own; without this it looks for a host called `salt`, and goes on for ever
        conf["master_type"] = "disable"
        conf.pop("master", None)
        accepted = None
    sign_key = _sign_key(conf, vm_, opts, accepted)
    if sign_key:
        minion["sign_key"] = sign_key
    finger = conf.get("master_finger") or setting("master_finger", vm_, opts, search_global=True)
    if finger:
        minion["master_finger"] = _finger(finger, conf.get("hash_type") or "sha256")
    elif not sign_key and accepted and setting("pin_master", vm_, opts, default=True, search_global=True):
        # Salt has accepted the key here, so this is the master that the minion is to trust. Several masters
        # have one key, unless they sign theirs.
        key = _read(os.path.join(opts["pki_dir"], "master.pub"))
        if key:
            minion["master_key"] = key
    if accepted is not None and not finger and not {"master_key", "sign_key"} & set(minion):
        log.warning("%s: the guest will trust the first master that answers; set master_finger", id_)
    if conf.get("master"):
        masters = conf.pop("master")
        minion["master"] = [str(one) for one in masters] if isinstance(masters, list) else str(masters)
    conf.pop("master_finger", None)
    conf = {name: value for name, value in conf.items() if name not in _NOT_CONF}
    if conf:
        minion["conf"] = conf
    if vm_.get("priv_key") and vm_.get("pub_key"):
        minion["keys"] = {"public": vm_["pub_key"], "private": vm_["priv_key"]}
        if accepted:
            # Salt has accepted it; the executable notes whose it is, so that it goes with the server.
            minion.update(pki_dir=opts["pki_dir"], accept=False)
    return minion


def is_masterless(minion):
    """Whether the protocol's ``minion`` has no master: none that has its key, and none that it tells of its start."""
    return bool(minion) and (minion.get("conf") or {}).get("master_type") == "disable"


def _has_no_master(conf):
    return conf.get("master_type") == "disable" or conf.get("file_client") == "local" and not conf.get("master")


def _sign_key(conf, vm_, opts, accepted):
    """The key by which several masters sign theirs: Salt's ``master_sign_pub_file``, or this master's own."""
    file = setting("master_sign_pub_file", vm_, opts)
    if file:
        path = os.path.join(os.path.dirname(opts.get("conf_file") or ""), os.path.expanduser(str(file)))
        key = _read(path)
        if not key:
            raise invalid(f"master_sign_pub_file: {path} cannot be read")
        return key
    # a minion that verifies nothing never gets along with a master that signs
    if not accepted or not conf.get("verify_master_pubkey_sign", opts.get("master_sign_pubkey")):
        return None
    return _read(os.path.join(opts["pki_dir"], "master_sign.pub"))


def _about(vm_):
    """The grain that Salt's bootstrap gives to what it makes."""
    driver = str(vm_["driver"]).partition(":")[2]
    about = {"driver": driver, "provider": vm_["provider"], "profile": vm_.get("profile")}
    return {"salt-cloud": {name: value for name, value in about.items() if value}}


def keys_at_risk(name, vm_, opts):
    """
    The ids whose keys Salt would remove, or ask about on stdin, after a truthy ``destroy`` of ``name``.

    It removes the key of that id, whoever's it is, and without one it goes for ``<name>.*``.
    """
    minion = salt.config.get_cloud_config_value("minion", vm_, opts, default={}) or {}
    path = os.path.join(opts["pki_dir"], "minions", str(minion.get("id", name)))
    found = glob.glob(glob.escape(path) + ".*")
    if os.path.isfile(path):
        found.append(path)
    return sorted(os.path.basename(one) for one in found)


def _finger(text, hash_type):
    """A fingerprint that can be one: the minion compares texts, and by another it would trust its master never."""
    text = str(text).strip().lower()
    length = _LENGTHS.get(hash_type)
    if length is None:
        raise invalid(f"minion: hash_type is none of: {', '.join(_LENGTHS)}, but {hash_type!r}")
    if re.fullmatch("[0-9a-f]{2}(:[0-9a-f]{2}){%d}" % (length - 1), text):
        return text
    how = f"{length} pairs of hexadecimal digits with colons between them"
    raise invalid(f"master_finger is not a fingerprint by {hash_type}, {how}: see `salt-key -F master`, master.pub")


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError):
        return None
