"""The first server of docs/salt.md, word for word, on a machine on which nothing is set up."""

import os
import re
import shutil
import subprocess
import textwrap
import unittest

from case import CloudCase
from fresh import FreshMachine
from host import IMAGE
from master import LOOPBACK, ROOT
from minion import Minion

# What stands in the docs for somebody's own.
_OWN = ("qemu+tls://kvm1.example.org/system", "salt.example.org")


def steps():
    """The numbered steps: what each is called, the file it names, its commands or the file's content."""
    text = (ROOT / "docs" / "salt.md").read_text(encoding="utf-8")
    section = text.partition("## A first server in five minutes\n")[2].partition("\nFor an OpenStack cloud")[0]
    for step in re.split(r"^\d\. ", section, flags=re.MULTILINE)[1:]:
        title = re.match(r"\*\*(.*?)\*\*", step)[1]
        file = re.search(r"`(/etc/salt/cloud\.p\S+\.conf)`", step)
        blocks = re.findall(r"(?:^ {7}.*\n)+", step, flags=re.MULTILINE)
        yield title, file and file[1], textwrap.dedent(blocks[0])


@unittest.skipUnless(os.geteuid() == 0, "only root can have folders and a network of its own")
class FirstHour(CloudCase):
    def setUp(self):
        super().setUp()
        self.machine = FreshMachine()
        self.addCleanup(self.machine.stop)
        self.machine.path("/srv/images").mkdir()
        shutil.copy(IMAGE, self.machine.path("/srv/images/debian-12.qcow2"))
        self.addCleanup((self.host.pool / "debian-12.qcow2").unlink, missing_ok=True)

    def done(self, line):
        outcome = self.machine.run(line)
        self.assertEqual(outcome.code, 0, f"{line}: {outcome}")
        self.assertNotRegex(outcome.stderr, "ERROR|Traceback", line)
        return outcome.stdout

    def test_word_for_word(self):
        found = list(steps())
        self.assertEqual(len(found), 4, found)
        for title, file, text in found[:3]:
            if file:
                for word, own in zip(_OWN, (self.host.uri, LOOPBACK)):
                    text = text.replace(word, own)
                # two libvirt daemons on one machine can choose the same port
                text += "  graphics: none\n" if "provider" in file and "uri:" in text else ""
                self.machine.write(file, text)
            else:
                for line in text.splitlines():
                    self.done(line)
        master = self.machine.start("salt-master -l quiet", output=subprocess.DEVNULL)
        self.addCleanup(master.wait)
        self.addCleanup(master.kill)
        self.await_(self.machine.path("/run/salt/master/master_event_pub.ipc").exists, 120)
        said = [self.step(line) for line in found[3][2].splitlines()]
        self.assertEqual(len(said), 6)
        self.assertEqual((self.host.domains(), self.host.volumes()), ([], ["debian-12.qcow2"]))
        self.assertEqual(os.listdir(self.machine.path("/etc/salt/pki/master/minions")), [])

    def step(self, line):
        """Does what a line says; where it creates a server, its minion starts."""
        if "salt-cloud -p" not in line:
            said = self.done(line)
            if "test.ping" in line:
                self.assertIn("True", said)
            return said
        process = self.machine.start(line)
        self.await_(self.host.domains, 120)
        minion = Minion(self.top / "minion", "web", self.seed("web"))
        self.addCleanup(minion.stop)
        minion.start(self.machine.command())
        stdout, stderr = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, stdout + stderr)
        self.assertRegex(stdout, r"started:\s+True", stderr)
        return stdout


if __name__ == "__main__":
    unittest.main()
