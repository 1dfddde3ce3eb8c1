"""From a profile to a minion that answers, and back: four guests that boot side by side."""

import atexit
import json
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

from host import Host
from live import BOOT, LiveMaster
from master import DRIVER, ROOT, Outcome
from process import Process, end_orderly
from seed import Seed

sys.path.append(str(ROOT / "salt"))

from va_master.server import add_ssh_key  # noqa: E402  pylint: disable=wrong-import-position

MINION_DIR = "/etc/salt/pki/minion"
SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5C1vhEEvgqSJT2wxwZBAAmfIJyMjyYQ4C8M7lzL5nM va_master"


class Bed:
    """One host, a master of each line, and the guests."""

    def __init__(self):
        end_orderly()
        self.host = Host(os.environ["VA_SALT_GUEST_IMAGE"])
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="ve.", dir="/tmp"))
        atexit.register(shutil.rmtree, self.top, ignore_errors=True)
        self.masters = {line: self._master(line) for line in ("3006", "3008")}
        self.creations = {}
        self.seeds = {}
        entries = [{"web-3006": {"requires": ["db-3006"]}}, {"db-3006": {"role": "db"}}]
        by_map = self.masters["3006"].create_by_map(entries)
        by_state = self.masters["3008"].create_by_state("web-3008", **self.profile())
        own = self._by_itself("own", self.masters["3008"])
        for name, creation in ("db-3006", by_map), ("web-3006", by_map), ("web-3008", by_state), ("own", own):
            self._boots(name, creation)

    def provider(self):
        """The host, for guests with a real system."""
        flavours = {"real": {"num_cpus": 1, "memory": 786432, "vol_capacity": 2}}
        defaults = {"network": "default", "image": "guest.qcow2", "size": "real"}
        ours = {"driver_name": "libvirt", "flavours": flavours, "defaults": defaults, "virt_type": "qemu"}
        return {**self.host.settings(), **ours}

    def profile(self):
        """What is said of each server."""
        return {
            "role": "web",
            "grains": {"rack": "r7"},
            "start_action": "state.apply",
            "minion_timeout": BOOT,
            "seal": True,
        }

    def rpc(self, master, name, method, params):
        """A call of the executable, as a program would make it on the master's machine."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return Process(
            master.top,
            name,
            [DRIVER, "rpc"],
            stdin=json.dumps(request) + "\n",
            SALT_CONFIG_DIR=str(master.etc),
            VA_DRIVER_STATE_DIR=str(master.state),
            PATH=f"{master.bin}:{os.environ['PATH']}",
        )

    def console(self, name):
        """The end of what the guest has said."""
        path = self.host.console / f"{name}.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-60:]) if path.exists() else "nothing"

    def volumes_of(self, name):
        """The volumes of the server ``name``."""
        return [one for one in self.host.volumes() if one.startswith(f"{name}.")]

    def _master(self, line):
        master = LiveMaster(self.top / line, line, self.host.env["VA_NETWORK_GATEWAY"])
        master.provider("kvm", **self.provider())
        master.profile("small", provider="kvm", **self.profile())
        master.begin()
        return master

    def _by_itself(self, name, master):
        minion = {
            "pki_dir": str(master.pki),
            "master_key": master.public_key(),
            "master": master.address,
            "conf": {"master_port": master.ret_port},
        }
        server = {"server_name": name, "role": "db", "minion": minion}
        # as va_master does it, which logs in by this
        (self.top / "va_master.pub").write_text(SSH_KEY)
        add_ssh_key(server, str(self.top), "va_master", lambda member: True)
        params = {"provider": self.provider(), "server": server, "wait": "minion", "timeout": BOOT, "seal": True}
        return self.rpc(master, f"create-{name}", "server.create", params)

    def _boots(self, name, creation):
        self.creations[name] = creation
        self.seeds[name] = Seed(self.host, name, creation)


class Chain(unittest.TestCase):
    """What is true of every server with a minion."""

    maxDiff = None
    name = line = None

    @classmethod
    def setUpClass(cls):
        cls.bed = _bed[0]
        cls.host = cls.bed.host
        cls.master = cls.bed.masters[cls.line]
        cls.seed = cls.bed.seeds[cls.name]

    def run(self, result=None):
        """Tells what guest and master have said, when a test has failed."""
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            print(f"--- console of {self.name}\n{self.bed.console(self.name)}", file=sys.stderr)
            print(self.master.tail(), file=sys.stderr)
        return result

    def created(self):
        """How the creation ended."""
        creation = self.bed.creations[self.name]
        return Outcome(creation.popen, *creation.wait(2 * BOOT))

    def answers(self, role):
        """The minion is this guest's, has what it was given, and trusts this master only."""
        self.assertIs(self.master.salt(self.name, "test.ping"), True)
        pinned = f"{MINION_DIR}/minion_master.pub"
        # A minion that pins no key writes the first one that it gets: this one was there before it started.
        start = "$(systemctl show -P ExecMainStartTimestamp salt-minion)"
        own = f"grep -c '^{self.seed.secret.decode()}$' {MINION_DIR}/minion.pem"
        look = f'{own}; find {pinned} ! -newermt "{start}"; cat {pinned}'
        # several questions at once: the guest takes seconds for each
        facts = self.master.salt(
            self.name, "network.get_hostname,grains.item,cmd.run", *(",", "host", "role"), *(",", look)
        )
        self.assertEqual(facts["network.get_hostname"], self.name)
        self.assertEqual(facts["grains.item"], {"host": self.name, "role": role})
        self.assertEqual(facts["cmd.run"].split(), ["1", pinned, *self.master.public_key().split()])

    def sealed(self):
        """The private key, which was on the seed, is off it."""
        content = self.seed.content()
        # not assertIn, which prints all of it
        self.assertTrue(self.name.encode() in content, "this is no seed")
        self.assertFalse(self.seed.secret in content, "the private key is on the seed")
        self.assertFalse(b"PRIVATE KEY" in content, "a private key is on the seed")

    def nothing_is_left(self, told):
        """No domain, no volume, no key."""
        self.assertNotIn(self.name, self.host.domains(), told)
        self.assertEqual(self.bed.volumes_of(self.name), [], told)
        self.assertNotIn(self.name, self.master.keys(), told)


