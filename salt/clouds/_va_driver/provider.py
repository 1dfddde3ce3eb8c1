"""A provider of Salt's as the protocol's record."""

from . import members
from .errors import invalid
from .links import follow

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
