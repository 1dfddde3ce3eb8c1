"""
Providers, profiles and maps of Salt's former drivers (libvirt, openstack, nova) as ours, in a directory of their own.

What a provider's member becomes is said by the executable (``provider.import``), what one of a profile or of a map's
entry becomes by the tables of ``members``: the same that the drivers go by. Nothing is overwritten; no value is told,
for it may be a secret.
"""

import glob
import os
import shutil
import tempfile

import salt.utils.files
import salt.utils.yaml

from . import members
from .errors import DriverError, invalid
from .server import canonical

# What of a profile is of one provider and another.
_SALTS = ("provider", "extends")

# What may have to be said otherwise although it has its name already.
_FORMS = ("network", "networks", "floating_ip", "boot_volume")

_HEADER = "# By va_driver.migrate, from {}.\n"


class Migration:
    """From ``config_dir`` to ``target``; ``call`` asks the executable."""

    def __init__(self, config_dir, target, call, dry_run=False, defaults=None):
        self._from = config_dir
        self._to = target
        self._call = call
        self._dry_run = dry_run
        self._defaults = {name: value for name, value in (defaults or {}).items() if value}
        self._drivers = {}
        self._lacks = {}
        self._profiles = {}
        self.to_do = []

    def run(self, maps=(), records=()):
        """What was taken, changed and left out, and what is left to do."""
        if os.path.realpath(self._to) == os.path.realpath(self._from):
            raise invalid("target is where the former files are: name another directory")
        report = {
            "target": self._to,
            "dry_run": self._dry_run,
            "providers": self._migrate_providers(records),
            "profiles": self._migrate_profiles(),
            "maps": self._migrate_maps(maps),
        }
        return {**report, "to_do": self.to_do}

    # Providers

    def _migrate_providers(self, records):
        said = {}
        for path, content in self._files("cloud.providers"):
            for alias, details in content.items():
                if alias in said:
                    self.to_do.append(f"the provider {alias} stands twice; taken is what {path} says")
                said[alias] = details
        for path in records:
            record = _mapping(path)
            said[record.get("provider_name") or os.path.basename(path)] = record
        for details in said.values():
            self._complete(details)
        told = {}
        for one in self._import(said):
            alias = one.pop("provider_name")
            one["changed"] = {change["member"]: change["becomes"] for change in one["changed"]}
            one["not_taken"] = {left["member"]: left["why"] for left in one["not_taken"]}
            unread = [name for name in one["kept"] if not members.is_known(name)]
            if unread and one.get("driver"):
                self.to_do.append(f"provider {alias}: nothing reads {', '.join(sorted(unread))}")
            if one.get("driver"):
                self._drivers[alias] = one["driver"]
                self._lacks[alias] = {"image", "size", "network"} - {
                    *one["taken"],
                    *one["kept"],
                    *one["changed"].values(),
                    *((said[alias] if isinstance(said[alias], dict) else {}).get("defaults") or ()),
                }
            told[alias] = one
        return told

    def _complete(self, details):
        """Gives a libvirt provider what its former driver took from the domain that was copied."""
        for part in details if isinstance(details, list) else [details]:
            if isinstance(part, dict) and "libvirt" in (part.get("driver"), part.get("driver_name")):
                for name, value in self._defaults.items():
                    if name not in part and name not in (part.get("defaults") or {}):
                        part[name] = value

    def _import(self, said):
        if not said:
            return []
        place = self._to
        if self._dry_run and not os.path.isdir(place):
            place = tempfile.mkdtemp()
        else:
            os.makedirs(place, mode=0o750, exist_ok=True)
        try:
            params = {"providers": said, "config_dir": place, "dry_run": self._dry_run}
            answer = self._call("provider.import", params)["providers"]
        finally:
            if place != self._to:
                shutil.rmtree(place)
        for one in answer:
            if one.get("file"):
                one["file"] = os.path.join(self._to, os.path.relpath(one["file"], place))
        return answer

    # Profiles

    def _migrate_profiles(self):
        files = list(self._files("cloud.profiles"))
        self._profiles = {name: said for _, content in files for name, said in content.items()}
        told = {}
        for path, content in files:
            ours = {}
            for name, said in content.items():
                alias = self._provider_of(name)
                if not isinstance(said, dict) or alias not in self._drivers:
                    continue
                report = _Report()
                ours[name] = self._profile(name, said, alias, report)
                told[name] = report.told()
            if ours:
                file = self._put(path, "cloud.profiles.d", ours)
                for name in ours:
                    told[name]["file"] = file
        return told

    def _provider_of(self, profile):
        seen = set()
        while profile in self._profiles and profile not in seen:
            seen.add(profile)
            said = self._profiles[profile]
            if not isinstance(said, dict):
                break
            if said.get("provider"):
                return str(said["provider"]).partition(":")[0]
            profile = said.get("extends")
        return None

    def _profile(self, name, said, alias, report):
        profile = _translated(said, self._drivers[alias], report)
        if "provider" in profile:
            # 3008 drops a profile that names the driver as well
            profile["provider"] = alias
        if "base_domain" in said and "image" not in said:
            profile["image"] = said["base_domain"]
            report.change("base_domain", "image")
            self.to_do.append(
                f"profile {name}: bring the disk of the domain that was copied to the host, under the name that `image` "
                f"has now: salt-run va_driver.image_import {alias} FILE name=…"
            )
        if "extends" not in said:
            lacking = [one for one in sorted(self._lacks[alias]) if one not in profile]
            if "network" in lacking and "networks" in profile:
                lacking.remove("network")
            if "image" in lacking and {"volume", "snapshot"} & set(profile.get("boot_volume") or ()):
                lacking.remove("image")
            if self._drivers[alias] == "va_openstack" and "network" in lacking:
                # a project with one network needs none
                lacking.remove("network")
            if lacking:
                self.to_do.append(f"profile {name}: neither it nor its provider says {', '.join(lacking)}")
        return profile

    # Maps

    def _migrate_maps(self, maps):
        told = {}
        folder = os.path.join(self._from, "cloud.maps.d")
        for path in sorted({*glob.glob(os.path.join(folder, "*")), *maps}):
            if os.path.isfile(path):
                report = _Report()
                told[path] = report.told()
                try:
                    told[path]["file"] = self._map(path, report)
                except DriverError as error:
                    told[path]["refused"] = str(error)
        return {path: report for path, report in told.items() if report.get("file") or report.get("refused")}

    def _map(self, path, report):
        with salt.utils.files.fopen(path, encoding="utf-8") as stream:
            text = stream.read()
        if "{%" in text or "{{" in text:
            self.to_do.append(f"map {path}: it is a template, and copied as it is; look at its members yourself")
            return self._write(path, "cloud.maps.d", text)
        content = _mapping(path)
        if not any(self._provider_of(profile) in self._drivers for profile in content):
            return None
        for profile, entries in content.items():
            driver = self._drivers.get(self._provider_of(profile))
            if driver:
                content[profile] = _entries(entries, driver, report)
        return self._put(path, "cloud.maps.d", content)

    # Files

    def _files(self, name):
        paths = [os.path.join(self._from, name), *sorted(glob.glob(os.path.join(self._from, f"{name}.d", "*.conf")))]
        for path in paths:
            if os.path.isfile(path):
                try:
                    yield path, _mapping(path)
                except DriverError as error:
                    self.to_do.append(str(error))

    def _put(self, path, folder, content):
        return self._write(path, folder, salt.utils.yaml.safe_dump(content, default_flow_style=False, sort_keys=False))

    def _write(self, path, folder, text):
        """Writes what became of ``path``; never over another file."""
        name = os.path.basename(path)
        if folder != "cloud.maps.d" and not name.endswith(".conf"):
            name += ".conf"
        file = os.path.join(self._to, folder, name)
        text = _HEADER.format(path) + text
        if os.path.exists(file):
            with salt.utils.files.fopen(file, encoding="utf-8") as stream:
                if stream.read() == text:
                    return file
            raise DriverError("already_exists", f"{file} is there already, and is not overwritten")
        if not self._dry_run:
            os.makedirs(os.path.dirname(file), mode=0o750, exist_ok=True)
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(text)
        return file


