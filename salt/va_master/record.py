"""The record that the datastore keeps of a provider."""

import logging
import os

from .executable import DriverFailure, call, call_all
from .steps import strings

log = logging.getLogger("va_driver")

# What a stored record holds for the dashboard, by the field whose choices they are.
_LISTS = {"network": "networks", "sec_group": "sec_groups", "image": "images", "size": "sizes"}
# What keeps a list from being asked for at all.
_AWAY = ("auth_failed", "connection_failed", "lost", "missing", "timeout")
# What it holds besides that is none of the executable's business.
_STORED = tuple(_LISTS.values()) + ("servers", "provider_conf", "profile_conf", "profile_conf_dir", "driver", "driver_id")


def as_sent(provider, base):
    """A stored provider as the executable takes it, for its driver ``base``."""
    record = dict((name, value) for name, value in provider.items() if name not in _STORED)
    for name in ("provider_ip", "host_ip"):
        if record.get(name) in (None, "", []):
            record.pop(name, None)
    record["driver_name"] = base
    return record


def stored(driver, form, provider, steps, id_):
    """The record that va_master stores of ``provider``, whose files are written."""
    record = dict(form.field_values)
    record.update(provider, driver_name=id_)
    for name in ("username", "password", "provider_ip"):
        record.setdefault(name, "")
    place = record.get("host_ip") or record["provider_ip"] or ""
    record.update(host_ip=place, provider_ip=place, location=record.get("location") or "va_master", servers=[])
    sent = driver.sent(provider)
    record.update(_lists(driver, form, sent, steps))
    templates = {"provider_vars": form.provider_vars, "profile_vars": form.profile_vars}
    for name, text in (("provider", driver.provider_template), ("profile", driver.profile_template)):
        if text:
            templates[name] = text
    params = {"provider": sent, "templates": templates, "replace": driver.replace}
    for name, value in (
        ("config_dir", driver.config_dir),
        ("profile_name", form.profile_vars.get("VAR_PROFILE_NAME")),
    ):
        if value:
            params[name] = value
    written = call(driver.path, "provider.write", params)
    record["provider_conf"] = written["provider_file"]
    record["profile_conf"] = written["profile_file"]
    record["profile_conf_dir"] = os.path.dirname(written["profile_file"])
    return record


def _lists(driver, form, sent, steps):
    """The lists as the form has offered them; those that another process of va_master's did are asked for."""
    fields = dict((field["id"], field) for step in steps for field in step.fields)
    lists = dict((list_, []) for list_ in _LISTS.values())
    asked = []
    for name, list_ in sorted(_LISTS.items()):
        known = (fields.get(name) or {}).get("option_choices") or {}
        offered = form.offered.get(name, known.get(name))
        if offered:
            lists[list_] = offered
        elif name in fields and fields[name]["type"] == "options":
            asked.append(list_)
    answers = call_all(driver.path, [("provider.%s" % list_, {"provider": sent}) for list_ in asked]) if asked else []
    for list_, answer in zip(asked, answers):
        if not isinstance(answer, DriverFailure):
            lists[list_] = strings(answer["option_choices"])
        elif answer.kind in _AWAY:
            raise answer
        else:
            # a field whose choices nobody knows was a text
            log.info("%s: %s", list_, answer.message)
    return lists
