"""salt-cloud as Salt's packages configure it: started by root, it goes on as another user."""

import os
import pathlib
import pwd
import shutil
import subprocess
import unittest

from case import CloudCase
from master import DRIVER, ROOT, SALT_BIN

USER = "nobody"


def can_run_salt():
    """Whether that user can read what Salt runs on, which an account's own Python forbids."""
    if os.geteuid() != 0:
        return False
    user = pwd.getpwnam(USER)
    command = [str(SALT_BIN / "python"), "-c", "import salt.cloud, salt.client, sqlite3, cProfile"]
    other = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}
    try:
        return subprocess.run(command, **other, check=False, stderr=subprocess.DEVNULL).returncode == 0
    except PermissionError:
        return False


@unittest.skipUnless(can_run_salt(), "needs root, and a Python that other users can read")
class Unprivileged(CloudCase):
    def setUp(self):
        super().setUp()
        if not self.host.uri_tcp:
            self.skipTest("needs a daemon that other users can reach")
        os.chmod(self.top, 0o755)
        os.chmod(self.master.top, 0o755)
        # where a checkout lies others may not be able to look
        shutil.copytree(ROOT / "salt", self.top / "salt")
        shutil.copy(DRIVER, self.top / "va-driver")
        self.master.configure_master(user=USER, runner_dirs=[str(self.top / "salt" / "runners")])
        clouds = [str(self.top / "salt" / "clouds")]
        self.master.configure(user=USER, cloud_dirs=clouds, va_driver=str(self.top / "va-driver"))
        self.master.provider("kvm", **{**self.host.settings(), "uri": self.host.uri_tcp})
        for path in [self.master.top, *self.master.top.rglob("*")]:
            shutil.chown(path, USER)

    def test_a_life(self):
        outcome = self.master.cloud("-p", "small", "web")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertTrue(outcome.data["web"]["created"], outcome)
        self.assertEqual((self.host.domains(), self.master.keys()), (["web"], ["web"]))
        self.assertEqual((self.master.pki / "minions" / "web").owner(), USER)
        nodes = self.master.cloud("-Q").data["kvm"]["va_libvirt"]
        self.assertEqual(nodes["web"]["state"], "running")
        outcome = self.master.cloud("-d", "web")
        self.nothing_is_left(outcome)
        journals = self.journals()
        self.assertTrue(journals.is_dir(), "its journals are elsewhere")
        self.assertEqual(journals.owner(), USER)

    def test_a_failure(self):
        self.master.profile("unknown", provider="kvm", image="absent.qcow2")
        outcome = self.master.cloud("-p", "unknown", "web")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertRegex(outcome.stderr, "ERROR.*not_found")
        self.nothing_is_left(outcome)

    def test_a_runner(self):
        outcome = self.master.run("salt-run", "va_driver.status", "kvm")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertTrue(outcome.data["success"], outcome)

    def journals(self):
        """Below the home where that user has one, else in Salt's cache."""
        home = pathlib.Path(pwd.getpwnam(USER).pw_dir)
        if home.is_dir() and home.owner() == USER:
            return home / ".local" / "state" / "va-driver"
        return self.master.top / "cache" / "va-driver"


if __name__ == "__main__":
    unittest.main()
