"""A cloud of the tests' own, as Salt's drivers are: a server is a file in the provider's ``folder``.

It does what the server's name says, up to the first ``-``. What a creation calls a server is not what the list does, and
a destruction answers nothing, as some of Salt's own.
"""

import json
import pathlib
import sys
import time

import salt.config as config
from salt.exceptions import SaltCloudSystemExit


def __virtual__():
    return True


def get_configured_provider():
    return config.is_provider_configured(__opts__, __active_provider_name__ or "va_test_cloud", ("folder", "token"))


def _folder():
    return pathlib.Path(config.get_cloud_config_value("folder", get_configured_provider(), __opts__))


def _said(what):
    """What a test has put into a file for this list; where it says so, the list fails."""
    said = _folder() / f"{what}.list"
    if not said.exists():
        return {}
    text = said.read_text()
    if text.startswith("{"):
        return json.loads(text)
    raise SaltCloudSystemExit(text)


def avail_images(call=None):
    return _said("images")


def avail_sizes(call=None):
    return _said("sizes")


def networks(call=None, kwargs=None):
    return _said("networks")


def list_nodes(call=None):
    if (_folder() / "servers.list").exists():
        _said("servers")
    nodes = {}
    for file in _folder().glob("*.server"):
        server = json.loads(file.read_text())
        nodes[file.stem] = {
            "id": f"list-{file.stem}",
            "image": server["vm"].get("image", ""),
            "size": server["vm"].get("size", ""),
            "state": server["state"],
            "private_ips": ["10.0.0.7"],
            "public_ips": [],
        }
    return nodes


def list_nodes_full(call=None):
    return list_nodes()


def _file(name):
    return _folder() / f"{name}.server"


def create(vm_):
    name = vm_["name"]
    does = name.split("-")[0]
    # more than one at once is what a test looks for
    with open(_folder() / "creations", "a", encoding="utf-8") as log:
        log.write(f"{name}\n")
    if does == "refused":
        return {"Error": "no room left: quota exceeded"}
    if does == "denied":
        raise SaltCloudSystemExit(f"Authentication failed for {vm_['token'] if 'token' in vm_ else 'token hunter2'}")
    if does == "nothing":
        return None
    known = ("image", "size", "network", "minion", "pub_key", "priv_key", "profile")
    vm = {member: vm_[member] for member in known if vm_.get(member) is not None}
    _file(name).write_text(json.dumps({"vm": vm, "state": "running"}))
    if does == "half":
        raise SaltCloudSystemExit("could not bootstrap: Connection refused")
    if does == "slow":
        time.sleep(600)
    if does == "true":
        return True
    if does == "nodeploy":
        return {"Error": {"No Deploy": "deploy is off"}}
    if does == "noise":
        sys.stdout.write('{"noise": {"Error": "not me"}}\n' * 100000)
        sys.stderr.write("noise\n" * 100000)
    return {"id": f"create-{name}", "deployed": True, "size": vm_.get("size", "")}


def destroy(name, call=None):
    if name.startswith("stubborn"):
        return {"Destroyed": "not at all"}
    _file(name).unlink()
    return None


def _change(name, state):
    server = json.loads(_file(name).read_text())
    _file(name).write_text(json.dumps({**server, "state": state}))
    return True


def start(name, call=None):
    return _change(name, "running")


def stop(name, call=None):
    return _change(name, "stopped")
