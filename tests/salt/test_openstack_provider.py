"""An OpenStack by salt-cloud's listings, by the runner, and by the wrapper for va_master."""

import hashlib
import json
import os
import shutil
import stat
import unittest

from cloud_case import OpenStackCase
from former_files import move, put
from master import DRIVER
from test_examples import EXAMPLES, read
from test_va_master import va


class Listings(OpenStackCase):
    def test_listings(self):
        outcome = self.master.cloud("--list-providers")
        self.assertEqual(outcome.data["cloud"]["va_openstack"].keys() - {"profiles"}, set(), outcome)
        images = self.salt("--list-images", "cloud")
        # all of its pages; one that has no data yet can be no server's
        names = {one["name"] for one in self.cloud.demo.all("image", "/v2/images", "images")}
        self.assertEqual(set(images), names - {"queued"})
        sizes = self.salt("--list-sizes", "cloud")
        names = {one["name"] for one in self.cloud.demo.all("compute", "/flavors", "flavors")}
        self.assertEqual(set(sizes), names)
        self.assertIn("512", json.dumps(sizes["m1.small"]))
        self.assertEqual(list(self.salt("--list-locations", "cloud")), ["cloud"])
        networks = self.salt("-f", "networks", "cloud")
        self.assertIn("10.61.0.0/24", json.dumps(networks["private"]))
        self.assertNotIn("others-private", networks)
        self.assertIn("web", self.salt("-f", "sec_groups", "cloud"))
        usage = self.salt("-f", "usage", "cloud")
        self.assertEqual((usage["server_count"], usage["cpus"]["used"]), (0, 0), usage)
        plan = self.salt("-f", "plan", "cloud", "name=web", "profile=small", "storage_disk=1")
        self.assertRegex("\n".join(plan["steps"]), "(?s)key pair.*make the port web-.*make the volume web-.*1 GiB")
        self.assertEqual(plan["plan"]["minion_id"], "web")
        self.assertEqual(self.salt("-f", "recover", "cloud")["removed"], [])
        self.nothing_is_left(plan)

    def test_the_example(self):
        # all of it but where the cloud is, who logs in, and the image is as it is shipped
        settings = self.cloud.settings()
        provider = read(EXAMPLES / "cloud.providers.d" / "openstack.conf")["cloud1"]
        self.assertLessEqual({"identity_url", "username", "password", "tenant"}, provider.keys())
        provider.update({name: settings[name] for name in ("identity_url", "username", "password", "tenant")})
        provider["image"] = "tiny"
        self.master.write("cloud.providers.d/cloud1.conf", {"cloud1": provider})
        shutil.copy(EXAMPLES / "cloud.profiles.d" / "openstack.conf", self.master.etc / "cloud.profiles.d")
        self.create("web", profile="cloud-small")
        self.assertEqual(self.cloud.server("web")["flavor"]["original_name"], "m1.small")
        seeded = json.loads(self.cloud.user_data("web").partition("\n")[2])["salt_minion"]
        self.assertEqual((seeded["conf"]["master"], seeded["grains"]["role"]), ("salt.example.org", "web"))


