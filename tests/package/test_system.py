"""Installed on a bare system, without libvirt and without Salt."""

import json

from machine import MachineCase

JOURNALS = "/var/lib/va-driver/journal"


class BareSystem(MachineCase):
    """Nothing but the package and what it depends on."""

    def test_it_works_without_libvirt(self):
        self.assertIn(self.machine.state("libvirt0"), ("", "not-installed"))
        self.assertRegex(self.machine.do("va-driver", "--version"), r"^va-driver [0-9]")
        drivers = json.loads(self.machine.do("va-driver", "drivers", "--json"))["drivers"]
        known = {driver["id"] for driver in drivers}
        self.assertLessEqual({"libvirt", "openstack", "generic", "ec2"}, known)

    def test_it_says_what_is_missing_and_how_to_get_it(self):
        outcome = self.machine.run("va-driver", "doctor")
        self.assertEqual(outcome.code, 12, outcome)
        checks = {check["name"]: check for check in json.loads(outcome.out)["checks"]}
        self.assertEqual(checks["libvirt library"]["outcome"], "missing")
        self.assertIn("apt install libvirt0", checks["libvirt library"]["remedy"])
        self.assertEqual(checks["salt-cloud"]["outcome"], "warning")
        self.assertEqual(checks["state directory"]["outcome"], "ok")
        self.assertEqual(checks["state directory"]["message"], "/var/lib/va-driver")

    def test_its_man_pages_can_be_read(self):
        page = self.machine.run("man", "--warnings", "va-driver", MANWIDTH="100")
        self.assertEqual((page.code, page.err), (0, ""), page)
        self.assertIn("va-driver - ", page.out)
        self.assertIn("wizard", page.out)
        self.assertIn("--dry-run", self.machine.do("man", "va-driver-server-create"))
        self.assertRegex(self.machine.do("whatis", "va-driver"), r"^va-driver \(1\)")

    def test_bash_completes(self):
        script = """
            . /usr/share/bash-completion/bash_completion
            _completion_loader va-driver
            COMP_WORDS=(va-driver server cr) COMP_CWORD=2
            $(complete -p va-driver | sed 's/.*-F \\([^ ]*\\).*/\\1/') va-driver cr server
            echo "${COMPREPLY[@]}"
        """
        self.assertEqual(self.machine.do("bash", "-c", script), "create\n")

    def test_every_file_is_roots_and_for_all_to_read(self):
        listed = self.machine.do("dpkg", "-L", "va-driver").split()
        shown = self.machine.do("stat", "-c", "%n %U:%G %a %F", *listed).splitlines()
        self.assertGreater(len(shown), 100)
        for line in shown:
            path, owner, mode, kind = line.split(" ", 3)
            wanted = "755" if kind == "directory" or path == "/usr/bin/va-driver" else "644"
            self.assertEqual((owner, mode), ("root:root", wanted), line)

    def test_what_an_administrator_changes_is_marked_as_such(self):
        marked = self.machine.do("dpkg-query", "-W", "-f", "${Conffiles}", "va-driver").split()[::2]
        files = self.machine.do("sh", "-c", "dpkg -L va-driver | xargs -I{} find {} -maxdepth 0 -type f -path '/etc/*'")
        self.assertEqual(sorted(marked), sorted(files.split()))
        self.assertIn("/etc/salt/cloud.conf.d/va-driver.conf", marked)

    def test_nobody_else_may_put_a_journal_down(self):
        self.assertEqual(self.machine.owner("/var/lib/va-driver"), "root:root 755")
        self.assertEqual(self.machine.owner(JOURNALS), "root:root 700")

    def test_what_dpkg_wrote_down_is_what_is_there(self):
        self.assertEqual(self.machine.do("dpkg", "--verify", "va-driver"), "")


class WithLibvirt(MachineCase):
    """libvirt's client library is there, too."""

    def test_a_host_can_be_asked(self):
        self.machine.install("libvirt0")
        status = json.loads(self.machine.do("va-driver", "provider", "status", "--uri", "test:///default", "--json"))
        self.assertTrue(status["success"], status)
