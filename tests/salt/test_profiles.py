"""Members of profiles and maps: each is taken, refused by name, or on the list of what is not needed."""

import json
import pathlib
import re
import unittest

import salt

from case import CloudCase
from test_members import members

# Refuses to create, and keeps what it was asked.
_SPY = """#!/bin/sh
read -r line
printf '%s\\n' "$line" >> TOLD
case $line in
*server.create*) printf '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"seen","data":{"kind":"conflict"}}}\\n';;
*) printf '{"jsonrpc":"2.0","id":1,"result":{"servers":[],"removed":[]}}\\n';;
esac
"""

# A value of the right kind for each member; texts for the others.
_VALUES = {
    "networks": ["default"],
    "addresses": ["192.0.2.7/24"],
    "gateways": ["192.0.2.1"],
    "dns": ["192.0.2.1"],
    "sec_groups": ["web"],
    "boot_volume": {"size": 2},
    "tags": ["web"],
    "metadata": {"owner": "ops"},
    "scheduler_hints": {"different_host": ["x"]},
    "config_drive": False,
    "storage_disk": 1,
    "disks": [{"size": 1}],
    "seed": {"format": "cidata"},
    "ssh_keys": ["ssh-ed25519 AAAA me"],
    "minion": {"master": "192.0.2.1"},
}

# What stands in the profiles of Salt's old drivers, and what is meant by it.
_SYNONYMS = {
    "a-security-groups": ({"security_groups": ["web", "ssh"]}, {"sec_groups": ["web", "ssh"]}),
    "a-text-of-groups": ({"security_groups": "web, ssh"}, {"sec_groups": ["web", "ssh"]}),
    "a-list-in-the-singular": ({"sec_group": ["web", "ssh"]}, {"sec_groups": ["web", "ssh"]}),
    "a-flavor": ({"flavor": "m1.tiny"}, {"size": "m1.tiny"}),
    "ssh-key-name": ({"ssh_key_name": "mine"}, {"key_name": "mine"}),
    "keyname": ({"keyname": "mine"}, {"key_name": "mine"}),
    "shades-networks": ({"network": [{"name": "a"}, {"id": "b"}]}, {"networks": [{"network": "a"}, {"network": "b"}]}),
    "nova-networks": (
        {"networks": [{"fixed": ["a", "b"]}, {"floating": ["ext"]}]},
        {"networks": ["a", "b"], "floating_ip": "ext"},
    ),
    "nics": ({"nics": [{"net-id": "a"}, {"port-id": "p"}]}, {"networks": [{"network": "a"}, {"port": "p"}]}),
    "auto-assign": ({"floating_ip": {"auto_assign": True, "pool": "ext"}}, {"floating_ip": "ext"}),
    "no-auto-assign": ({"floating_ip": {"auto_assign": False, "pool": "ext"}}, {}),
    "any-floating-ip": ({"floating_ip": True}, {"floating_ip": ""}),
    "ip-pool": ({"ip_pool": "ext"}, {"floating_ip": "ext"}),
    "auto-ip": ({"auto_ip": True, "ip_pool": "ext"}, {"floating_ip": "ext"}),
    "no-auto-ip": ({"auto_ip": False, "ip_pool": "ext"}, {}),
    "boot-from-volume": (
        {"boot_from_volume": True, "volume_size": 7, "terminate_volume": True},
        {"boot_volume": {"size": 7}},
    ),
    "kept-volume": (
        {"boot_from_volume": True, "terminate_volume": False},
        {"boot_volume": {"delete_on_termination": False}},
    ),
    "a-volume-that-exists": ({"boot_volume": "data"}, {"boot_volume": {"volume": "data"}}),
    "a-root-volume": ({"root_volume": "data"}, {"boot_volume": {"volume": "data"}}),
    "volumes-that-exist": ({"volumes": ["a", "b"]}, {"disks": [{"volume": "a"}, {"volume": "b"}]}),
    "an-address": ({"ips": ["192.0.2.7"]}, {"floating_ip": "192.0.2.7"}),
    "meta": ({"meta": {"a": "b"}}, {"metadata": {"a": "b"}}),
    "group": ({"group": "apart"}, {"server_group": "apart"}),
    "not-from-volume": ({"boot_from_volume": False, "volume_size": 7}, {}),
    "clone-quick": ({"clone_strategy": "quick"}, {"clone": "linked"}),
    "clone-full": ({"clone_strategy": "full"}, {"clone": "full"}),
    "userdata": ({"userdata": "#!/bin/sh\n"}, {"user_data": "#!/bin/sh\n"}),
    "twice-the-same": ({"flavor": "m1.tiny", "size": "m1.tiny"}, {"size": "m1.tiny"}),
}

