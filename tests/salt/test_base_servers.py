"""Servers of a driver that overrides nothing: made, listed, acted on and deleted by the real salt-cloud."""

import json
import os
import signal
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

from base_case import BaseCase
from master import DRIVER


def of(choices):
    """What the choices of a field stand for; some have a title of their own."""
    return [one["const"] if isinstance(one, dict) else one for one in choices]


class Servers(BaseCase):
    """What was asked for, or a refusal."""

    def test_a_server_has_what_was_asked_for_and_its_key_comes_and_goes_with_it(self):
        plan = self.call(
            "server.plan", provider=self.provider, server={"server_name": "web", "size": "large", "role": "db"}
        )
        self.assertTrue(plan["create"])
        self.assertEqual(self.servers(), [])
        (profile,) = plan["plan"]["profile"].values()
        self.assertEqual((profile["size"], profile["minion"]["grains"]), ("large", {"role": "db"}))

        # names that only begin alike are others'
        self.master.accept("web.example.org")
        asked = {"size": "large", "networks": ["lan"], "role": "db", "minion": {"conf": {"log_level": "info"}}}
        made = self.create("web", **asked)
        self.assertTrue(made["created"] and made["ready"], made)
        self.assertEqual((made["server"]["id"], made["server"]["status"]), ("list-web", "ACTIVE"))
        self.assertEqual((made["minion"]["id"], made["minion"]["accepted"]), ("web", True))
        vm = self.stored("web")
        self.assertEqual((vm["image"], vm["size"], vm["network"]), ("debian", "large", "lan"))
        minion = {"master": "192.0.2.1", "grains": {"role": "db"}, "log_level": "info"}
        self.assertEqual({name: vm["minion"].get(name) for name in minion}, minion)
        key = (self.master.pki / "minions" / "web").read_text()
        self.assertEqual((key.strip(), vm["pub_key"].strip()), (made["minion"]["public_key"].strip(),) * 2)

        # asked for again it is there; asked for otherwise it is another
        self.assertEqual(self.create("web", **asked)["created"], False)
        self.assertEqual(self.creation_refused("web", size="tiny").kind, "already_exists")

        listed = self.call("server.list", provider=self.provider)["servers"]
        self.assertEqual([(one["name"], one["ip"], one["size"]) for one in listed], [("web", "10.0.0.7", "large")])
        stopped = self.call("server.action", provider=self.provider, server_name="web", action="stop")
        self.assertEqual(stopped["server"]["status"], "SHUTOFF")
        # the manifest names it, and Salt's driver lacks it
        refused = self.refused("server.action", provider=self.provider, server_name="web", action="reboot")
        self.assertEqual(refused.kind, "unsupported")

        would = self.call("server.delete", provider=self.provider, server_name="web", dry_run=True)
        self.assertEqual([one["resource"] for one in would["would_remove"]], ["server", "minion_key"])
        deleted = self.call("server.delete", provider=self.provider, server_name="web")
        self.assertEqual([one["resource"] for one in deleted["removed"]], ["server", "minion_key"])
        self.assertEqual(self.master.keys(), ["web.example.org"])
        self.assertFalse(self.call("server.delete", provider=self.provider, server_name="web")["deleted"])
        os.unlink(self.master.pki / "minions" / "web.example.org")
        self.nothing_is_left()

    def test_what_there_is_no_place_for_is_refused_by_name(self):
        for member, value in [("key_name", "mine"), ("ssh_keys", ["ssh-ed25519 AAAA"]), ("sec_group", "web")]:
            refused = self.creation_refused("web", **{member: value})
            self.assertEqual((refused.kind, refused.field), ("unsupported", f"/server/{member}"))
        self.assertEqual(self.creation_refused("web", machine="q35").field, "/server/machine")
        self.assertEqual(self.creation_refused("web", networks=["a", "b"]).field, "/server/networks")
        self.assertEqual(self.creation_refused("-web").field, "/server/server_name")
        self.nothing_is_left()

    def test_another_minions_key_is_not_overwritten(self):
        self.master.accept("web", "another machine's key\n")
        refused = self.creation_refused("web")
        self.assertEqual((refused.kind, refused.field), ("already_exists", "/server/minion/id"))
        self.assertEqual((self.master.pki / "minions" / "web").read_text(), "another machine's key\n")
        self.assertEqual(self.servers(), [])

    def test_a_server_that_others_made_is_neither_ours_nor_deleted(self):
        (self.folder / "web.server").write_text(json.dumps({"vm": {}, "state": "running"}))
        self.assertEqual(self.creation_refused("web").kind, "already_exists")
        self.assertEqual(self.refused("server.delete", provider=self.provider, server_name="web").kind, "conflict")
        self.assertEqual(self.servers(), ["web"])
        self.call("server.delete", provider=self.provider, server_name="web", force=True)
        self.nothing_is_left()


