"""The actions of va_openstack, and what Nova says of the server then."""

import time
import unittest

from cloud_case import OpenStackCase
from master import Outcome

# what is asked for, and the state that it leads to
COURSE = (
    (("stop",), "SHUTOFF"),
    (("start",), "ACTIVE"),
    (("reboot",), "ACTIVE"),
    (("suspend",), "SUSPENDED"),
    (("resume",), "ACTIVE"),
    (("pause",), "PAUSED"),
    (("unpause",), "ACTIVE"),
    (("rescue", "image=spare"), "RESCUE"),
    (("unrescue",), "ACTIVE"),
    (("lock",), "ACTIVE"),
    (("unlock",), "ACTIVE"),
    (("shelve",), "SHELVED_OFFLOADED"),
    (("unshelve",), "ACTIVE"),
    (("rebuild", "image=spare"), "ACTIVE"),
    (("resize", "size=m1.small"), "VERIFY_RESIZE"),
    (("revert_resize",), "ACTIVE"),
    (("resize", "size=m1.small"), "VERIFY_RESIZE"),
    (("confirm_resize",), "ACTIVE"),
)


class Actions(OpenStackCase):
    def act(self, *action):
        answer = self.salt("-a", action[0], "web", *action[1:])["web"]
        self.assertTrue(answer["success"], answer)
        return answer

    def test_actions(self):
        self.create("web")
        for action, state in COURSE:
            with self.subTest(action):
                self.assertTrue(self.act(*action)["changed"])
                self.assertEqual(self.cloud.state("web"), state)
                self.assertEqual(self.cloud.server("web")["locked"], action == ("lock",))
        self.assertEqual(self.cloud.server("web")["flavor"]["original_name"], "m1.small")
        self.assertEqual(self.cloud.done("web", "reboot"), 1)
        # only a hard one starts a server that is off
        self.act("stop")
        outcome = self.master.cloud("-a", "reboot", "web")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertRegex(outcome.stderr, "ERROR.*conflict.*SHUTOFF")
        self.act("reboot", "kind=hard")
        self.assertEqual((self.cloud.state("web"), self.cloud.done("web", "reboot")), ("ACTIVE", 2))
        self.assertFalse(self.act("start")["changed"])
        self.assertEqual(self.act("console_log", "lines=1")["output"], "LAST LINE")
        self.snapshot()
        for action in ("resize", "size=m1.nothing"), ("confirm_resize",), ("snapshot",):
            outcome = self.master.cloud("-a", action[0], "web", *action[1:])
            self.assertEqual(outcome.code, 1, outcome)
            self.assertRegex(outcome.stderr, "ERROR.*(not_found|conflict|invalid_field)")
        outcome = self.master.cloud("-d", "web")
        self.assertEqual(self.cloud.left(), [("images", "picture")], outcome)
        self.assertEqual(self.master.keys(), [])

    def snapshot(self):
        process = self.master.start("-a", "snapshot", "web", "name=picture")
        end = time.monotonic() + 120
        while not (images := self.cloud.demo.get("image", "/v2/images?name=picture")["images"]):
            self.assertLess(time.monotonic(), end, "Nova makes no image")
            self.assertIsNone(process.poll(), "the action does not wait for its image")
            time.sleep(0.1)
        self.cloud.fill(images[0]["id"])
        outcome = Outcome(process, *process.communicate(timeout=300))
        self.assertEqual(outcome.code, 0, outcome)
        answer = outcome.data["cloud"]["va_openstack"]["web"]
        self.assertEqual((answer["image"]["name"], answer["image"]["id"]), ("picture", images[0]["id"]), outcome)
        self.assertEqual(self.cloud.demo.get("image", f"/v2/images/{images[0]['id']}")["status"], "active")


if __name__ == "__main__":
    unittest.main()
