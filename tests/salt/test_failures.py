"""Failures: they are said, and leave nothing."""

import os
import signal
import unittest

from case import HAND_ON, CloudCase
from master import Outcome

# Starts the real executable, and tells its process id.
_TELLING = '#!/bin/sh\necho $$ > PID\nexec DRIVER "$@"\n'

# Keeps the answer of a creation that is done, until it is asked to end.
_LATE = """#!/bin/sh
read -r line
printf '%s\\n' "$line" | DRIVER "$@" > ANSWER.part
case $line in *server.create*)
    mv ANSWER.part ANSWER.done
    trap 'cat ANSWER.done; exit 0' TERM
    touch ANSWER.held
    while :; do sleep 0.1; done;;
esac
cat ANSWER.part
"""


class Refused(CloudCase):
    """What cannot be made, by the reason."""

    def refused(self, profile, message, *names):
        outcome = self.master.cloud("-p", profile, *(names or ["web"]))
        self.assertEqual(outcome.code, 1, outcome)
        self.assertRegex(outcome.stderr, f"ERROR.*({message})")
        self.assertRegex(outcome.stderr, f"Error: There was a profile error: .*({message})")
        self.assertNotIn("Traceback", outcome.stderr)
        # the protocol's words are no administrator's
        self.assertNotRegex(outcome.stderr, r"(server|provider)\.[a-z]+:|see /")
        self.nothing_is_left(outcome)

    def test_a_host_that_is_away(self):
        defaults = {"image": "i", "size": "va-small", "network": "n"}
        self.master.provider("away", uri="qemu+tcp://127.0.0.1:1/system", defaults=defaults)
        self.master.profile("away", provider="away")
        self.refused("away", "connection_failed.*127.0.0.1")

    def test_an_image_that_is_not_there(self):
        self.master.profile("unknown", provider="kvm", image="absent.qcow2")
        self.refused("unknown", "not_found.*absent.qcow2")

    def test_a_size_that_is_not_there(self):
        self.master.profile("sizeless", provider="kvm", size="huge")
        self.refused("sizeless", "(not_found|invalid_field).*huge")

    def test_a_value_of_the_wrong_type(self):
        self.master.profile("wrong", provider="kvm", storage_disk="much")
        self.refused("wrong", "invalid_field.*see storage_disk of the server")

    def test_a_time_that_is_no_number(self):
        self.master.profile("wrong", provider="kvm", wait_timeout="soon")
        self.refused("wrong", "invalid_field: wait_timeout.*soon")

    def test_a_file_that_is_not_there(self):
        self.master.profile("wrong", provider="kvm", user_data_file="absent.yaml")
        self.refused("wrong", "user_data_file.*absent.yaml cannot be read")

    def test_a_master_is_not_made(self):
        for name, kind in ("make_master", "unsupported"), ("make_syndic", "invalid_field"):
            self.master.profile("wrong", provider="kvm", **{name: True})
            self.refused("wrong", f"{kind}: {name}.*have a state or `user_data` install salt-master")

    def test_a_masters_fingerprint_that_is_none(self):
        # as a member of its own, and of the minion; for sha256 a shorter one is none
        short = ":".join(["ab"] * 16)
        for said in {"master_finger": "not a finger"}, {"minion": {"master_finger": short}}:
            self.master.profile("wrong", provider="kvm", **said)
            self.refused("wrong", "invalid_field: master_finger is not a fingerprint by sha256")
        self.master.profile("right", provider="kvm", minion={"master_finger": short.upper(), "hash_type": "md5"})
        outcome = self.master.cloud("-f", "plan", "kvm", "name=web", "profile=right")
        self.assertEqual(outcome.code, 0, outcome)

    def test_a_name_that_is_none(self):
        self.refused("small", "invalid_field.*server_name", "web page")

    def test_a_foreign_exception(self):
        # grains that are no mapping: Python trips over them, and Salt is told in its own words
        self.master.profile("wrong", provider="kvm", grains=["rack"])
        outcome = self.master.cloud("-p", "wrong", "web")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertRegex(outcome.stderr, "ERROR.*web: (TypeError|ValueError)")
        self.assertIn("Error: There was a profile error: web: ", outcome.stderr)
        self.nothing_is_left(outcome)

    def test_one_failure_of_many_names(self):
        outcome = self.master.cloud("-p", "small", "a", "b bad", "c")
        self.assertEqual(self.host.domains(), ["a", "c"], outcome)
        self.assertEqual(self.master.keys(), ["a", "c"], outcome)
        self.assertIn("invalid_field", outcome.data["b bad"]["Error"])