class _Report:
    """What became of the members of a profile, or of a map's entries."""

    def __init__(self):
        self.taken, self.changed, self.not_taken = [], {}, {}

    def take(self, name):
        if name not in self.taken:
            self.taken.append(name)

    def change(self, name, becomes):
        self.not_taken.pop(name, None)
        self.changed[name] = becomes

    def leave_out(self, name, why):
        self.not_taken[name] = why

    def told(self):
        return {"taken": self.taken, "changed": self.changed, "not_taken": self.not_taken}


class _Said:
    """Members as ``profile.Profile`` has them, of one place."""

    def __init__(self, said):
        self._said = said

    def said(self, *names):
        return {name: self._said[name] for name in names if self._said.get(name) is not None}


def _translated(said, driver, report):
    """``said`` of servers of the driver ``driver``, by our names."""
    ours, others, minion = {}, {}, {}
    for name, value in said.items():
        if name in members.SYNONYMS and not name.startswith("userdata") or name in _FORMS:
            others[name] = value
        elif name.startswith("userdata") and name in members.SYNONYMS:
            _user_data(ours, name, value, report)
        elif name in members.MINIONS:
            minion[members.MINIONS[name]] = value
            report.change(name, f"minion: {members.MINIONS[name]}")
        elif name in members.REFUSED:
            harmless = name in members.HARMLESS and members.HARMLESS[name] == value
            report.leave_out(name, "that is done anyway" if harmless else members.REFUSED[name])
        elif name in members.PASSED_OVER and name not in members.KEPT:
            report.leave_out(name, f"needless: {members.PASSED_OVER[name]}")
        elif name in _SALTS or members.is_known(name):
            ours[name] = value
            report.take(name)
        else:
            report.leave_out(name, "nothing reads it")
    _convert(others, ours, report)
    if minion:
        there = ours.get("minion")
        ours["minion"] = {**minion, **(there if isinstance(there, dict) else {})}
    return ours


