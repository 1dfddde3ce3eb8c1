#!/usr/bin/env python3
"""
Prints docs/migration.md: `python3 tests/salt/migration_page.py > docs/migration.md`.

Its tables are those by which the drivers go: Salt's side has its own in members.py, the executable's are in
docs/members.md, which is made from them. Needs neither Salt nor the executable.
"""

import importlib.util
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]

PAGE = """\
# From Salt's former drivers

Salt 3008 has neither its drivers `libvirt` and `openstack` (`nova` went before) nor the runner and the roster `cloud`. This
is the way over, for Salt's files and for providers that va_master has stored.

## The files
    salt-run va_driver.migrate dry_run=True
    salt-run va_driver.migrate network=default size=va-small

reads `cloud.providers`, `cloud.profiles`, their folders and `cloud.maps.d` beside `/etc/salt/cloud`, and writes what
becomes of those of `libvirt`, `openstack` and `nova` into `/etc/salt/migrated`, or `target=DIR`. Providers, profiles and
servers keep their names, so that maps, states and orchestrations go on as they are; other drivers' are left alone. Nothing
is overwritten: look at the new files, then put them in the place of the former ones. Where Salt's user may not
write to `/etc/salt`, name a `target` that it may write to.

The answer says of each provider, profile and map what was `taken` as it was, `changed` (another name), `kept` (Salt's own) and
`not_taken`, with the reason; `refused` where the whole of it is not taken; and in `to_do` what is left to you:

- **libvirt** copied a domain. Ours makes servers from images: bring that domain's disk to the host
  (`salt-run va_driver.image_import kvm1 FILE name=…`) under the name that `base_domain` had, and say `network` and `size`, which
  came from the domain, too. The image needs cloud-init and a minion; nothing is done over SSH.
- a map that is a template is copied as it is;
- what nobody reads is named.

`maps=FILE,FILE` takes maps from elsewhere, `records=FILE,FILE` providers as va_master stores them. Only providers, and
without Salt:

    va-driver provider import /etc/salt/cloud.providers.d/old.conf --config-dir /root/migrated --dry-run

Salt's `extends` of a provider is written out. Do not use it with ours where both providers have nested members, such as
`defaults` or `minion`: Salt copies them by reference, so that what the one says is the other's, too. `network`, `image`,
`size` and `sec_group` may stand beside `driver` instead of in `defaults`.

## Orchestrations, reactors, salt-ssh
`va_cloud` has the functions, arguments and answers of the runner `cloud`: `profile`, `map_run`, `create`, `destroy`, `action`,
`query`, `full_query`, `select_query`, `list_images`, `list_sizes`, `list_locations`. Where Salt has no runner `cloud`, it
answers to that name as well, so nothing has to be changed. A failure is a failed step: Salt's own took it for a success.
So it is with the roster: `salt-ssh --roster va_cloud`, or `cloud`. See [salt.md](salt.md#runner).

## Members of a provider
`auth: {…}` is written out beside the others. What is refused or needless is listed, with the reasons, in
[members.md](members.md#a-providers).

%(providers)s

## Members of a profile, or of a map's entry
These become others:

| theirs | ours |
|---|---|
%(synonyms)s

These are not taken, for they would make another server than the one that was meant:

| member | why, and the way out |
|---|---|
%(refused)s

These are needless:

| why | members |
|---|---|
%(passed_over)s

Those that Salt itself or a roster reads are kept: %(kept)s.
"""


def load(name):
    """A module of salt/clouds/_va_driver that imports nothing."""
    path = ROOT / "salt" / "clouds" / "_va_driver" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _providers():
    page = (ROOT / "docs" / "members.md").read_text(encoding="utf-8")
    for driver in "libvirt", "openstack":
        section = page.partition(f"### What {driver} reads")[2].partition("\n- ")[0]
        yield f"| {driver}: theirs | ours |\n|---|---|"
        for line in section.splitlines():
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)]
            if len(cells) == 5 and cells[3].startswith("`") and cells[1] != "`driver_name`":
                yield f"| {cells[3]} | {cells[1]} |"
        yield ""


def page():
    """The page's text."""
    members = load("members")
    minions = {theirs: f"`minion: {{{ours}: …}}`" for theirs, ours in members.MINIONS.items()}
    synonyms = {theirs: f"`{ours}`" for theirs, ours in members.SYNONYMS.items()}
    forms = {"base_domain": "`image` (libvirt)", **synonyms, **minions}
    refused = {name: why for name, why in members.REFUSED.items() if name not in forms}
    reasons = {}
    for name, why in members.PASSED_OVER.items():
        if name not in members.KEPT:
            reasons.setdefault(why, []).append(f"`{name}`")
    harmless = {name: f" (`{value}` is done anyway)" for name, value in members.HARMLESS.items()}
    return PAGE % {
        "providers": "\n".join(_providers()).rstrip(),
        "synonyms": "\n".join(f"| `{name}` | {ours} |" for name, ours in sorted(forms.items())),
        "refused": "\n".join(f"| `{name}` | {why}{harmless.get(name, '')} |" for name, why in sorted(refused.items())),
        "passed_over": "\n".join(f"| {why} | {', '.join(names)} |" for why, names in reasons.items()),
        "kept": ", ".join(f"`{name}`" for name in sorted(members.KEPT)),
    }


if __name__ == "__main__":
    print(page(), end="")
