"""The examples and the files for /etc/salt, loaded by Salt and carried out."""

import os
import shutil
import unittest

import salt.utils.yaml
from case import CloudCase
from master import ROOT

PLACE = "/usr/share/va-driver"
EXAMPLES = ROOT / "salt" / "examples"


def read(path):
    """A YAML file's content."""
    return salt.utils.yaml.safe_load(path.read_text())


class Examples(CloudCase):
    def setUp(self):
        super().setUp()
        for directory in "cloud.providers.d", "cloud.profiles.d":
            shutil.rmtree(self.master.etc / directory)
            shutil.copytree(EXAMPLES / directory, self.master.etc / directory)
        shutil.copytree(EXAMPLES / "cloud.maps.d", self.master.etc / "cloud.maps.d", dirs_exist_ok=True)
        # as a package installs them, but for where that is
        for directory in "cloud.conf.d", "master.d":
            (self.master.etc / directory).mkdir(exist_ok=True)
            text = (ROOT / "salt" / "conf" / directory / "va-driver.conf").read_text()
            self.assertIn(f"[{PLACE}/salt/", text)
            (self.master.etc / directory / "va-driver.conf").write_text(text.replace(PLACE, str(ROOT)))
        del self.master.cloud_conf["cloud_dirs"]
        del self.master.master_conf["runner_dirs"], self.master.master_conf["roster_dirs"]
        self.master.configure()
        self.master.configure_master()

    def test_they_load(self):
        outcome = self.master.cloud("--list-providers")
        self.assertEqual(outcome.data, {"cloud1": {"va_openstack": {}}, "kvm1": {"va_libvirt": {}}}, outcome)
        self.assertNotIn("could not be loaded", outcome.stderr)
        outcome = self.master.cloud("--list-profiles", "all")
        self.assertEqual(sorted(outcome.data), ["cloud-small", "database", "small"], outcome)
        self.assertEqual(self.master.run("salt-run", "va_driver.version").data["name"], "va-driver")
        locations = self.master.run("salt-run", "va_cloud.list_locations", "kvm1").data
        self.assertEqual(list(locations["kvm1"]["va_libvirt"]), ["rack 7"])

    def test_the_map(self):
        shutil.copy(self.host.pool / "guest.qcow2", self.host.pool / "debian-12.qcow2")
        self.addCleanup(os.remove, self.host.pool / "debian-12.qcow2")
        self.host.virsh("pool-refresh", "default")
        providers = read(EXAMPLES / "cloud.providers.d" / "libvirt.conf")
        settings = self.host.settings()
        providers["kvm1"].update({name: settings[name] for name in ("uri", "graphics", "console_log")}, wait="defined")
        self.master.write("cloud.providers.d/libvirt.conf", providers)
        (self.master.etc / "cloud.providers.d" / "openstack.conf").unlink()
        (self.master.etc / "cloud.profiles.d" / "openstack.conf").unlink()
        path = str(self.master.etc / "cloud.maps.d" / "shop.map")
        outcome = self.master.cloud("-m", path, "-P")
        names = ["shop-db", "shop-web1", "shop-web2"]
        self.assertEqual((self.host.domains(), self.master.keys()), (names, names), outcome)
        self.assertIn(b"r7", self.seed("shop-web2"))
        self.assertIn(b"postgresql", self.seed("shop-db"))
        self.assertEqual({name: node["ready"] for name, node in outcome.data.items()}, dict.fromkeys(names, True))
        outcome = self.master.cloud("-m", path, "-d", "-P")
        self.assertEqual((self.host.domains(), self.master.keys()), ([], []), outcome)
        self.assertEqual(self.host.volumes(), ["debian-12.qcow2"])


if __name__ == "__main__":
    unittest.main()
