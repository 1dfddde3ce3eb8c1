"""The runner, by salt-run."""

import hashlib
import json
import os
import stat
import unittest

from case import CloudCase
from host import IMAGE


class Runner(CloudCase):
    def run_(self, function, *arguments):
        outcome = self.master.run("salt-run", f"va_driver.{function}", *arguments)
        self.assertEqual(outcome.code, 0, outcome)
        return outcome.data

    def failure(self, function, *arguments):
        outcome = self.master.run("salt-run", f"va_driver.{function}", *arguments)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertNotIn("Traceback", outcome.stdout + outcome.stderr)
        return outcome.data["error"]

    def test_what_there_is(self):
        self.assertEqual(self.run_("version")["name"], "va-driver")
        self.assertEqual(self.run_("drivers")["libvirt"], "LibVirt")
        steps = self.run_("steps", "libvirt")["steps"]
        self.assertEqual(steps[0]["name"], "Provider info")
        self.assertEqual(self.failure("steps", "absent")["kind"], "not_found")

    def test_about_a_provider(self):
        self.assertTrue(self.run_("status", "kvm")["success"])
        self.assertEqual(self.run_("usage", "kvm")["server_count"], 0)
        self.assertIn("monthly", self.run_("billing", "kvm"))
        self.assertEqual(self.run_("recover", "kvm")["removed"], [])
        plan = self.run_("plan", "kvm", "web", "profile=small", "storage_disk=1")
        self.assertIn("<name>web</name>", plan["plan"]["domain_xml"])
        self.assertEqual(plan["plan"]["seed"]["minion_id"], "web")
        self.nothing_is_left()

    def test_orphans(self):
        # as the executable answers that finds some, and removes them only if it is told to
        told = self.top / "told"
        orphan = {"resource": "volume", "name": "default/web.1f.seed.iso", "reason": "no domain has it"}
        result = {"removed": [], "left_behind": [], "orphans": [orphan]}
        found = json.dumps({"jsonrpc": "2.0", "id": 1, "result": result})
        spy = self.script(f"#!/bin/sh\nread -r line\nprintf '%s\\n' \"$line\" >> {told}\nprintf '%s\\n' '{found}'\n")
        self.master.provider("kvm", **self.host.settings(), va_driver=str(spy))
        said = self.run_("orphans", "kvm")
        self.assertEqual(said.get("orphans"), [orphan], said)
        self.run_("orphans", "kvm", "remove=True")
        outcome = self.master.cloud("-f", "orphans", "kvm")
        self.assertEqual(outcome.data["kvm"]["va_libvirt"]["orphans"], [orphan], outcome)
        self.master.cloud("-f", "orphans", "kvm", "remove=True")
        asked = [json.loads(line) for line in told.read_text().splitlines()]
        self.assertEqual({one["method"] for one in asked}, {"server.recover"})
        self.assertEqual([one["params"].get("remove_orphans") for one in asked], [None, True, None, True])
        self.assertEqual(self.failure("orphans", "kvm", "remove=perhaps")["kind"], "invalid_field")
        outcome = self.master.cloud("-f", "orphans", "kvm", "removed=True")
        self.assertRegex(outcome.stderr, "ERROR.*orphans takes remove=True, and no removed")
        self.assertEqual(len(told.read_text().splitlines()), 4)

    def test_failures(self):
        self.master.provider("away", uri="qemu+tcp://127.0.0.1:1/system")
        failure = self.failure("status", "away")
        self.assertEqual(failure["kind"], "connection_failed")
        self.assertIn("127.0.0.1", failure["message"])
        failure = self.failure("status", "absent")
        self.assertEqual(failure["kind"], "not_found")
        self.assertIn("there are: away, kvm", failure["message"])
        self.assertEqual(self.failure("plan", "kvm", "web", "profile=absent")["kind"], "invalid_request")

    def test_a_failure_in_an_orchestration(self):
        steps = {name: {"salt.runner": [{"name": "va_driver.status"}, {"provider": name}]} for name in ("kvm", "absent")}
        srv = self.master.top / "srv"
        srv.mkdir()
        (srv / "look.sls").write_text(json.dumps(steps))
        outcome = self.master.run("salt-run", "state.orchestrate", "look")
        self.assertEqual(outcome.code, 1, outcome)
        results = next(iter(outcome.data["data"].values()))
        self.assertEqual({one["__id__"]: one["result"] for one in results.values()}, {"kvm": True, "absent": False})

    def test_an_image(self):
        with open(IMAGE, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        arguments = ["kvm", IMAGE, "name=again.qcow2", f"sha256={digest}"]
        self.assertTrue(self.run_("image_import", *arguments)["imported"])
        self.assertIn("again.qcow2", self.host.volumes())
        self.assertFalse(self.run_("image_import", *arguments)["imported"])
        self.assertEqual(self.failure("image_import", "kvm", "/nowhere/image.qcow2")["kind"], "not_found")

    def test_a_provider_is_written(self):
        steps = self.run_("validate", "libvirt")
        self.assertEqual(steps["new_step_index"], 0)
        answer = self.run_("validate", "libvirt", "0", "values={provider_name: kvm2}")
        self.assertTrue(answer["errors"])

        record = {**self.host.settings(), "driver_name": "libvirt", "password": "the-pass-word"}
        file = self.top / "kvm2.yaml"
        file.write_text(json.dumps(record))
        outcome = self.master.run("salt-run", "-l", "debug", "va_driver.provider_write", "kvm2", f"file={file}")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertNotIn("the-pass-word", outcome.stdout + outcome.stderr)
        written = self.master.etc / "cloud.providers.d" / "kvm2.conf"
        self.assertEqual(stat.S_IMODE(os.stat(written).st_mode), 0o600)
        self.assertIn("the-pass-word", written.read_text())
        self.assertTrue(self.run_("status", "kvm2")["success"])
        outcome = self.master.cloud("--list-images", "kvm2")
        self.assertIn("guest.qcow2", outcome.data["kvm2"]["va_libvirt"], outcome)

        # a provider may have several profiles, so the first one stays, and that is said
        answer = self.run_("provider_write", "kvm2", f"file={file}", "profile=small2")
        self.assertEqual(answer["other_profile_files"], [answer["profile_file"].replace("small2", "kvm2-profile")])

        failure = self.failure("provider_write", "kvm3", "driver_name=libvirt", "password=the-pass-word")
        self.assertIn("would be told to all that listen", failure["message"])

    def test_a_server_of_somebody_else(self):
        xml = self.top / "foreign.xml"
        xml.write_text(
            "<domain type='qemu'><name>foreign</name><memory unit='MiB'>64</memory>"
            "<os><type arch='x86_64'>hvm</type></os></domain>"
        )
        self.host.virsh("define", str(xml))
        self.assertTrue(self.run_("forget", "kvm", "foreign")["deleted"])
        self.nothing_is_left()


if __name__ == "__main__":
    unittest.main()
