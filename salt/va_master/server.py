"""The server that the dashboard asks for, as the protocol takes it."""

import difflib
import email
import email.mime.multipart
import email.mime.text
import errno
import io
import os

from .executable import DriverFailure

# What of `data` is the server's: all that the protocol's `server` has, which a test compares.
SERVER = (
    "server_name",
    "role",
    "image",
    "size",
    "network",
    "networks",
    "addresses",
    "gateways",
    "dns",
    "sec_group",
    "sec_groups",
    "availability_zone",
    "key_name",
    "boot_volume",
    "floating_ip",
    "server_group",
    "scheduler_hints",
    "metadata",
    "tags",
    "description",
    "config_drive",
    "storage_disk",
    "disks",
    "clone",
    "minion",
    "ssh_keys",
    "user_data",
    "domain",
    "virt_type",
    "machine",
    "firmware",
    "pool",
    "graphics",
    "cpu",
    "arch",
    "disk_bus",
    "secure_boot",
    "tpm",
    "autostart",
    "domain_xml",
    "network_config",
    "seed",
)
# What the dashboard's form asks for at each step; at the second it is what the role says.
STEPS = (("role", "server_name"), (), ("sec_group", "image", "size", "network"))
# What is said of the creation.
OPTIONS = ("wait", "timeout", "seal")
# Of the request that brought it.
REQUEST = ("dash_user", "method", "path", "step")
# What va_master puts beside these: of the dashboard, and of the role, whose own fields `state` lists.
_VA_MASTERS = REQUEST + ("driver_name", "extra_fields", "ip", "mine_retries", "provider", "provider_name", "state")
# What a form holds that was left blank.
EMPTY = (None, "", [])

# cloud-init puts the keys into root's authorized_keys as well, but there as keys that only say no.
_ROOT = "#cloud-config\n{\"disable_root\": false}\n"


def role_fields(data):
    """The names of the role's own fields."""
    state = data.get("state")
    fields = state.get("fields") or () if isinstance(state, dict) else ()
    names = [field["name"] for field in fields if isinstance(field, dict) and "name" in field]
    return names + [name for name in data.get("extra_fields") or () if name not in names]


def wanted(step, collected, about):
    """What must be there by ``step`` of a server's form; ``about`` tells what the driver asks for."""
    names = list(STEPS[0])
    if step >= 1:
        state = collected.get("state")
        fields = state.get("fields") or () if isinstance(state, dict) else ()
        blank = [field.get("name") for field in fields if isinstance(field, dict) and field.get("blank")]
        names += [name for name in role_fields(collected) if name not in blank]
    if step >= 2:
        about = about()
        fields = [field for one in about["steps"] for field in one["fields"]]
        asked = [field["id"] for field in fields if field["id"] in STEPS[2] and not field.get("blank")]
        names += [name for name in STEPS[2] if name in asked]
        own = about.get("server_fields") or ()
        names += [field["id"] for field in own if not field.get("blank") and field.get("default") is None]
    return names


def check(data, own):
    """
    Refuses what nobody reads: passed over in silence it would make another server than was meant. ``own``
    are the fields that this driver's servers have besides.
    """
    known = SERVER + OPTIONS + tuple(own)
    for name in sorted(data):
        if name in known + _VA_MASTERS or name == "storage" or name in role_fields(data) or data[name] in EMPTY:
            continue
        near = difflib.get_close_matches(name, known, 3)
        meant = "; did you mean %s?" % " or ".join(near) if near else ""
        raise DriverFailure("invalid_field", "a server has no %s%s" % (name, meant), "/server/%s" % name)


def spec(data, own):
    """The protocol's ``server``, of what ``data`` has."""
    server = dict((name, data[name]) for name in SERVER + tuple(own) if data.get(name) not in EMPTY)
    # an empty text asks for one, too
    if data.get("floating_ip") is not None:
        server["floating_ip"] = data["floating_ip"]
    # the dashboard's word for an extra disk, which is 0 where none is wanted
    if "storage_disk" not in server and data.get("storage") not in EMPTY + (0, "0"):
        server["storage_disk"] = data["storage"]
    return server


def add_minion(server, host_ip, pki_dir, takes, fingerprint):
    """
    The minion, which is this master's, and trusts no other. ``takes`` tells whether the driver takes a
    member, ``fingerprint`` that of a key's file.
    """
    given = server.get("minion")
    if given is None and not takes("minion"):
        return
    minion = server["minion"] = dict(given or {})

    def add(name, value):
        if value and takes("minion/%s" % name):
            minion.setdefault(name, value)

    if given is None:
        add("pki_dir", pki_dir)
    add("master", host_ip)
    pinned = "master_finger" in minion or "master_key" in minion
    path = os.path.join(pki_dir, "master.pub")
    key = None if pinned or minion.get("master") != host_ip else _read(path)
    if key:
        add("master_key", key)
        add("master_finger", fingerprint(path))
    if server.get("role") and takes("minion/conf"):
        minion["conf"] = {"startup_states": "highstate"}
        minion["conf"].update((given or {}).get("conf") or {})


def add_ssh_key(server, key_path, key_name, takes):
    """The key by which va_master logs in, as root; where a cloud has key pairs, it makes one of the first."""
    if not takes("ssh_keys"):
        return
    path = os.path.join(key_path, "%s.pub" % key_name)
    key = (_read(path) or "").strip()
    if not key:
        message = "%s cannot be read: it is the key by which va_master logs in on its servers" % path
        raise DriverFailure("not_found", message)
    server["ssh_keys"] = [key] + [other for other in server.get("ssh_keys") or () if other.strip() != key]
    if takes("user_data"):
        server["user_data"] = _joined(server["user_data"], _ROOT) if server.get("user_data") else _ROOT


def _joined(user, ours):
    """Both; where they differ cloud-init goes by the first."""
    whole = email.mime.multipart.MIMEMultipart(boundary="va-master-user-data")
    for text in (user, ours):
        # as cloud-init tells it; what else is in a part it finds out by itself
        is_message = "mime-version:" in text[:4096].lower()
        part = email.message_from_string(text) if is_message else email.mime.text.MIMEText(text, "plain", "utf-8")
        whole.attach(part)
    return whole.as_string()


def _read(path):
    """A file's text; None where there is none."""
    try:
        with io.open(path, encoding="utf-8") as file:
            return file.read()
    except (IOError, OSError) as error:
        if error.errno in (errno.ENOENT, errno.EACCES, errno.ENOTDIR):
            return None
        raise