class Executable(CloudCase):
    """The executable that is not as it should be."""

    def refused(self, message):
        outcome = self.master.cloud("-p", "small", "web")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertRegex(outcome.stderr, f"ERROR.*{message}")
        self.nothing_is_left(outcome)

    def test_missing(self):
        self.master.configure(va_driver={"path": "/nowhere/va-driver"})
        self.refused("/nowhere/va-driver, which the option va_driver names, does not exist")

    def test_not_executable(self):
        self.master.provider("kvm", **self.host.settings(), va_driver=str(self.script("#!/bin/sh\n", 0o644)))
        self.refused("is not executable")

    def test_by_path(self):
        directory = self.top / "bin"
        directory.mkdir()
        self.script('#!/bin/sh\nexec DRIVER "$@"\n').rename(directory / "va-driver")
        self.master.configure(va_driver={"state_dir": str(self.master.state)})
        outcome = self.master.cloud("-f", "usage", "kvm", PATH=f"{directory}:/usr/bin:/bin")
        self.assertEqual(outcome.code, 0, outcome)

    def test_too_slow(self):
        slow = self.script("#!/bin/sh\nexec sleep 30\n")
        self.master.provider("kvm", **self.host.settings(), va_driver={"path": str(slow), "timeout": 1})
        outcome = self.master.cloud("-f", "usage", "kvm")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertRegex(outcome.stderr, "ERROR.*no answer within 1 s")

    def test_an_action_has_the_time_that_it_takes(self):
        # a question has five seconds, and this answers after seven
        self.create("web")
        slow = self.script(f'#!/bin/sh\nread -r line\ncase $line in *server.action*) sleep 7;; esac\n{HAND_ON}')
        self.master.provider("kvm", **self.host.settings(), va_driver={"path": str(slow), "timeout": 5})
        outcome = self.master.cloud("-a", "suspend", "web")
        self.assertEqual((outcome.code, self.host.state("web")), (0, "paused"), outcome)

    def test_a_time_of_an_action_that_is_no_number(self):
        self.create("web")
        outcome = self.master.cloud("-a", "stop", "web", "timeout=abc")
        self.assertEqual((outcome.code, self.host.state("web")), (1, "running"), outcome)
        self.assertRegex(outcome.stderr, "ERROR.*invalid_field: timeout is a whole number, not 'abc'")
        self.assertNotIn("Traceback", outcome.stderr)

    def test_a_creation_that_takes_too_long(self):
        # it waits a minute for an address that this network never has, and has three seconds in all
        profile = {"networks": [{"user": True}], "wait": "address", "wait_timeout": 60, "create_timeout": -57}
        self.master.profile("small", provider="kvm", **profile)
        self.refused("timeout: not done within 3 s, so it was interrupted")


class CutOff(CloudCase):
    """Creations that are ended in the middle."""

    def setUp(self):
        super().setUp()
        self.pid = self.top / "pid"
        telling = self.script(_TELLING.replace("PID", str(self.pid)))
        self.master.provider("kvm", **self.host.settings(), va_driver=str(telling))

    def begun(self, *arguments, **options):
        """A salt-cloud whose executable has begun to make volumes."""
        process = self.master.start("-p", "small", "web", *arguments, **options)
        self.await_(self.host.volumes)
        return process

    def ended(self, process):
        outcome = Outcome(process, *process.communicate(timeout=120))
        self.nothing_is_left(outcome)
        return outcome

    def test_the_executable_is_killed(self):
        process = self.begun()
        os.kill(int(self.pid.read_text()), signal.SIGKILL)
        outcome = self.ended(process)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertRegex(outcome.stderr, "ERROR.*SIGKILL without an answer")

    def test_salt_cloud_gets_sigterm(self):
        process = self.begun()
        process.terminate()
        self.ended(process)

    def test_ctrl_c(self):
        # a terminal sends it to the whole group, so the executable gets it as well
        process = self.begun(own_session=True)
        os.killpg(process.pid, signal.SIGINT)
        self.assertIn("Exiting gracefully on Ctrl-c", self.ended(process).stderr)

    def test_sigterm_when_the_server_is_done(self):
        answer = self.top / "answer"
        late = self.script(_LATE.replace("ANSWER", str(answer)))
        self.master.provider("kvm", **self.host.settings(), va_driver=str(late))
        process = self.master.start("-p", "small", "web")
        self.await_((self.top / "answer.held").exists)
        process.terminate()
        outcome = Outcome(process, *process.communicate(timeout=120))
        self.assertRegex(outcome.stderr, "ERROR.*web stands all the same, so its key stays accepted")
        self.assertEqual((self.host.domains(), self.master.keys()), (["web"], ["web"]), outcome)

    def test_ctrl_c_during_a_query(self):
        # its workers ignore SIGINT, and the executable inherits that
        slow = self.script(f"#!/bin/sh\necho $$ > {self.pid}\nexec sleep 600\n")
        self.master.provider("kvm", **self.host.settings(), va_driver=str(slow))
        process = self.master.start("-Q", own_session=True)
        self.await_(lambda: self.pid.exists() and self.pid.read_text().endswith("\n"))
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
        self.await_(lambda: not os.path.exists(f"/proc/{self.pid.read_text().strip()}"))


class Daemon(CloudCase):
    """The host's daemon goes away in the middle."""

    def test_killed(self):
        if os.geteuid() != 0:
            self.skipTest("only a system's daemon can be started again")
        process = self.master.start("-p", "small", "web")
        self.await_(self.host.volumes)
        self.host.crash()
        stdout, stderr = process.communicate(timeout=300)
        self.host.restart()
        self.assertEqual(process.returncode, 1, stdout + stderr)
        self.assertRegex(stderr, "ERROR.*connection_failed|ERROR.*partial_failure")
        self.assertEqual(self.master.keys(), [], stderr)
        # what it could not undo without its host it does when that is there again
        outcome = self.master.cloud("-f", "recover", "kvm")
        self.assertEqual(outcome.code, 0, outcome)
        self.nothing_is_left(outcome)


if __name__ == "__main__":
    unittest.main()
