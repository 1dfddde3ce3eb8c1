"""The package's file: what it asks of a system, and whether it is as Debian wants it."""

import filecmp
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from machine import DEB

TOP = pathlib.Path(__file__).resolve().parents[2]


def printed(*command, **how):
    """What a command prints."""
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, **how).stdout


class BuildCase(unittest.TestCase):
    """The file, unpacked."""

    @classmethod
    def setUpClass(cls):
        cls.dir = cls.enterClassContext(tempfile.TemporaryDirectory())
        printed("dpkg-deb", "--extract", str(DEB), cls.dir)
        cls.executable = f"{cls.dir}/usr/bin/va-driver"

    def test_no_library_of_libvirt_is_asked_for(self):
        libraries = re.findall(r"\(NEEDED\).*\[(.*)\]", printed("readelf", "--dynamic", self.executable))
        self.assertIn("libc.so.6", libraries)
        self.assertEqual([name for name in libraries if "virt" in name], [])

    def test_what_it_depends_on_is_on_every_debian(self):
        depends = printed("dpkg-deb", "--field", str(DEB), "Depends").split(", ")
        # the executable that make portable builds has the second one built in
        self.assertLessEqual({re.sub(r" .*", "", one.strip()) for one in depends}, {"libc6", "libgcc-s1"})

    def test_its_version_is_the_crates(self):
        version = printed("dpkg-deb", "--field", str(DEB), "Version").strip()
        self.assertEqual(printed(self.executable, "--version").strip(), f"va-driver {version.replace('~', '-')}")

    def test_everything_for_salt_is_in_it(self):
        folders = {
            "va_master": "usr/share/va-driver/va_master/va_driver",
            "examples": "usr/share/doc/va-driver/examples",
            "conf": "etc/salt",
        }
        checked = 0
        for path in TOP.glob("salt/*/**/*"):
            if path.is_file() and "__pycache__" not in path.parts:
                folder, *rest = path.relative_to(TOP / "salt").parts
                place = pathlib.Path(self.dir, folders.get(folder, f"usr/share/va-driver/salt/{folder}"), *rest)
                self.assertTrue(place.is_file(), place)
                self.assertEqual(place.read_bytes(), path.read_bytes(), place)
                checked += 1
        self.assertGreater(checked, 10)

    def test_the_manifests_of_drivers_are_where_they_are_read(self):
        shipped = sorted(path.name for path in (TOP / "salt/drivers.d").iterdir())
        self.assertEqual(sorted(path.name for path in pathlib.Path(self.dir, "usr/share/va-driver/drivers.d").iterdir()), shipped)

    def test_its_configuration_names_what_is_there(self):
        options = {"cloud.conf.d": ["cloud_dirs"], "master.d": ["runner_dirs", "roster_dirs"]}
        for path in pathlib.Path(self.dir, "etc/salt").glob("*/*"):
            found = re.findall(r"^(\w+): \[(/[^],]*)\]$", path.read_text(), re.MULTILINE)
            self.assertEqual([option for option, _ in found], options[path.parent.name])
            for _, place in found:
                self.assertTrue(list(pathlib.Path(self.dir + place).glob("*.py")), place)

    def test_it_has_a_bill_of_materials(self):
        bill = json.loads(pathlib.Path(self.dir, "usr/share/doc/va-driver/va-driver.cdx.json").read_text())
        self.assertEqual(bill["bomFormat"], "CycloneDX")
        self.assertIn("aws-lc-sys", [part["name"] for part in bill["components"]])

    def test_the_licences_of_what_it_is_made_of_are_in_it(self):
        text = printed("zcat", f"{self.dir}/usr/share/doc/va-driver/third-party.txt.gz")
        for crate in ("aws-lc-sys", "clap", "virt"):
            self.assertRegex(text, rf"\n  {crate} [0-9.]+: ")
        self.assertIn("Permission is hereby granted", text)
        self.assertIn("Redistribution and use in source and binary forms", text)

    def test_lintian_finds_nothing(self):
        changes = DEB.with_suffix(".changes")
        found = subprocess.run(
            ["lintian", "--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0", str(changes)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.assertEqual((found.returncode, found.stdout), (0, ""))

    def test_built_again_elsewhere_it_is_the_same(self):
        with tempfile.TemporaryDirectory() as elsewhere:
            environment = {**os.environ, "VA_DEB_DIR": elsewhere, "TZ": "Asia/Tokyo", "LC_ALL": "C"}
            again = printed(TOP / "packaging/build-deb", self.executable, env=environment, umask=0o077).strip()
            self.assertEqual(pathlib.Path(again).name, DEB.name)
            self.assertTrue(filecmp.cmp(DEB, again, shallow=False))
