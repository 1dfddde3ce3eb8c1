"""Upgrade, removal, purge, and a Salt that comes later."""

import tempfile

from machine import DEB, MachineCase, build

CONFIGURATION = "/etc/salt/cloud.conf.d/va-driver.conf"
JOURNALS = "/var/lib/va-driver/journal"
# The user that Salt's packages make, with a home that is not its own.
SALT_USER = """
if [ "$1" = install ]; then
    mkdir -p /opt/saltstack/salt
    groupadd --system salt
    useradd --system --no-create-home --home-dir /opt/saltstack/salt --gid salt --shell /usr/sbin/nologin salt
fi
"""


class LifeCase(MachineCase):
    """A system for each test."""

    @classmethod
    def setUpClass(cls):
        pass

    def setUp(self):
        MachineCase.setUpClass.__func__(type(self))
        self.addCleanup(self.doClassCleanups)

    def traces(self):
        """All files and directories that have to do with the package, dpkg's own books aside."""
        found = self.machine.do("find", "/etc", "/usr", "/var", "-name", "*va?driver*").split()
        return [path for path in found if not path.startswith("/var/lib/dpkg/")]

    def salt_comes(self):
        """Salt's packages, as far as the user and a program go."""
        with tempfile.TemporaryDirectory() as top:
            files = [("/usr/bin/salt-cloud", "/opt/salt/bin/salt-cloud")]
            self.machine.install(build(top, "salt-cloud", files, preinst=SALT_USER))

    def test_an_upgrade_keeps_what_was_changed(self):
        self.machine.write(CONFIGURATION, "cloud_dirs: [/srv/mine, /usr/share/va-driver/salt/clouds]\n")
        self.machine.write("/usr/share/va-driver/salt/clouds/__pycache__/old.pyc", "")
        self.machine.write(f"{JOURNALS}/a.jsonl", "{}\n")
        self.machine.do("dpkg", "--install", f"/tmp/{DEB.name}")
        self.assertIn("/srv/mine", self.machine.path(CONFIGURATION).read_text())
        self.assertTrue(self.machine.path(f"{JOURNALS}/a.jsonl").exists())
        self.assertFalse(self.machine.path("/usr/share/va-driver/salt/clouds/__pycache__").exists())
        self.assertEqual(self.machine.state("va-driver"), "installed")

    def test_removal_leaves_the_configuration_and_purge_nothing(self):
        self.machine.write("/usr/share/va-driver/salt/clouds/_va_driver/__pycache__/old.pyc", "")
        self.machine.do("apt-get", "remove", "-y", "va-driver")
        self.assertEqual(self.machine.state("va-driver"), "config-files")
        self.assertTrue(self.machine.path(CONFIGURATION).exists())
        self.assertFalse(self.machine.path("/usr/bin/va-driver").exists())
        self.assertFalse(self.machine.path("/usr/share/va-driver").exists())
        self.machine.do("apt-get", "purge", "-y", "va-driver")
        self.assertEqual(self.machine.state("va-driver"), "")
        self.assertEqual(self.traces(), [])

    def test_purge_keeps_what_tells_of_things_on_hosts(self):
        self.machine.write(f"{JOURNALS}/a.jsonl", "{}\n", 0o600)
        outcome = self.machine.run("apt-get", "purge", "-y", "va-driver")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertIn(f"{JOURNALS} tells of creations that were cut off", outcome.out + outcome.err)
        self.assertEqual(self.traces(), ["/var/lib/va-driver"])
        self.assertTrue(self.machine.path(f"{JOURNALS}/a.jsonl").exists())
        self.assertEqual(self.machine.state("va-driver"), "")

    def test_purge_keeps_an_administrators_templates(self):
        self.machine.write("/etc/va-driver/templates/libvirt/profile.conf", "a: 1\n")
        self.machine.do("apt-get", "purge", "-y", "va-driver")
        self.assertTrue(self.machine.path("/etc/va-driver/templates/libvirt/profile.conf").exists())

    def test_salt_that_comes_later_gets_the_journals(self):
        self.assertEqual(self.machine.owner(JOURNALS), "root:root 700")
        self.salt_comes()
        self.assertEqual(self.machine.owner(JOURNALS), "salt:salt 700")
        self.assertEqual(self.machine.owner("/var/lib/va-driver"), "root:root 755")

    def test_the_masters_user_goes_before_the_name(self):
        self.machine.do("install", "-d", "-o", "games", "-g", "games", "/etc/salt/pki/master")
        self.salt_comes()
        self.assertEqual(self.machine.owner(JOURNALS), "games:games 700")

    def test_an_administrators_choice_goes_before_all(self):
        self.machine.do("dpkg-statoverride", "--update", "--add", "backup", "backup", "770", JOURNALS)
        self.salt_comes()
        self.assertEqual(self.machine.owner(JOURNALS), "backup:backup 770")