class Failures(BaseCase):
    """What Salt says is understood, and nothing is left."""

    def test_successes_in_every_form(self):
        names = ["true-1", "nodeploy-1", "noise-1"]
        with ThreadPoolExecutor(len(names)) as pool:
            for name, made in zip(names, pool.map(self.create, names)):
                self.assertTrue(made["created"] and made["ready"], made)
                self.assertEqual(made["server"]["id"], f"list-{name}")
        self.assertEqual(self.servers(), sorted(names))

    def test_failures_are_classed_and_undone(self):
        kinds = {
            "refused-1": "quota_exceeded",
            "denied-1": "auth_failed",
            "half-1": "connection_failed",
            "nothing-1": "internal",
        }
        with ThreadPoolExecutor(len(kinds)) as pool:
            for name, refused in zip(kinds, pool.map(self.creation_refused, kinds)):
                self.assertEqual(refused.kind, kinds[name], refused)
        self.nothing_is_left()

    def test_two_creations_of_one_name_make_one_server(self):
        with ThreadPoolExecutor(2) as pool:
            made = list(pool.map(self.create, ["web", "web"]))
        self.assertEqual(sorted(one["created"] for one in made), [False, True])
        self.assertEqual((self.folder / "creations").read_text(), "web\n")

    def test_a_deletion_that_does_nothing_is_no_success(self):
        self.create("stubborn-1")
        refused = self.refused("server.delete", provider=self.provider, server_name="stubborn-1")
        self.assertEqual(refused.kind, "conflict")
        self.assertEqual((self.servers(), self.master.keys()), (["stubborn-1"], ["stubborn-1"]))

    def test_a_time_that_is_over_is_told_and_an_interruption_is_undone(self):
        late = self.create("slow-1", options={"timeout": 60})
        self.assertEqual((late["created"], late["ready"]), (True, False), late)
        self.assertIn("slow-1 exists but is not ready", " ".join(late["warnings"]))

        process = self.start("server.create", provider=self.provider, server={"server_name": "slow-2"})
        self.await_(lambda: "slow-2" in self.servers())
        process.send_signal(signal.SIGTERM)
        with self.assertRaises(Exception) as caught:
            self.end(process)
        self.assertEqual(getattr(caught.exception, "kind", None), "cancelled", caught.exception)
        self.assertEqual((self.servers(), self.master.keys()), (["slow-1"], ["slow-1"]))

    def test_what_was_killed_is_taken_up(self):
        process = self.start("server.create", provider=self.provider, server={"server_name": "slow-1"})
        self.await_(lambda: "slow-1" in self.servers())
        process.kill()
        process.communicate()
        # salt-cloud itself lives on, and holds the server
        would = self.call("server.recover", provider=self.provider, dry_run=True)
        self.assertFalse(would["would_change"], would)
        self.assertNotIn("slow-1", self.unfinished())
        for pid in self.salt_clouds():
            os.kill(pid, signal.SIGKILL)
        self.await_(lambda: "no program is at slow-1 on testcloud far" in self.unfinished())
        would = self.call("server.recover", provider=self.provider, dry_run=True)
        self.assertEqual([one["resource"] for one in would["would_remove"]], ["server", "minion_key"])
        recovered = {}

        def is_recovered():
            recovered.update(self.call("server.recover", provider=self.provider))
            return recovered["removed"]

        self.await_(is_recovered)
        self.assertEqual([one["resource"] for one in recovered["removed"]], ["server", "minion_key"])
        self.nothing_is_left()

    def unfinished(self):
        """What doctor says of creations that were cut off."""
        checks = json.loads(subprocess.run([DRIVER, "doctor", "--json"], env=self.env, stdout=subprocess.PIPE).stdout)
        return next(one["message"] for one in checks["checks"] if one["name"] == "unfinished creations")

    def salt_clouds(self):
        """The ids of the salt-cloud processes of this test."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                    if f"{self.temporary}/va-driver.salt-cloud" in file.read():
                        found.append(int(pid))
            except OSError:
                pass
        return found


class Form(BaseCase):
    """From an empty form to a provider."""

    def validate(self, index, **values):
        """Validates a step."""
        return self.call("driver.validate", driver_id=self.driver, step_index=index, field_values=values)

    def test_a_form_is_finished_by_what_salt_lists_and_by_what_is_typed(self):
        (self.folder / "images.list").write_text('{"debian": {"id": "1"}, "alpine": {"id": "2"}}')
        (self.folder / "networks.list").write_text('{"lan": {"id": "n1"}}')
        values = {"provider_name": "far", "folder": str(self.folder), "token": "hunter2-token"}
        result = self.validate(0, **values)
        self.assertEqual((result["errors"], result["new_step_index"]), ([], 1), result)
        self.assertEqual(of(result["option_choices"]["network"]), ["lan"])
        # no source says which there are
        self.assertNotIn("sec_group", result["option_choices"])
        result = self.validate(1, network="lan", sec_group="mine", **values)
        self.assertEqual((result["errors"], result["new_step_index"]), ([], 2), result)
        self.assertEqual(of(result["option_choices"]["image"]), ["debian", "alpine"])
        self.assertNotIn("size", result["option_choices"])
        self.assertIn("size", " ".join(result["warnings"]).lower())
        result = self.validate(2, network="lan", image="fedora", size="small", **values)
        self.assertEqual(list(result["field_errors"]), ["image"], result)
        result = self.validate(2, network="lan", image="alpine", size="small", **values)
        self.assertEqual((result["errors"], result["new_step_index"]), ([], -1), result)
        self.provider = result["provider"]
        self.create("web")
        self.assertEqual(self.stored("web")["image"], "alpine")
        status = self.call("provider.status", provider=self.provider)
        self.assertTrue(status["success"], status)
        data = self.call("provider.data", provider=self.provider)
        self.assertEqual((data["server_count"], data["cpus"]["unknown"]), (1, True))

    def test_a_cloud_that_fails_is_not_one_without_servers(self):
        (self.folder / "servers.list").write_text("could not connect: Connection refused")
        for method in "provider.status", "server.list", "provider.data":
            self.assertEqual(self.refused(method, provider=self.provider).kind, "connection_failed")
        (self.folder / "images.list").write_text("401 Unauthorized: token")
        self.assertEqual(self.refused("provider.images", provider=self.provider).kind, "auth_failed")


if __name__ == "__main__":
    unittest.main()