class Runner(OpenStackCase):
    def run_(self, function, *arguments, code=0):
        outcome = self.master.run("salt-run", f"va_driver.{function}", *arguments)
        self.assertEqual(outcome.code, code, outcome)
        self.assertNotIn("Traceback", outcome.stdout + outcome.stderr)
        return outcome.data

    def test_the_runner(self):
        self.assertEqual(self.run_("drivers")["openstack"], "OpenStack")
        self.assertTrue(self.run_("status", "cloud")["success"])
        self.master.provider("wrong", "va_openstack", **{**self.cloud.settings(), "password": "not-this-one"})
        failure = self.run_("status", "wrong", code=1)["error"]
        self.assertEqual(failure["kind"], "auth_failed")
        self.assertIn("check username, password", failure["message"])
        self.assertEqual(self.run_("usage", "cloud")["server_count"], 0)
        requests = self.run_("plan", "cloud", "web", "profile=small", "storage_disk=1")["plan"]["requests"]
        self.assertEqual([one["path"] for one in requests], ["/v2.0/ports", "/volumes", "/servers"])
        self.assertEqual(self.run_("recover", "cloud")["removed"], [])
        self.nothing_is_left()

    def test_an_image(self):
        image = self.top / "picture.raw"
        image.write_bytes(bytes(range(256)) * 64)
        digest = hashlib.sha256(image.read_bytes()).hexdigest()
        arguments = ["cloud", str(image), "name=picture", "format=raw", f"sha256={digest}"]
        self.assertTrue(self.run_("image_import", *arguments)["imported"])
        (stored,) = self.cloud.demo.get("image", "/v2/images?name=picture")["images"]
        self.assertEqual((stored["status"], stored["size"]), ("active", 256 * 64))
        self.assertFalse(self.run_("image_import", *arguments)["imported"])
        arguments[-1] = f"sha256={'0' * 64}"
        arguments[2] = "name=another"
        self.run_("image_import", *arguments, code=1)
        self.assertEqual(self.cloud.left(), [("images", "picture")])

    def test_a_provider_is_written(self):
        settings = self.cloud.settings()
        file = self.top / "cloud2.yaml"
        file.write_text(json.dumps({**settings, "driver_name": "openstack", "prices": {"m1.tiny": 0.5}}))
        self.run_("provider_write", "cloud2", f"file={file}", "profile=small2")
        written = self.master.etc / "cloud.providers.d" / "cloud2.conf"
        self.assertEqual(stat.S_IMODE(os.stat(written).st_mode), 0o600)
        self.assertTrue(self.run_("status", "cloud2")["success"])
        self.create("web", profile="small2")
        self.assertEqual(self.run_("billing", "cloud2")["hourly"], 0.5)
        self.master.cloud("-d", "web")
        self.nothing_is_left()


class Wrapper(OpenStackCase):
    """va_master's class, of the form's first page to a server's end."""

    def setUp(self):
        super().setUp()
        os.environ["VA_DRIVER_STATE_DIR"] = str(self.top / "state")
        self.addCleanup(os.environ.pop, "VA_DRIVER_STATE_DIR")
        (self.top / "salt").mkdir()
        self.driver = va.VaDriver(
            "openstack",
            host_ip="192.0.2.1",
            path=DRIVER,
            pki_dir=str(self.master.pki),
            config_dir=str(self.top / "salt"),
            asynchronous=False,
        )

    def page(self, index, values, to, **choose):
        """Validates a page, which must be right; then chooses by the titles of what is offered."""
        result = self.driver.validate_field_values(index, values)
        self.assertEqual((result.errors, result.new_step_index), ([], to))
        for field, title in choose.items():
            (values[field],) = [one for one in result.option_choices[field] if one.partition("|")[0] == title]
        return result

    def test_from_the_form_to_a_server(self):
        self.assertEqual((self.driver.driver_id(), self.driver.friendly_name()), ("openstack", "OpenStack"))
        fields = [field["id"] for field in self.driver.get_steps()[0].serialize()["fields"]]
        self.assertTrue({"host_ip", "tenant", "region"} <= set(fields), fields)

        self.page(-1, {}, 0)
        values = {
            "provider_name": "cloud",
            "username": self.cloud["USERNAME"],
            "password": "not-this-one",
            "host_ip": self.cloud["AUTH_URL"].partition("://")[2].partition("/")[0],
            "tenant": self.cloud["PROJECT"],
            "region": self.cloud["REGION"],
            "of_va_masters_own": 1,
        }
        result = self.driver.validate_field_values(0, values)
        self.assertEqual((len(result.errors), result.new_step_index), (1, 0), result.errors)
        values["password"] = self.cloud["PASSWORD"]
        self.page(0, values, 1, network="private", sec_group="web")
        self.page(1, values, 2, image="tiny", size="m1.tiny")
        self.page(2, values, -1)
        provider = self.driver.field_values
        self.assertTrue(self.driver.get_provider_status(provider)["success"])
        for choices, name in (
            (self.driver.get_images(provider), "tiny"),
            (self.driver.get_sizes(provider), "m1.tiny"),
            (self.driver.get_networks(provider), "private"),
            (self.driver.get_sec_groups(provider), "web"),
        ):
            self.assertIn(name, [one.partition("|")[0] for one in choices])

        data = {"server_name": "web", "role": "db", "sec_group": values["sec_group"], "floating_ip": ""}
        self.assertTrue(self.driver.create_server(provider, data)["created"])
        self.assertEqual((self.cloud.state("web"), self.master.keys()), ("ACTIVE", ["web"]))
        self.assertEqual(self.cloud.left()[1][0], "floatingips")
        server = self.driver.get_servers(provider)[0]
        self.assertEqual((server["hostname"], server["status"], server["used_ram"]), ("web", "ACTIVE", 64))
        data = self.driver.get_provider_data(provider)
        self.assertEqual((data["provider_usage"]["used_servers"], data["status"]["success"]), (1, True))
        self.assertEqual(data["provider_billing"], self.driver.get_provider_billing(provider))
        with self.assertRaises(va.DriverFailure) as failure:
            self.driver.create_server(provider, {"server_name": "web", "storage_disk": 1})
        self.assertEqual(failure.exception.kind, "already_exists")
        self.assertTrue(self.driver.server_action(provider, "web", "suspend")["success"])
        self.assertEqual(self.cloud.state("web"), "SUSPENDED")
        with self.assertRaises(va.DriverFailure) as failure:
            self.driver.server_action(provider, "absent", "start")
        self.assertEqual(failure.exception.kind, "not_found")
        self.assertTrue(self.driver.server_action(provider, "web", "delete")["success"])
        self.nothing_is_left()


