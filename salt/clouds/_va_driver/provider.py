"""A provider of Salt's as the protocol's record."""

import glob
import logging
import os

import salt.utils.files
import salt.utils.yaml

from . import members
from .errors import invalid
from .links import follow

log = logging.getLogger("va_driver")

# The module for every driver that has none of its own; its provider says which one is meant.
EXTERNAL = "va_external"

# Salt's own members: the profiles that use the provider, and what only this side reads.
NOT_SENT = frozenset(["profiles", "va_driver", "driver", "driver_id", "driver_name", "provider_name", "provider"])


def details(opts, alias, driver):
    """A copy of what the configuration says about the provider ``alias``; empty where it says nothing."""
    said = (opts.get("providers") or {}).get(alias, {}).get(driver) or {}
    return follow({name: value for name, value in said.items() if name != "profiles"}, opts)


def record(opts, alias, driver):
    """
    The provider as the protocol takes it; Salt's own dictionary stays as it is.

    What stands there for its servers or for Salt is left out, so that the executable need not guess whether
    it is a misspelt setting of its own.
    """
    said = details(opts, alias, driver)
    record_ = {
        name: value
        for name, value in said.items()
        if name not in NOT_SENT and not members.is_only_for_servers(name)
    }
    record_["driver_name"] = driver if driver != EXTERNAL else said.get("driver_id")
    if not record_["driver_name"]:
        raise invalid(f"the provider {alias} does not say by driver_id which driver of va-driver's it is for")
    record_["provider_name"] = alias
    return record_


_warned = set()


def warn_of_extends(opts, alias, driver):
    """
    Warns where ``alias`` extends another provider and says for itself what is nested in both.

    Salt copies by reference what is nested: what the one says there it says for the other, too.
    """
    own = opts["providers"][alias][driver]
    for other, drivers in opts["providers"].items():
        for theirs in drivers.values():
            shared = [
                name
                for name, value in own.items()
                if other != alias and name != "profiles" and isinstance(value, dict) and theirs.get(name) is value
            ]
            written = _written(opts, alias) if shared else {}
            shared = [name for name in shared if name in written]
            if shared and "extends" in written and alias not in _warned:
                _warned.add(alias)
                log.warning(
                    "%s extends another provider, and what it says of %s becomes that of %s, too, for Salt copies it by "
                    "reference: write it out, or without `extends`",
                    alias,
                    ", ".join(shared),
                    other,
                )


def _written(opts, alias):
    """The provider as it stands in its file."""
    top = os.path.dirname(opts.get("conf_file") or "")
    files = [os.path.join(top, "cloud.providers"), *sorted(glob.glob(os.path.join(top, "cloud.providers.d", "*.conf")))]
    found = {}
    for path in files:
        try:
            with salt.utils.files.fopen(path, encoding="utf-8") as stream:
                content = salt.utils.yaml.safe_load(stream)
        except (OSError, salt.utils.yaml.YAMLError):
            continue
        if isinstance(content, dict) and isinstance(content.get(alias), dict):
            found = content[alias]
    return found
