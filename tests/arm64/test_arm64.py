"""
The package and the wheel for arm64, installed in a Debian that has arm64's libraries; qemu-user is the processor.

No daemon and no guest of arm64 is started: what needs one is tested on amd64, from the same sources.
"""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import zipfile

DEB = pathlib.Path(os.environ["VA_DEB"])
WHEEL = os.environ["VA_WHEEL"]
EXECUTABLE = "/usr/bin/va-driver"
DRIVER = ["qemu-aarch64-static", EXECUTABLE]
TEST_HOST = {"driver_name": "libvirt", "provider_name": "test", "uri": "test:///default"}


def setUpModule():
    """Installed as on an arm64 machine; dpkg sees to it that all it depends on is there for that processor."""
    subprocess.run(["dpkg", "--install", DEB], check=True, stdout=subprocess.DEVNULL)


def printed(*command, **how):
    """What a command prints."""
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, **{"text": True, **how}).stdout


def said(*arguments, **how):
    """What the executable answers."""
    return json.loads(printed(*DRIVER, *arguments, **how))


def called(*requests):
    """What one executable answers to several messages."""
    lines = [json.dumps({"jsonrpc": "2.0", "id": n, "method": name, "params": params}) for n, (name, params) in enumerate(requests)]
    answers = map(json.loads, printed(*DRIVER, "rpc", input="\n".join(lines) + "\n").splitlines())
    return [answer["result"] for answer in sorted(answers, key=lambda answer: answer["id"])]


class Arm64(unittest.TestCase):
    """What holds on that processor."""

    def test_it_is_for_that_processor_and_every_linux_with_glibc_2_28(self):
        self.assertEqual(printed("dpkg-deb", "--field", DEB, "Architecture").strip(), "arm64")
        self.assertRegex(printed("readelf", "--file-header", EXECUTABLE), r"Machine: +AArch64")
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", printed("readelf", "--dynamic", EXECUTABLE))
        self.assertIn("libc.so.6", needed)
        self.assertEqual([name for name in needed if not re.match(r"(libc|libm|libdl|librt|libpthread|libgcc_s|ld-linux)\b", name)], [])
        asked = re.findall(r"\bGLIBC_(\d+)\.(\d+)", printed("readelf", "--version-info", EXECUTABLE))
        self.assertLessEqual(max((int(major), int(minor)) for major, minor in asked), (2, 28))

    def test_it_says_its_version_and_its_help(self):
        version = printed("dpkg-deb", "--field", DEB, "Version").strip().replace("~", "-")
        self.assertEqual(said("version")["version"], version)
        self.assertIn("va-driver wizard libvirt", printed(*DRIVER, "--help"))
        self.assertIn(r"va\-driver \- ", printed("zcat", "/usr/share/man/man1/va-driver.1.gz"))

    def test_it_loads_libvirt_and_asks_the_test_host(self):
        status, servers, networks = called(
            *((name, {"provider": TEST_HOST}) for name in ("provider.status", "server.list", "provider.networks"))
        )
        self.assertTrue(status["success"], status)
        self.assertEqual([server["hostname"] for server in servers["servers"]], ["test"])
        self.assertTrue(networks["networks"])

    def test_forms_are_those_of_amd64_and_are_checked(self):
        drivers = [driver["id"] for driver in said("drivers", "--json")["drivers"]]
        self.assertLessEqual({"libvirt", "openstack", "generic", "ec2"}, set(drivers))
        libvirt, bad = called(
            ("driver.steps", {"driver_id": "libvirt"}),
            ("driver.validate", {"driver_id": "libvirt", "step_index": 0, "field_values": {"provider_name": "a b/c"}}),
        )
        self.assertIn("provider_name", libvirt["steps"][0]["schema"]["properties"])
        self.assertTrue(bad["errors"])

    def test_a_config_drive_and_keys_are_made(self):
        with tempfile.TemporaryDirectory() as top:
            seed = {"uuid": "5f3d8c9e-0b1a-4c2d-8e4f-a1b2c3d4e5f6", "hostname": "web-1"}
            drive = pathlib.Path(top, "drive.iso")
            said("config-drive", "build", "--seed", "-", "--output", drive, "--json", input=json.dumps(seed))
            self.assertEqual(printed("blkid", "-o", "value", "-s", "LABEL", drive).strip(), "config-2")
            self.assertIn(b"5f3d8c9e-0b1a-4c2d-8e4f-a1b2c3d4e5f6", drive.read_bytes())
        (key,) = called(("key.generate", {"bits": 2048}))
        self.assertEqual(printed("openssl", "rsa", "-check", "-noout", input=key["private_key"]).strip(), "RSA key ok")

    def test_the_wheel_holds_that_very_executable(self):
        self.assertRegex(WHEEL, r"-py3-none-manylinux_2_28_aarch64\.whl$")
        with zipfile.ZipFile(WHEEL) as archive:
            packed = archive.read("saltext/va_driver/bin/va-driver")
        # dpkg's packing strips it; what runs is the same
        with tempfile.TemporaryDirectory() as top:
            executable = pathlib.Path(top, "va-driver")
            executable.write_bytes(packed)
            executable.chmod(0o755)
            self.assertEqual(printed(DRIVER[0], executable, "version"), printed(*DRIVER, "version"))
