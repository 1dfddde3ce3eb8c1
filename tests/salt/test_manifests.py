"""Drivers in a page: those that are shipped, those of the documentation, and what it says of them, word for word."""

import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import unittest
from urllib.parse import parse_qs, urlsplit

from base_case import BaseCase
from master import DRIVER, SALT_BIN

TOP = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("VA_CACHE", TOP / ".cache"))
HOSTILE = "a: b # {{ 1 + 1 }} {% raw %}\n- '\"c: *d"
# What the drivers of the examples are in, beside Salt itself.
EXTENSIONS = ["saltext.proxmox==2.0.1", "saltext-vcf-cloud==0.1.1", "saltext-azurerm==4.4.1"]

# Asks the runner for what Salt would show.
RUNNER = """
import importlib.util, json, os, sys
spec = importlib.util.spec_from_file_location("va_driver_runner", sys.argv[1])
runner = importlib.util.module_from_spec(spec)
spec.loader.exec_module(runner)
runner.__opts__ = {"conf_file": os.path.join(sys.argv[2], "master")}
runner.__context__ = {}
print(json.dumps({"drivers": runner.drivers(), "plan": runner.plan("left", "box", ip="192.0.2.7", deploy=False)}))
"""


def extensions():
    """The directory of the extensions of Salt that the examples need, fetched once."""
    folder = CACHE / "salt" / "extensions"
    done = folder / "complete"
    if not done.exists() or done.read_text() != str(EXTENSIONS):
        pip = [SALT_BIN / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--upgrade", "--target", folder, *EXTENSIONS], check=True)
        done.write_text(str(EXTENSIONS))
    return folder


class ManifestCase(BaseCase):
    """The manifest ``page`` as the driver ``driver``."""

    page = None

    def setUp(self):
        if self.page:
            self.manifest = self.page.read_text()
        super().setUp()

    def walk(self, values):
        """All steps of the form; the last one's result."""
        index = -1
        for _ in range(8):
            result = self.call("driver.validate", driver_id=self.driver, step_index=index, field_values=values)
            self.assertEqual(result["errors"], [])
            index = result["new_step_index"]
            if index == -1:
                return result
        raise AssertionError("the form has no end")

    def salt_reads(self, result):
        """The provider and the profile as Salt itself reads them."""
        config = self.top / "read"
        for folder, text in [("providers", result["provider_conf"]), ("profiles", result["profile_conf"])]:
            (config / f"cloud.{folder}.d").mkdir(parents=True)
            (config / f"cloud.{folder}.d" / "x.conf").write_text(text)
        (config / "cloud").write_text("")
        program = "import json, sys, salt.config; o = salt.config.cloud_config(sys.argv[1]); " \
            "print(json.dumps([o['providers'], o['profiles']], default=dict))"
        done = subprocess.run(
            [SALT_BIN / "python", "-c", program, config / "cloud"], stdout=subprocess.PIPE, check=True, env=self.env
        )
        providers, profiles = json.loads(done.stdout)
        (drivers,) = providers.values()
        (provider,) = drivers.values()
        (profile,) = profiles.values()
        return provider, profile


class Ec2(ManifestCase):
    """Amazon EC2, which is shipped."""

    driver = "ec2"
    page = TOP / "salt" / "drivers.d" / "ec2.yaml"

    def test_what_is_typed_is_what_salt_reads(self):
        values = {
            "provider_name": "cloud",
            "region": "us-east-1",
            "access_key_id": HOSTILE,
            "secret_access_key": HOSTILE + "2",
            "ssh_username": HOSTILE + "3",
            "network": HOSTILE + "4",
            "sec_group": HOSTILE + "5",
            "image": HOSTILE + "6",
            "size": HOSTILE + "7",
        }
        # the sizes are Salt's to say where it has the driver; then another one is none of them
        result = self.call("driver.validate", driver_id="ec2", step_index=1, field_values=values)
        offered = result["option_choices"].get("size")
        if offered:
            values["size"] = offered[0] if isinstance(offered[0], str) else offered[0]["const"]
        provider, profile = self.salt_reads(self.walk(values))
        read = [provider[name] for name in ("id", "key", "ssh_username", "location", "driver")]
        self.assertEqual(read, [*(values[name] for name in ("access_key_id", "secret_access_key", "ssh_username")),
                                "us-east-1", "ec2"])
        read = [profile[name] for name in ("subnetid", "securitygroup", "image", "size")]
        self.assertEqual(read, [values[name] for name in ("network", "sec_group", "image", "size")])


class Page(ManifestCase):
    """docs/drivers.md."""

    def test_the_page_is_followed_word_for_word(self):
        text = (TOP / "docs" / "drivers.md").read_text()
        section = text.split("## A manifest\n")[1].split("### What is in it")[0]
        lines = [line[4:] for line in section.splitlines() if line.startswith("    ")]
        programs = self.top / "bin"
        programs.mkdir()
        (programs / "va-driver").symlink_to(DRIVER)
        env = {**self.env, "PATH": f"{programs}:{self.env['PATH']}"}
        self.assertGreater(len(lines), 25)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "umask 022\n" + "\n".join(lines)],
            cwd=self.top, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("192.0.2.7", done.stdout)
        stored = (self.master.etc / "cloud.providers.d" / "left.conf").read_text()
        self.assertIn("saltify", stored)

        # the runner and the options know it by its name, too
        done = subprocess.run(
            [SALT_BIN / "python", "-c", RUNNER, TOP / "salt" / "runners" / "va_driver.py", self.master.etc],
            env=env, stdout=subprocess.PIPE, text=True, check=True,
        )
        told = json.loads(done.stdout)
        self.assertEqual(told["drivers"]["cellar"], "Machines in the cellar")
        self.assertTrue(told["plan"]["create"], told)

    def test_every_variable_of_the_page_is_one(self):
        text = (TOP / "docs" / "drivers.md").read_text().split("### Variables")[1].split("\n## ")[0]
        fields = "username password location network sec_group image size".split()
        known = {f"VAR_{name.upper()}" for name in fields}
        told = set(re.findall(r"VAR_[A-Z_]+\b", text)) - {"VAR_X"}
        profile = " ".join(f"m{index}: {name}," for index, name in enumerate(sorted(told | known - {"VAR_PASSWORD"})))
        page = f"driver: 1\nname: X\nprovider: {{VAR_PROVIDER_NAME: {{driver: x}}}}\nprofile: {{VAR_PROFILE_NAME: " \
            f"{{provider: VAR_PROVIDER_NAME, {profile}}}}}\n"
        (self.top / "x.yaml").write_text(page)
        done = subprocess.run([DRIVER, "driver", "check", self.top / "x.yaml"], env=self.env, stderr=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)


