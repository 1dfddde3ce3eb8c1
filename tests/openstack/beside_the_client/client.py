#!/usr/bin/python3
"""What the `openstack` client makes of logins: reads cases (JSON) on its standard input, and answers each on a line.

A case has `arguments`, `env`, `dir` with its files, and where its clouds.yaml and secure.yaml are. The client's own
code runs here, once for all of them.

With `passcode SECRET` it prints the one-time password of that secret.
"""

import base64
import hmac
import json
import os
import sys
import time
import types
import warnings

warnings.simplefilter("ignore")


def passcode(secret):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, int(time.time() // 30).to_bytes(8, "big"), "sha1").digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1000000:06}"


def login(case):
    """What `openstack` does before it runs a command, and where it would ask Nova."""
    os.environ.clear()
    os.environ.update(case["env"])
    from openstackclient import shell

    # the list is made as the module is loaded, from the directory and the home of that time
    from openstack.config import loader

    for kind, files in (("clouds", "CONFIG"), ("secure", "SECURE"), ("clouds-public", "VENDOR")):
        setattr(loader, f"{files}_FILES", [os.path.join(case["dir"], f"{kind}.yaml")])
    app = shell.OpenStackShell()
    app.options, rest = app.parser.parse_known_args(case["arguments"])
    app.command_options = case["arguments"]
    app.interactive_mode = False
    app._load_plugins = app._load_commands = lambda: None
    app.configure_logging()
    app.initialize_app(rest)
    app.prepare_to_run_command(types.SimpleNamespace(auth_required=True))
    manager, cloud = app.client_manager, app.cloud
    ref = manager.auth_ref
    if ref:
        manager.validate_scope()
    region, interface = cloud.get_region_name("compute"), cloud.get_interface("compute")
    endpoint = cloud.get_endpoint("compute") or manager.session.get_endpoint(
        service_type="compute", region_name=region, interface=interface
    )
    scope = None
    if ref:
        scope = ref.project_name or ref.domain_name or (ref.system_scoped and "system") or None
    return {"user": ref and ref.username, "scope": scope, "region": region, "endpoint": endpoint}


def main():
    if sys.argv[1:2] == ["passcode"]:
        print(passcode(sys.argv[2]))
        return
    for case in json.load(sys.stdin):
        try:
            said = login(case)
        except (Exception, SystemExit) as error:  # noqa: BLE001
            said = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(said), flush=True)


main()
