"""
What a map's entry, a profile and a provider say of a server: which of them says it, and that all of it is known.

salt-cloud hands over one dictionary in which all three, and the file ``cloud`` itself, are merged. Only what
somebody has written of this server, in the entry or its profile, is judged: the others serve more than servers.
"""

import difflib
import logging
from collections.abc import Mapping

import salt.config
import salt.utils.dictupdate
import salt.utils.files
import salt.utils.yaml

from . import members
from .errors import invalid
from .links import follow, plain
from .provider import EXTERNAL

log = logging.getLogger("va_driver")

# What a provider's record means by a name is not what a server does.
_OTHERWISE = {"va_openstack": ("domain",)}

_NAMES = sorted({*members.SERVER, *members.OURS, *members.SYNONYMS} - {"server_name"})


class Profile:
    """What is said of the server ``vm_``, by whom."""

    def __init__(self, vm_, opts):
        self._opts = opts
        self._vm = vm_
        alias, _, driver = str(vm_["driver"]).partition(":")
        provider = (opts["providers"].get(alias) or {}).get(driver) or {}
        self._provider = {name: plain(value) for name, value in provider.items() if name not in members.SALTS}
        profile = opts["profiles"].get(vm_.get("profile")) if vm_.get("profile") else None
        self._profile = {name: plain(value) for name, value in (profile or {}).items() if not _is_salts(name)}
        self._main = None
        entry, inherited = [], list(self._provider)
        for name, value in vm_.items():
            if _is_salts(name) or value is None:
                continue
            if not self._is_from(name, plain(value)):
                entry.append(name)
            elif name not in self._profile and name not in inherited:
                inherited.append(name)
        otherwise = _OTHERWISE.get(driver, ())
        # such a driver may have members of its own, which the executable knows
        self._is_open = driver == EXTERNAL
        # a map's entry goes before the profile, and that before the provider
        self._levels = [
            entry,
            [name for name in self._profile if name not in entry],
            [name for name in inherited if name not in self._profile and name not in otherwise],
        ]

    def check(self):
        """Refuses what this driver has nothing for; nothing is passed over that is not on the list for it."""
        wrong = []
        for name in [*self._levels[0], *self._levels[1]]:
            value = self._vm.get(name, self._profile.get(name))
            if value is not None and not (self._is_open and not members.is_known(name)):
                wrong += [f"{name}, in {self._place(name)}, {why}" for why in _objections(name, value)]
            if name in members.PASSED_OVER:
                log.debug("%s: %s is passed over: %s", self._vm["name"], name, members.PASSED_OVER[name])
        if wrong:
            raise invalid("; ".join(wrong))

    def others(self):
        """What is said of the server in members that are the driver's own."""
        if not self._is_open:
            return {}
        names = [name for name in [*self._levels[0], *self._levels[1]] if not members.is_known(name)]
        return {name: self._value(name) for name in names}

    def said(self, *names):
        """
        What is said by ``names``, in the place that goes before the others where any of them is said.

        With ``sdb://`` links followed, for Salt follows none in a map.
        """
        for level in self._levels:
            values = {name: self._value(name) for name in names if name in level}
            values = {name: value for name, value in values.items() if value is not None}
            if values:
                return values
        return {}

    def _value(self, name):
        value = salt.config.get_cloud_config_value(name, self._vm, self._opts, default=None, search_global=False)
        return follow(value, self._opts)

    def _place(self, name):
        return f"the profile {self._vm['profile']}" if name in self._profile else f"what is said of {self._vm['name']}"

    def _is_from(self, name, value):
        """Whether ``value`` comes from the files alone, and nothing that is said of this very server."""
        sources = [source[name] for source in (self._provider, self._profile) if source.get(name) is not None]
        if sources and value in (sources[-1], _merged(sources)):
            return True
        # with `-p`, but not with a map, Salt begins with this file
        main = plain(self._main_file().get(name))
        return main is not None and value in (main, _merged([main, *sources]))

    def _main_file(self):
        if self._main is None:
            try:
                with salt.utils.files.fopen(self._opts["conf_file"], "r") as file:
                    self._main = salt.utils.yaml.safe_load(file)
            except (KeyError, OSError, salt.utils.yaml.YAMLError):
                self._main = {}
            if not isinstance(self._main, Mapping):
                self._main = {}
        return self._main


def _is_salts(name):
    return name in members.SALTS or name.startswith("__")


def _merged(sources):
    """As Salt merges what is said in several places."""
    merged = plain(sources[0])
    for source in sources[1:]:
        both = isinstance(merged, dict) and isinstance(source, dict)
        merged = salt.utils.dictupdate.update(merged, plain(source)) if both else source
    return merged


def _objections(name, value):
    if name in members.HARMLESS and value == members.HARMLESS[name]:
        return
    if name == "server_name":
        yield "is not served: the name is the one that salt-cloud is given"
    elif name in members.REFUSED:
        yield f"is not served: {members.REFUSED[name]}"
    elif not members.is_known(name):
        near = difflib.get_close_matches(name, _NAMES, 3, 0.6)
        meant = f": did you mean {' or '.join(near)}?" if near else ";"
        yield f"is no member of a server{meant} docs/salt.md lists them all"
