"""A provider of Salt's as the protocol's record."""

from collections.abc import Mapping

# Salt's own members: the profiles that use the provider, and what only this side reads.
NOT_SENT = frozenset(["profiles", "va_driver", "driver", "driver_id", "driver_name", "provider_name", "provider"])


def plain(value):
    """A copy of ``value`` in plain dicts and lists: Salt 3008 hands out wrappers that copy on write."""
    if isinstance(value, Mapping):
        return {str(name): plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(member) for member in value]
    return value


def details(opts, alias, driver):
    """A copy of what the configuration says about the provider ``alias``; empty where it says nothing."""
    return plain((opts.get("providers") or {}).get(alias, {}).get(driver) or {})


def record(opts, alias, driver):
    """The provider as the protocol takes it; Salt's own dictionary stays as it is."""
    record_ = {name: value for name, value in details(opts, alias, driver).items() if name not in NOT_SENT}
    record_["driver_name"] = driver
    record_["provider_name"] = alias
    return record_
