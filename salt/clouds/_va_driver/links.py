"""``sdb://`` links, which Salt follows in providers and profiles but not in a map's entries."""

from collections.abc import Mapping

import salt.utils.sdb
from salt.exceptions import SaltCloudSystemExit

_SCHEME = "sdb://"


def plain(value):
    """A copy of ``value`` in plain dicts and lists, without a link followed: Salt 3008 hands out wrappers."""
    if isinstance(value, Mapping):
        return {str(name): plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(member) for member in value]
    return value


def follow(value, opts):
    """
    A copy of ``value`` in which no link is left, in plain dicts and lists: Salt 3008 hands out wrappers
    that copy on write.

    Not by Salt's ``apply_sdb``: that one takes a link which occurs twice for a circle, and leaves the
    second as it is.
    """
    if isinstance(value, Mapping):
        return {str(name): follow(member, opts) for name, member in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [follow(member, opts) for member in value]
    if isinstance(value, str) and value.startswith(_SCHEME):
        found = salt.utils.sdb.sdb_get(value, opts)
        if found is None or found == value:
            raise SaltCloudSystemExit(f"the link {value} leads to nothing")
        return found
    return value