class BySalt:
    """The whole way of what Salt is told to make."""

    role = "web"

    def test_a_life(self):
        outcome = self.created()
        self.assertEqual(outcome.code, 0, outcome)
        made = self.made(outcome)
        self.assertEqual((made["created"], made["ready"], made["state"]), (True, True, "running"), outcome)
        self.assertEqual((made["minion"]["started"], made["minion"]["sealed"]), (True, True), outcome)
        network = self.host.env["VA_NETWORK_GATEWAY"].rpartition(".")[0]
        self.assertRegex(made["private_ips"][0], rf"^{network}\.\d+$", outcome)
        self.sealed()
        with self.subTest("start_action"):
            (applied,) = made["ret"].values()
            self.assertIs(applied["result"], True, outcome)
            marker = self.master.salt(self.name, "file.read", "/etc/va-marker")
            self.assertEqual(marker.strip(), f"{self.role} r7")
        self.answers(self.role)
        self.assertIn(self.name, self.master.keys())
        self.nothing_is_left(self.destroyed())


class ByMap(BySalt):
    """In parallel, by a map in which one server requires the other."""

    line = "3006"

    def made(self, outcome):
        """What is told of the server."""
        return outcome.data[self.name]

    def destroyed(self):
        """Destroys it."""
        outcome = self.master.cloud("-d", self.name)
        self.assertTrue(outcome.data["kvm"]["va_libvirt"][self.name]["success"], outcome)
        return outcome


class DatabaseByMap(ByMap, Chain):
    """The one that is required."""

    name = "db-3006"
    role = "db"


class WebByMap(ByMap, Chain):
    """The one that requires it."""

    name = "web-3006"


class ByState(BySalt, Chain):
    """By ``cloud.present`` and ``cloud.absent``."""

    line = "3008"
    name = "web-3008"

    def made(self, outcome):
        """What is told of the server, which is there already the next time."""
        self.assertEqual(self.applied("present")[1]["changes"], {})
        return self.of_state(outcome)["changes"][self.name]

    def destroyed(self):
        """Destroys it."""
        outcome, state = self.applied("absent")
        self.assertTrue(state["changes"], outcome)
        return outcome

    def applied(self, sls):
        """What a state comes to that must succeed."""
        process = Process(self.master.top, sls, self.master.state_command(sls))
        outcome = Outcome(process.popen, *process.wait(300))
        state = self.of_state(outcome)
        self.assertIs(state["result"], True, outcome)
        return outcome, state

    def of_state(self, outcome):
        """The one state of those that were applied."""
        (state,) = outcome.data["local"].values()
        return state


class ByItself(Chain):
    """By the executable alone, on a master's machine."""

    line = "3008"
    name = "own"

    def test_a_life(self):
        outcome = self.created()
        made = outcome.data["result"]
        self.assertEqual((made["created"], made["ready"], made["sealed"]), (True, True, True), outcome)
        self.assertEqual((made["minion"]["id"], made["minion"]["accepted"]), (self.name, True), outcome)
        self.sealed()
        self.answers("db")
        self.assertIn(self.name, self.master.keys())
        # this image's cloud-init does without it at boot
        keys = "cloud-init single --name ssh --frequency always > /dev/null 2>&1; cat /root/.ssh/authorized_keys"
        allowed = self.master.salt(self.name, "cmd.run", keys)
        # the whole line: before one that may not log in as root it would say so
        self.assertIn(SSH_KEY, allowed.splitlines())

        params = {"provider": self.bed.provider(), "server_name": self.name, "pki_dir": str(self.master.pki)}
        deletion = self.bed.rpc(self.master, f"delete-{self.name}", "server.delete", params)
        outcome = Outcome(deletion.popen, *deletion.wait(300))
        self.assertTrue(outcome.data["result"]["deleted"], outcome)
        self.nothing_is_left(outcome)


_bed = []


def setUpModule():  # pylint: disable=invalid-name
    """Starts everything, all guests among it."""
    _bed.append(Bed())


if __name__ == "__main__":
    unittest.main()