# What is refused, and what is said of it.
_REFUSED = {
    "storag-disk": ({"storag_disk": 1}, "storag_disk, .* did you mean storage_disk"),
    "memory": ({"memory": 2048}, "memory, .* is not served: CPUs, memory .* `size`"),
    "vcpus": ({"vcpus": 2}, "vcpus, .*`flavours`"),
    "win-installer": ({"win_installer": "/srv/salt.exe"}, "win_installer, .*image has to bring its minion"),
    "base-domain": ({"base_domain": "base"}, "base_domain, .*say `image`"),
    "two-addresses": ({"ips": ["192.0.2.7", "192.0.2.8"]}, "a server has one floating IP"),
    "admin-pass": ({"admin_pass": "x"}, "admin_pass, .* is not served"),
    "uri": ({"uri": "qemu:///system"}, "uri, .*belongs into the provider"),
    "master": ({"master": "192.0.2.9"}, "master, .*minion: .master"),
    "inline-script": ({"inline_script": ["true"]}, "inline_script, .*cloud-init"),
    "another-name": ({"server_name": "b"}, "server_name"),
    "two-sizes": ({"flavor": "a", "size": "b"}, "flavor.* say two things"),
    "two-networks": ({"nics": ["a"], "networks": ["b"]}, "nics.* say two things"),
    "loose-size": ({"volume_size": 7}, "volume_size is that of a volume to boot from"),
    "floating-address": ({"floating_ip": {"auto_assign": True, "address": "192.0.2.7"}}, "floating_ip has no address"),
}