class Api(http.server.BaseHTTPRequestHandler):
    """As much of the API of Proxmox VE as its Salt driver asks for."""

    machines = {}
    asked = []

    def do(self):
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        data = {name: value for name, (value,) in parse_qs(self.rfile.read(length).decode()).items()}
        path = url.path.removeprefix("/api2/json/").split("/")
        self.asked.append((self.command, url.path, data, self.headers["Authorization"]))
        answer = None
        if path[0] == "cluster":
            answer = list(self.machines.values())
        elif path == ["nodes"]:
            answer = [{"node": "pve1", "status": "online"}]
        else:
            machine = self.machines[int(path[3])]
            if path[4:] == ["clone"]:
                new = int(data["newid"])
                self.machines[new] = {**machine, "vmid": new, "name": data["name"], "status": "stopped"}
            elif path[4:] == ["config"]:
                answer = {"name": machine["name"]}
            elif path[4:] == ["status", "current"]:
                answer = machine
            elif path[4:5] == ["status"]:
                machine["status"] = {"start": "running", "stop": "stopped"}[path[5]]
            elif self.command == "DELETE":
                del self.machines[machine["vmid"]]
        body = json.dumps({"data": answer}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = do  # noqa: N815  as http.server calls them

    def log_message(self, *args):
        """Says nothing."""


class Proxmox(ManifestCase):
    """The example for Proxmox VE, with the extension that has its driver and a stand-in for its API."""

    driver = "proxmox"
    page = TOP / "docs" / "examples" / "drivers.d" / "proxmox.yaml"

    def setUp(self):
        super().setUp()
        self.env["PYTHONPATH"] = str(extensions())
        wrapped = self.top / "salt-bin"
        wrapped.mkdir()
        # of our environment a child sees PATH, HOME and LANG only: an extension is installed where Salt is
        (wrapped / "salt-cloud").write_text(
            f"#!/bin/sh\nPYTHONPATH='{extensions()}' exec '{SALT_BIN}/salt-cloud' \"$@\"\n"
        )
        (wrapped / "salt-cloud").chmod(0o755)
        self.env["PATH"] = f"{wrapped}:{self.env['PATH']}"
        Api.machines = {9000: {"vmid": 9000, "name": "debian", "node": "pve1", "type": "qemu", "status": "stopped"}}
        Api.asked = []
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_port}"

    def test_a_server_is_a_clone_of_what_was_asked_for(self):
        values = {"provider_name": "pve", "url": self.url, "token": "salt=hunter2-token", "image": "9000"}
        self.provider = self.walk(values)["provider"]
        asked = {"vmid": 101, "deploy": False, "full": 0}
        made = self.create("web", **asked)
        self.assertTrue(made["created"], made)
        method, path, data, token = next(one for one in Api.asked if one[1].endswith("/clone"))
        self.assertEqual((method, path), ("POST", "/api2/json/nodes/pve1/qemu/9000/clone"))
        self.assertEqual((data["newid"], data["name"], data["full"]), ("101", "web", "0"))
        self.assertEqual(token, "PVEAPIToken=root@pam!salt=hunter2-token")
        listed = self.call("server.list", provider=self.provider)["servers"]
        self.assertEqual({one["name"]: one["status"] for one in listed}["web"], "ACTIVE")
        # Salt's creation answers no id as its list does: a server is known by its name
        self.assertFalse(self.create("web", **asked)["created"])
        self.assertEqual(self.creation_refused("mail").field, "/server/vmid")
        stopped = self.call("server.action", provider=self.provider, server_name="web", action="stop")
        self.assertEqual(stopped["server"]["status"], "SHUTOFF")
        self.assertTrue(self.call("server.delete", provider=self.provider, server_name="web")["deleted"])
        self.assertEqual(list(Api.machines), [9000])