def _convert(others, ours, report):
    """Puts what is said by the names or in the forms of former drivers into ``ours``."""
    try:
        found = canonical(_Said(others))
    except Exception as error:  # pylint: disable=broad-except
        for name in others:
            report.leave_out(name, str(error))
        return
    for name, value in others.items():
        meant = members.SYNONYMS.get(name, name)
        becomes = next((one for one in (meant, f"{meant}s", meant.rstrip("s")) if one in found), None)
        if becomes is None:
            report.leave_out(name, "it asks for nothing")
        elif becomes in ours:
            report.leave_out(name, f"{becomes} is said already")
        elif becomes == name and found[becomes] == value:
            report.take(name)
        else:
            report.change(name, becomes)
    for name, value in found.items():
        ours.setdefault(name, value)


def _user_data(ours, name, value, report):
    """Text or a file; Salt's drivers take ``userdata`` for a file where there is one of that name."""
    path = isinstance(value, str) and "\n" not in value and (value.startswith(("/", "~")) or os.path.isfile(value))
    becomes = "user_data_file" if members.SYNONYMS[name] == "user_data_file" or path else "user_data"
    ours[becomes] = value
    report.change(name, becomes)


def _entries(entries, driver, report):
    """The servers of a profile in a map: names, or names with members."""
    if isinstance(entries, dict):
        return {name: _entry(said, driver, report) for name, said in entries.items()}
    if isinstance(entries, list):
        return [_entries(one, driver, report) if isinstance(one, dict) else one for one in entries]
    return entries


def _entry(said, driver, report):
    return _translated(said, driver, report) if isinstance(said, dict) else said


def _mapping(path):
    """What the YAML file ``path`` holds; its text, which may be a password's, is not told."""
    with salt.utils.files.fopen(path, encoding="utf-8") as stream:
        try:
            content = salt.utils.yaml.safe_load(stream)
        except salt.utils.yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            raise invalid(f"{path} is no YAML{f', see line {mark.line + 1}' if mark else ''}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise invalid(f"{path} holds no mapping")
    return dict(content)
