"""The wrapper for va_master, against the real executable and a real host."""

import asyncio
import base64
import importlib.util
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

from host import host
from master import DRIVER, ROOT

# `salt` is the name of Salt's own package, so this one is imported by its path.
_PLACE = ROOT / "salt" / "va_master"
_SPEC = importlib.util.spec_from_file_location(
    "va_master_driver", _PLACE / "__init__.py", submodule_search_locations=[str(_PLACE)]
)
va = sys.modules["va_master_driver"] = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(va)

try:
    import tornado.ioloop
except ImportError:
    tornado = None


class Wrapper(unittest.TestCase):
    def setUp(self):
        self.host = host()
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="vm.", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        self.pki = self.top / "pki"
        (self.pki / "minions").mkdir(parents=True)
        self.etc = self.top / "etc"
        self.etc.mkdir()
        os.environ["VA_DRIVER_STATE_DIR"] = str(self.top / "state")
        self.addCleanup(os.environ.pop, "VA_DRIVER_STATE_DIR")
        self.driver = self.new(asynchronous=False)
        self.provider = dict(self.host.settings(), provider_name="kvm", username="", servers=[])

    def new(self, **options):
        places = {"pki_dir": str(self.pki), "config_dir": str(self.etc)}
        return va.VaDriver("libvirt", host_ip="192.0.2.1", path=DRIVER, **places, **options)

    def form(self):
        """What is entered at the first step."""
        if "/session" in self.host.uri:
            self.skipTest("the form reaches the system's daemon only")
        return {
            "provider_name": "kvm",
            "username": "",
            "password": "",
            "location": "here",
            "host_protocol": "qemu+unix",
            "host_ip": self.host.uri.partition("socket=")[2],
            "of_va_masters_own": 1,
        }

    def test_a_provider_is_added_step_by_step(self):
        self.assertEqual((self.driver.driver_id(), self.driver.friendly_name()), ("libvirt", "LibVirt"))
        steps = self.driver.get_steps()
        self.assertEqual([step.name for step in steps], ["Provider info", "Network & security group", "Image & size"])
        self.assertEqual(steps[0].serialize()["fields"][0]["id"], "provider_name")
        self.assertFalse(steps[0].validate({"provider_name": ""}))

        result = self.driver.validate_field_values(-1, {})
        self.assertEqual((result.errors, result.new_step_index), ([], 0))
        self.assertIn("qemu+unix", result.option_choices["host_protocol"])
        result = self.driver.validate_field_values(0, {"provider_name": "kvm"})
        self.assertEqual(result.new_step_index, 0)
        self.assertTrue(result.errors)
        values = self.form()
        result = self.driver.validate_field_values(0, values)
        self.assertEqual((result.errors, result.new_step_index), ([], 1))
        self.assertIn("default", result.option_choices["network"])
        values["network"] = result.option_choices["network"][0]
        result = self.driver.validate_field_values(1, values)
        self.assertIn("guest.qcow2", result.option_choices["image"])
        values.update(image="guest.qcow2", size=result.option_choices["size"][0])
        result = self.driver.validate_field_values(2, values)
        self.assertEqual((result.errors, result.new_step_index), ([], -1))
        self.assertEqual(self.driver.field_values["defaults"]["image"], "guest.qcow2")
        self.assertEqual(sorted(result.serialize()), ["errors", "new_step_index", "option_choices"])
        self.assertTrue(self.driver.get_provider_status(self.driver.field_values)["success"])
        self.assertTrue(os.path.exists(self.driver.field_values["profile_conf"]))

    def test_a_file_that_somebody_else_wrote_is_not_replaced(self):
        folder = self.etc / "cloud.providers.d"
        folder.mkdir()
        (folder / "kvm.conf").write_text("kvm: {driver: va_libvirt}\n")
        values = dict(self.form(), network="default", image="guest.qcow2", size="va-small")
        result = self.driver.validate_field_values(2, values)
        self.assertEqual(result.new_step_index, 2)
        self.assertIn("kvm.conf", result.errors[0])
        self.assertEqual((folder / "kvm.conf").read_text(), "kvm: {driver: va_libvirt}\n")
        result = self.new(asynchronous=False, replace=True).validate_field_values(2, values)
        self.assertEqual((result.errors, result.new_step_index), ([], -1))
        self.assertIn("host_ip", (folder / "kvm.conf").read_text())

    def test_an_old_record_serves_as_it_is(self):
        old = {
            "driver_name": "libvirt",
            "provider_name": "kvm",
            "username": "user",
            "password": "",
            "location": "va_master",
            "provider_ip": self.host.uri.partition("socket=")[2],
            "provider_protocol": "qemu+unix",
            "defaults": {"network": "default", "image": "guest.qcow2", "size": "va-small", "sec_group": None},
            "networks": ["default"],
            "sec_groups": [],
            "images": ["guest.qcow2", "gone.qcow2"],
            "sizes": ["va-small"],
            "servers": [{"hostname": "old"}],
            "provider_conf": "kvm.conf",
            "profile_conf": "kvm-profile",
            "profile_conf_dir": "/etc/salt/cloud.profiles.d",
        }
        if "/session" in self.host.uri:
            self.skipTest("such a record reaches the system's daemon only")
        self.assertEqual(self.driver.get_provider_status(old)["success"], True)
        self.assertEqual(self.driver.get_servers(old), [])
        self.assertEqual(self.driver.get_provider_billing(old)["provider"]["hdd"], "0 GiB")

    def test_a_server(self):
        self.assertEqual(self.driver.get_images(self.provider), ["guest.qcow2"])
        self.assertEqual(self.driver.get_sizes(self.provider), ["tiny"])
        self.assertEqual(self.driver.get_sec_groups(self.provider), [])
        answer = self.driver.create_server(
            self.provider, {"server_name": "web", "role": "db", "sec_group": "", "provider_name": "kvm"}
        )
        self.assertTrue(answer["created"])
        self.assertEqual((self.host.domains(), os.listdir(self.pki / "minions")), (["web"], ["web"]))
        server = self.driver.get_servers(self.provider)[0]
        self.assertEqual((server["hostname"], server["status"], server["used_ram"]), ("web", "ACTIVE", 256))
        data = self.driver.get_provider_data(self.provider)
        self.assertEqual((data["provider_usage"]["used_servers"], data["status"]["success"]), (1, True))
        self.assertEqual(data["provider_usage"]["max_servers"], -1)
        self.assertEqual([one["hostname"] for one in data["provider_billing"]["servers"]], ["web"])
        with self.assertRaises(va.DriverFailure) as failure:
            self.driver.create_server(self.provider, {"server_name": "web", "storage_disk": 1})
        self.assertEqual(failure.exception.kind, "already_exists")
        self.assertTrue(self.driver.server_action(self.provider, "web", "suspend")["success"])
        self.assertEqual(self.host.state("web"), "paused")
        with self.assertRaises(va.DriverFailure):
            self.driver.server_action(self.provider, "absent", "start")
        self.assertTrue(self.driver.server_action(self.provider, "web", "delete")["success"])
        self.assertEqual((self.host.domains(), self.host.volumes(), os.listdir(self.pki / "minions")), ([], [], []))

    def test_each_member_of_a_server_is_taken(self):
        # all that the class had forgotten at some time
        more = {"firmware": "bios", "virt_type": "qemu", "machine": "pc", "graphics": "none"}
        more["seed"] = {"format": "cidata"}
        # … beside what the dashboard sends
        theirs = {"provider_name": "kvm", "step": 3, "dash_user": {}, "path": "apps", "method": "post", "storage": 5}
        state = {"name": "db", "fields": [{"name": "admin_mail"}]}
        theirs.update(role="db", state=state, admin_mail="a@example.org")
        self.driver.create_server(self.provider, dict(theirs, server_name="web", size="tiny", **more))
        self.addCleanup(self.driver.server_action, self.provider, "web", "delete")
        domain = self.host.virsh("dumpxml", "web")
        self.assertIn("<domain type='qemu'", domain)
        self.assertRegex(domain, "machine='pc")
        self.assertNotIn("<graphics", domain)
        (seed,) = [name for name in self.host.volumes() if name.endswith(".iso")]
        self.assertIn(b"cidata", (self.host.pool / seed).read_bytes().lower())

    def test_a_member_that_nobody_knows_is_refused(self):
        for member, near in ("storag_disk", "storage_disk"), ("firmwear", "firmware"), ("colour", None):
            with self.subTest(member), self.assertRaises(va.DriverFailure) as failure:
                self.driver.create_server(self.provider, {"server_name": "web", member: 1})
            self.assertEqual((failure.exception.kind, failure.exception.field), ("invalid_field", f"/server/{member}"))
            self.assertIn(f"did you mean {near}" if near else "no colour", failure.exception.message)
        self.assertEqual((self.host.domains(), self.host.volumes()), ([], []))

    def test_a_host_that_is_away_says_so(self):
        away = dict(self.provider, uri="qemu+tcp://127.0.0.1:1/system")
        self.assertFalse(self.driver.get_provider_status(away)["success"])
        self.assertFalse(self.driver.get_provider_data(away)["status"]["success"])
        self.assertEqual(self.driver.get_servers(away), [])
        self.assertFalse(self.driver.get_provider_billing(away)["status"]["success"])

    def test_the_key_by_which_va_master_logs_in(self):
        driver = self.new(asynchronous=False, key_name="va", key_path=str(self.top))
        with self.assertRaises(va.DriverFailure) as failure:
            driver.create_server(self.provider, {"server_name": "web"})
        self.assertIn("va.pub cannot be read", failure.exception.message)
        self.assertEqual(self.host.domains(), [])
        (self.top / "va.pub").write_text("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5C1vhEEvgqSJT2wxwZBAAmfIJyMjyYQ4C8M7lzL5nM va")
        # a script of the user's own stays beside it
        driver.create_server(self.provider, {"server_name": "web", "user_data": "#!/bin/sh\ntouch /mine\n"})
        self.addCleanup(self.driver.server_action, self.provider, "web", "delete")
        (seed,) = [name for name in self.host.volumes() if name.endswith(".iso")]
        text = (self.host.pool / seed).read_bytes()
        for part in b"5nM va", b"multipart/mixed", base64.b64encode(b"#!/bin/sh\ntouch /mine\n"):
            self.assertIn(part, text)

    def test_no_executable(self):
        self.driver.path = "/nowhere/va-driver"
        with self.assertRaises(va.DriverFailure) as failure:
            self.driver.get_steps()
        self.assertEqual(failure.exception.kind, "missing")

    @unittest.skipUnless(tornado, "tornado cannot be imported here")
    def test_asynchronous(self):
        driver = self.new()
        loop = tornado.ioloop.IOLoop()
        try:
            steps = loop.run_sync(driver.get_steps)
            self.assertEqual(len(steps), 3)
            driver.path = "/nowhere/va-driver"
            with self.assertRaises(va.DriverFailure):
                loop.run_sync(driver.get_steps)
        finally:
            loop.close()

    @unittest.skipUnless(tornado, "tornado cannot be imported here")
    def test_a_subclass_with_coroutines_of_pythons_own_keeps_forms_apart(self):
        class Own(va.VaDriver):
            async def driver_id(self):
                return "own"

            async def validate_field_values(self, step_index, field_values, options=None):
                self.provider_vars["VAR_WHOSE"] = field_values["provider_name"]
                await asyncio.sleep(0.01)
                self.field_values["before"] = field_values["provider_name"]
                result = await super().validate_field_values(step_index, field_values)
                self.field_values["after"] = self.provider_vars["VAR_WHOSE"]
                return va.StepResult(result.errors, result.new_step_index, result.option_choices)

        driver = Own("libvirt", path=DRIVER, config_dir=str(self.etc), pki_dir=str(self.pki))
        values = dict(self.form(), network="default", image="guest.qcow2", size="va-small")

        async def finish(name):
            result = await driver.validate_field_values(2, dict(values, provider_name=name))
            record = driver.field_values
            self.assertEqual((result.errors, result.new_step_index), ([], -1))
            whose = [record[member] for member in ("provider_name", "before", "after", "driver_name")]
            self.assertEqual(whose, [name, name, name, "own"])

        async def all_at_once():
            await asyncio.gather(*[finish(f"form-{number}") for number in range(6)])

        asyncio.run(all_at_once())


if __name__ == "__main__":
    unittest.main()
