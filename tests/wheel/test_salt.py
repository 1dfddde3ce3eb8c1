"""The wheel in a fresh venv, with each line of Salt: Salt finds all that it brings by itself."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from host import host
from master import ROOT, Master

WHEEL = os.environ["VA_WHEEL"]
# each line's own environment, which lends its Salt to the fresh one
SALTS = dict(one.split("=", 1) for one in os.environ["VA_SALT"].split())


def fresh(top, salt):
    """A venv that has pip, the wheel, and Salt."""
    venv, salt = pathlib.Path(top) / "venv", pathlib.Path(salt)
    subprocess.run([salt / "bin/python", "-m", "venv", venv], check=True)
    subprocess.run([venv / "bin/pip", "-qq", "--disable-pip-version-check", "install", "--no-index", WHEEL], check=True)
    theirs = next(salt.glob("lib/python3*/site-packages"))
    (venv / theirs.relative_to(salt) / "salt.pth").write_text(f"{theirs}\n")
    for name in ("salt-cloud", "salt-run"):
        _, _, program = (salt / "bin" / name).read_text().partition("\n")
        (venv / "bin" / name).write_text(f"#!{venv}/bin/python\n{program}")
        (venv / "bin" / name).chmod(0o755)
    return venv


class Wheel:
    """What holds with every line; the directories of modules are configured nowhere, nor is the executable."""

    line = ""

    @classmethod
    def setUpClass(cls):
        cls.host = host()
        cls.top = pathlib.Path(tempfile.mkdtemp(prefix="vw.", dir="/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.top, ignore_errors=True)
        cls.venv = fresh(cls.top, SALTS[cls.line])
        cls.master = Master(cls.top / "master", load="entry points", salt_bin=cls.venv / "bin", runner_dirs=[], roster_dirs=[])
        cls.master.configure(va_driver={"state_dir": str(cls.master.state)})
        cls.master.provider("kvm", **cls.host.settings())
        cls.master.profile("small", provider="kvm", wait="running")

    def cloud(self, *arguments):
        """What salt-cloud answers; nothing of this machine's is on its PATH."""
        outcome = self.master.cloud(*arguments, PATH="/usr/sbin:/sbin")
        self.assertEqual(outcome.code, 0, outcome)
        return outcome.data

    def test_the_command_is_the_executable(self):
        said = subprocess.run([self.venv / "bin/va-driver", "--version"], stdout=subprocess.PIPE, text=True, check=True)
        self.assertRegex(said.stdout, r"^va-driver [0-9]")
        said = subprocess.run([self.venv / "bin/va-driver", "steps", "generic"], stdout=subprocess.PIPE, text=True, check=True)
        self.assertIn("server_fields", said.stdout)

    def test_it_finds_the_manifests_that_came_with_it(self):
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.top)}
        said = subprocess.run(
            [self.venv / "bin/va-driver", "drivers", "--json"], env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        known = [driver["id"] for driver in json.loads(said.stdout)["drivers"]]
        shipped = [path.stem for path in (ROOT / "salt/drivers.d").glob("*.yaml")]
        self.assertTrue(shipped)
        self.assertLessEqual({"libvirt", "openstack", *shipped}, set(known))

    def test_salt_cloud_knows_the_drivers(self):
        self.master.provider("cloud", "va_openstack", identity_url="http://127.0.0.1:1/v3", username="a", password="b")
        self.addCleanup((self.master.etc / "cloud.providers.d/cloud.conf").unlink)
        known = self.cloud("--list-providers")
        self.assertEqual({name: list(drivers) for name, drivers in known.items()}, {"kvm": ["va_libvirt"], "cloud": ["va_openstack"]})

    def test_a_server_is_made_and_deleted(self):
        name = f"web-{self.line}"
        self.assertTrue(self.cloud("-p", "small", name)[name]["created"])
        self.assertEqual((self.host.domains(), self.master.keys()), ([name], [name]))
        self.cloud("-d", name)
        self.assertEqual((self.host.domains(), self.host.volumes(), self.master.keys()), ([], [], []))

    def test_salt_run_knows_the_runner(self):
        for function in "va_driver.version", "va_cloud.query":
            outcome = self.master.run("salt-run", function, PATH="/usr/sbin:/sbin")
            self.assertEqual(outcome.code, 0, outcome)


def load_tests(loader, _tests, _pattern):
    """A class for each line."""
    suite = unittest.TestSuite()
    for line in SALTS:
        case = type(f"Salt{line}", (Wheel, unittest.TestCase), {"line": line})
        suite.addTests(loader.loadTestsFromTestCase(case))
    return suite