class Examples(ManifestCase):
    """The other examples: what they make is what Salt reads, and its driver takes it for a provider."""

    def test_salts_drivers_take_what_the_examples_make(self):
        values = {
            "vsphere": {"provider_name": "p", "username": "u", "password": "hunter2", "url": "vcenter.example.org",
                        "network": "lan", "image": "debian"},
            "azure": {"provider_name": "p", "subscription_id": "s", "tenant": "t", "client_id": "c",
                      "client_secret": "hunter2", "resource_group": "g", "network": "n", "image": "a|b|c|d",
                      "size": "Standard_B1s"},
        }
        source = TOP / "docs" / "examples" / "drivers.d"
        for self.driver, entered in values.items():
            page = self.top / "drivers.d" / f"{self.driver}.yaml"
            page.write_text((source / page.name).read_text())
            with self.subTest(self.driver):
                result = self.walk(entered)
                provider, profile = self.salt_reads(result)
                subprocess.run(["rm", "-r", self.top / "read"], check=True)
                module = {"vsphere": "vcf_cloud.clouds.vmware", "azure": "azurerm.clouds.azurerm"}[self.driver]
                needed = {"vsphere": ("url", "user", "password"),
                          "azure": ("subscription_id", "tenant", "client_id", "secret")}[self.driver]
                self.assertTrue(all(provider.get(name) for name in needed), provider)
                code = (extensions() / "saltext" / f"{module.replace('.', '/')}.py").read_text()
                # the profile has no word that the driver does not know
                ours = {"provider", "profile", "minion", "image", "size", "deploy"}
                unknown = [name for name in set(profile) - ours if f'"{name}"' not in code]
                self.assertEqual(unknown, [])


if __name__ == "__main__":
    sys.exit(unittest.main())
