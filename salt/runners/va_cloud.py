"""
salt-cloud for orchestrations, reactors and salt-api: ``salt-run va_cloud.FUNCTION``.

The functions, arguments and answers are those of the runner ``cloud`` that Salt had up to 3007. Where Salt has none
this one answers to ``cloud`` as well, so that what was written for it goes on as it is. All providers are served,
whatever their driver.

What fails is a failed step: Salt's own took every creation of an orchestration for a success.
"""

import functools
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import threading

import salt.cloud
import salt.utils.args
from salt.exceptions import SaltException

__virtualname__ = "va_cloud"
__virtual_aliases__ = () if importlib.util.find_spec("salt.runners.cloud") else ("cloud",)


def __virtual__():
    return __virtualname__


def _told(function):
    """Has ``function`` answer a failure as ``Error``, and tells Salt of every failure that its answer holds."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        kwargs = salt.utils.args.clean_kwargs(**kwargs)
        if threading.current_thread() is not threading.main_thread():
            answer = _apart(function.__name__, args, kwargs)
        else:
            try:
                answer = function(*args, **kwargs)
            except (SaltException, OSError, ValueError) as error:
                answer = {"Error": str(error), "retcode": 1}
        if _has_failed(answer):
            __context__["retcode"] = 1  # noqa: F821  Salt's
        return answer

    return wrapper


# What _apart runs. What else is printed there is no answer.
_CALL = """
import json, sys
import salt.config, salt.runner
asked = json.load(sys.stdin)
client = salt.runner.RunnerClient(salt.config.master_config(asked["conf_file"]))
answer = client.cmd(asked["function"], asked["args"], kwarg=asked["kwargs"], print_event=False)
with open(asked["answer"], "w", encoding="utf-8") as file:
    json.dump(answer, file, default=str)
"""


def _apart(name, args, kwargs):
    """
    What the function ``name`` answers in a Python of its own.

    A reactor's runners are threads of one process. There Salt 3008 has one copy of each cloud module for all of them, and
    writes into it which provider it is working on: one that waits for a minion would leave the others without any. A fork
    of such a process would begin with the locks that its other threads hold.
    """
    with tempfile.TemporaryDirectory() as top:
        answer = os.path.join(top, "answer")
        asked = {
            "conf_file": __opts__["conf_file"],  # noqa: F821  Salt's
            "function": f"{__virtualname__}.{name}",
            "args": args,
            "kwargs": kwargs,
            "answer": answer,
        }
        done = subprocess.run(
            [sys.executable, "-c", _CALL],
            input=json.dumps(asked),
            encoding="utf-8",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        try:
            with open(answer, encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            said = done.stderr.strip().splitlines()[-1:] or [f"it ended with {done.returncode}"]
            return {"Error": f"its process gave no answer: {said[0]}", "retcode": 1}


@_told
def profile(prof=None, instances=None, opts=None, **kwargs):
    """
    Create servers from a profile.

    .. code-block:: bash

        salt-run va_cloud.profile small web1,web2
        salt-run va_cloud.profile prof=small instances=web vm_overrides='{storage_disk: 10}'
    """
    prof = kwargs.pop("profile", None) if prof is None else prof
    instances = kwargs.pop("names", None) if instances is None else instances
    if not prof:
        return {"Error": "which profile? say prof=PROFILE"}
    if not instances:
        return {"Error": "which servers? say instances=NAME,NAME"}
    return _client(opts).profile(prof, _names(instances), **kwargs)


@_told
def map_run(path=None, opts=None, **kwargs):
    """Create what a map says and is not there yet: ``salt-run va_cloud.map_run /etc/salt/cloud.maps.d/shop.map``."""
    return _client(opts).map_run(path, **kwargs)


@_told
def create(provider, instances, opts=None, **kwargs):
    """Create servers without a profile: ``salt-run va_cloud.create kvm1 web image=debian-12.qcow2 size=va-small``."""
    client = _client(opts)
    if provider not in client.opts["providers"]:
        return {"Error": f"there is no provider {provider}"}
    return client.create(provider, _names(instances), **kwargs)


@_told
def destroy(instances, opts=None):
    """Destroy servers: ``salt-run va_cloud.destroy web1,web2``."""
    return _client(opts).destroy(_names(instances))


@_told
def action(func=None, cloudmap=None, instances=None, provider=None, instance=None, opts=None, **kwargs):
    """
    Have something done to servers, or ask a provider.

    .. code-block:: bash

        salt-run va_cloud.action stop web
        salt-run va_cloud.action stop instances=web1,web2 timeout=400
        salt-run va_cloud.action usage provider=kvm1
    """
    # the second argument names a server in all that was ever written about this function; Salt had no use for it
    if cloudmap and not (instances or provider or instance):
        instances = cloudmap
    return _client(opts).action(func, None, _names(instances), provider, instance, kwargs)


@_told
def query(query_type="list_nodes"):
    """The servers of all providers, with Salt's six members of each."""
    return _client().query(query_type)


@_told
def full_query(query_type="list_nodes_full"):
    """The servers of all providers, with all that is known of them."""
    return _client().full_query(query_type)


@_told
def select_query(query_type="list_nodes_select"):
    """The servers of all providers, with the members that ``query.selection`` names."""
    return _client().select_query(query_type)


@_told
def list_images(provider="all"):
    """The images of a provider, or of all."""
    return _client().list_images(provider)


@_told
def list_sizes(provider="all"):
    """The sizes of a provider, or of all."""
    return _client().list_sizes(provider)


@_told
def list_locations(provider="all"):
    """Where a provider is, or all are."""
    return _client().list_locations(provider)


def _client(opts=None):
    client = salt.cloud.CloudClient(os.path.join(os.path.dirname(__opts__["conf_file"]), "cloud"))  # noqa: F821
    if isinstance(opts, dict):
        client.opts.update(opts)
    return client


def _names(said):
    """Names in a list, or with commas between them."""
    if isinstance(said, str):
        return [name.strip() for name in said.split(",") if name.strip()]
    return said


def _has_failed(answer):
    """Whether an answer tells of a failure; a server's own members are not looked at."""
    if not isinstance(answer, dict):
        return answer is False
    return any(name == "Error" or isinstance(value, dict) and "Error" in value for name, value in answer.items())