class Migration(OpenStackCase):
    def test_files_of_salts_former_drivers_make_servers(self):
        settings = self.cloud.settings()
        key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5C1vhEEvgqSJT2wxwZBAAmfIJyMjyYQ4C8M7lzL5nM me"
        self.cloud.demo.post("compute", "/os-keypairs", {"keypair": {"name": "salt", "public_key": key}})
        former = {
            "shop-user": "username",
            "shop-secret": "password",
            "shop-project": "tenant",
            "https://keystone.example.org:5000/v3": "identity_url",
            "RegionOne": "region",
        }
        put(self.master, {text: settings[member] for text, member in former.items()})
        outcome = self.master.run("salt-run", "va_driver.migrate")
        self.assertEqual(outcome.code, 0, outcome)
        self.assertNotIn(settings["password"], outcome.stdout + outcome.stderr)
        move(self.master)
        for alias in set(os.listdir(self.master.etc / "cloud.providers.d")) - {"stack-auth.conf", "nova-old.conf"}:
            # the clouds of the others are nowhere
            os.remove(self.master.etc / "cloud.providers.d" / alias)
        outcome = self.master.cloud("-m", str(self.master.etc / "cloud.maps.d" / "shop.map"))
        self.assertEqual(self.cloud.servers(), ["shop-batch", "shop-web1", "shop-web2"], outcome)
        self.assertEqual(self.cloud.server("shop-batch")["key_name"], "salt", outcome)
        outcome = self.master.cloud("-p", "stack_volume", "shop-db")
        self.assertTrue(outcome.data["shop-db"]["created"], outcome)
        self.assertIn("nginx", self.cloud.user_data("shop-db"))
        self.assertIn("volumes", json.dumps(self.cloud.left()))
        outcome = self.master.cloud("-d", "shop-batch", "shop-web1", "shop-web2", "shop-db")
        self.assertEqual(self.cloud.left(), [("keypairs", "salt")], outcome)


if __name__ == "__main__":
    unittest.main()