class Spied(CloudCase):
    """What the executable would be told."""

    def setUp(self):
        super().setUp()
        self.told = self.top / "told"
        self.settings = dict(self.host.settings(), va_driver=str(self.script(_SPY.replace("TOLD", str(self.told)))))
        self.settings.pop("graphics")
        self.master.provider("kvm", **self.settings)
        self.master.profile("small", provider="kvm")

    def servers(self):
        """The servers that were asked for, by name."""
        servers = [one["server"] for one in self.creations()]
        return {server.pop("server_name"): server for server in servers}

    def creations(self):
        """What was said of each creation."""
        lines = self.told.read_text().splitlines() if self.told.exists() else []
        asked = [json.loads(line) for line in lines]
        return [one["params"] for one in asked if one["method"] == "server.create"]

    def test_each_member_of_the_protocol_reaches_the_executable(self):
        entries = {}
        for name in sorted(set(members.SERVER) - {"server_name"}):
            entries[f"with-{name.replace('_', '-')}"] = {name: _VALUES.get(name, "text")}
        self.master.cloud("-m", self.master.map({"small": entries}), "--no-deploy")
        self.master.cloud("-m", self.master.map({"small": {"with-minion": entries["with-minion"]}}))
        servers = self.servers()
        self.assertEqual(servers.pop("with-minion")["minion"]["master"], "192.0.2.1")
        del entries["with-minion"]
        self.assertEqual(servers, entries)

    def test_synonyms_of_salts_old_drivers(self):
        entries = {name: said for name, (said, _) in _SYNONYMS.items()}
        outcome = self.master.cloud("-m", self.master.map({"small": entries}), "--no-deploy")
        self.assertEqual(self.servers(), {name: meant for name, (_, meant) in _SYNONYMS.items()}, outcome)

    def test_what_is_refused_in_a_map(self):
        entries = {name: said for name, (said, _) in _REFUSED.items()}
        path = self.master.map({"small": {**entries, "right": {"role": "web"}}})
        for how in (), ("-P",):
            with self.subTest(how):
                outcome = self.master.cloud("-m", path, *how)
                for name, (_, message) in _REFUSED.items():
                    self.assertRegex(outcome.data[name]["Error"], f"^invalid_field: .*{message}", name)
                self.assertEqual(list(self.servers()), ["right"], outcome)
                self.assertEqual(self.master.keys(), [], outcome)
                self.told.unlink()

    def test_what_is_refused_in_a_profile(self):
        for name, (said, _) in _REFUSED.items():
            self.master.profile(name, **{"provider": "kvm", **said})
        for name in "storag-disk", "inline-script", "two-sizes":
            # in parallel Salt prints a traceback whatever fails
            for how in (), ("-P",):
                with self.subTest(name, how=how):
                    outcome = self.master.cloud("-p", name, "web", *how)
                    self.assertRegex(outcome.stderr, f"ERROR.*web: invalid_field: .*{_REFUSED[name][1]}")
                    self.nothing_is_left(outcome)
        outcome = self.master.cloud("-f", "plan", "kvm", "name=web", "profile=small", "storag_disk=1")
        self.assertRegex(outcome.stderr, "invalid_field: storag_disk, in what is said of web, .*storage_disk")
        self.assertEqual(self.servers(), {})

    def test_what_is_passed_over(self):
        values = {**dict.fromkeys(members.PASSED_OVER, "x"), "keysize": 2048, "requires": [], "script_env": {}}
        self.master.profile("rich", provider="kvm", **values, make_minion=True)
        self.master.cloud("-p", "rich", "web", "--no-deploy")
        self.assertEqual(self.servers(), {"web": {}})

    def test_what_stands_elsewhere_is_not_judged(self):
        own = {"of_salt": 1, "nested": {"a": 1, "b": 2}, "minion": {"log_level": "debug"}}
        self.master.configure(of_the_administrator=[1], nested={"c": 3}, role="global")
        self.master.provider("kvm", **self.settings, **own, networks=["one"], tags=["a"], disks=[1])
        self.master.profile("small", provider="kvm", minion={"id": "of-the-profile"}, network="two")
        self.master.cloud("-p", "small", "web")
        outcome = self.master.cloud("-m", self.master.map({"small": [{"db": {"disks": [], "networks": ["three"]}}]}))
        servers = self.servers()
        self.assertEqual(sorted(servers), ["db", "web"], outcome)
        # the profile goes before the provider, whichever of two names says it, and the entry before both
        self.assertEqual((servers["web"].get("network"), servers["web"].get("networks")), ("two", None))
        self.assertEqual((servers["db"].get("network"), servers["db"].get("networks")), (None, ["three"]))
        self.assertEqual((servers["web"].get("disks"), servers["db"].get("disks")), ([{"size": 1}], None))
        self.assertEqual(servers["web"]["minion"]["id"], "of-the-profile")
        self.assertEqual(servers["web"]["minion"]["conf"]["log_level"], "debug")

    def test_a_provider_is_told_without_what_is_its_servers(self):
        servers = {"minion": {"master": "m"}, "role": "web", "seal": True}
        servers.update(ssh_username="root", delete_sshkeys=True, security_groups=["web"])
        self.master.provider("kvm", **self.settings, **servers, of_salt=1, timeout=5, pool="images", domain="d")
        self.master.cloud("-Q")
        (asked,) = [json.loads(line) for line in self.told.read_text().splitlines()]
        wanted = {**self.settings, "driver_name": "va_libvirt", "provider_name": "kvm"}
        del wanted["va_driver"]
        wanted.update(of_salt=1, timeout=5, pool="images", domain="d")
        self.assertEqual(asked["params"]["provider"], wanted)

    def test_what_is_said_for_all_providers(self):
        # in a file of its own, which Salt does not put into the entry itself
        (self.master.etc / "cloud.conf.d" / "all.conf").write_text(
            json.dumps({"grains": {"rack": "r7", "role": "any"}, "wait_timeout": 7, "wait": "defined"})
        )
        self.master.profile("small", provider="kvm", grains={"role": "web"})
        self.master.cloud("-p", "small", "web")
        (asked,) = self.creations()
        about = {"driver": "va_libvirt", "provider": "kvm:va_libvirt", "profile": "small"}
        grains = {"rack": "r7", "role": "web", "salt-cloud": about}
        self.assertEqual(asked["server"]["minion"]["grains"], grains)
        self.assertEqual((asked["timeout"], asked["wait"]), (7, "defined"))
        self.told.unlink()
        self.master.configure(enable_cloud_grains=False)
        self.master.cloud("-p", "small", "web")
        del grains["salt-cloud"]
        self.assertEqual(self.creations()[0]["server"]["minion"]["grains"], grains)

    def test_user_data_that_salt_renders(self):
        file = self.top / "seed.yaml"
        file.write_text("#cloud-config\n{hostname: {{ opts.name }}}\n")
        jinja = {"provider": "kvm", "userdata_template": "jinja"}
        # in no map, which Salt has rendered already
        self.master.profile("file", user_data_file=str(file), **jinja)
        self.master.profile("text", user_data="#cloud-config\n{a: {{ opts.role }}}\n", **jinja)
        self.master.profile("plain", user_data_file=str(file), provider="kvm")
        broken = self.top / "broken.yaml"
        broken.write_text("#cloud-config\n{{ opts.name\n")
        self.master.profile("broken", user_data_file=str(broken), **jinja)
        entries = {"file": ["by-file"], "text": [{"by-text": {"role": "db"}}]}
        entries.update(plain=["as-it-is"], broken=["wrong"])
        outcome = self.master.cloud("-m", self.master.map(entries), "--no-deploy")
        texts = {name: server["user_data"].strip() for name, server in self.servers().items()}
        wanted = {
            "by-file": "#cloud-config\n{hostname: by-file}",
            "by-text": "#cloud-config\n{a: db}",
            "as-it-is": "#cloud-config\n{hostname: {{ opts.name }}}",
        }
        self.assertEqual(texts, wanted, outcome)
        self.assertRegex(outcome.data["wrong"]["Error"], "invalid_field: user_data cannot be rendered")

    def test_a_file_as_userdata(self):
        file = self.top / "seed.yaml"
        file.write_text("#cloud-config\n{}\n")
        self.master.profile("small", provider="kvm", userdata=str(file))
        self.master.cloud("-p", "small", "web", "--no-deploy")
        self.assertEqual(self.servers(), {"web": {"user_data": "#cloud-config\n{}\n"}})


class OfSalt(unittest.TestCase):
    def test_each_member_that_salt_reads_is_known(self):
        place = pathlib.Path(salt.__file__).parent
        names = set()
        for file in "cloud/__init__.py", "utils/cloud.py", "cloud/clouds/openstack.py", "cloud/clouds/libvirt.py":
            # since 3008 Salt has its old drivers no more
            text = (place / file).read_text(encoding="utf-8") if (place / file).exists() else ""
            names.update(re.findall(r'get_cloud_config_value\(\s*"(\w+)"', text))
            names.update(re.findall(r'\bvm_(?:\[|\.get\(|\.pop\()\s*"(\w+)"', text))
            names.update(re.findall(r'"(\w+)" (?:not )?in vm_\b', text))
            names.update(re.findall(r'\b(?:profile|master_profile|nodedata|vm_)\["(\w+)"\] = ', text))
            options = text.partition("VALID_OPTS = {")[2].partition("}")[0]
            names.update(re.findall(r'"(\w+)": ', options))
        self.assertGreater(len(names), 40)
        self.assertEqual([name for name in sorted(names) if not members.is_known(name)], [])


if __name__ == "__main__":
    unittest.main()
