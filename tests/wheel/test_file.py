"""The wheel's file: what it asks of a system, and what is in it."""

import base64
import csv
import filecmp
import hashlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import zipfile

WHEEL = pathlib.Path(os.environ["VA_WHEEL"])
# whether it is one to be given away, or holds an executable that was built for this machine
PORTABLE = not os.environ.get("VA_WHEEL_HERE")
TOP = pathlib.Path(__file__).resolve().parents[2]
# of salt/, what is no module of Salt's, and where it is
ELSEWHERE = {"va_master": "va_driver", "conf": None, "examples": None}


def printed(*command, **how):
    """What a command prints."""
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, **how).stdout


class FileCase(unittest.TestCase):
    """The file, unpacked."""

    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        with zipfile.ZipFile(WHEEL) as archive:
            archive.extractall(cls.dir)
            cls.modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
        cls.executable = cls.dir / "saltext/va_driver/bin/va-driver"
        cls.executable.chmod(0o755)
        cls.info = next(cls.dir.glob("*.dist-info"))

    def test_it_runs_with_the_c_library_that_its_name_says(self):
        asked = re.findall(r"\bGLIBC_(\d+)\.(\d+)", printed("objdump", "-T", self.executable))
        major, minor = re.search(r"-manylinux_(\d+)_(\d+)_x86_64\.whl$", WHEEL.name).groups()
        self.assertLessEqual(max((int(major), int(minor)) for major, minor in asked), (int(major), int(minor)))
        if PORTABLE:
            self.assertEqual((major, minor), ("2", "28"), "RHEL 8's")

    def test_no_library_but_cs_is_asked_for(self):
        libraries = re.findall(r"\(NEEDED\).*\[(.*)\]", printed("readelf", "--dynamic", self.executable))
        self.assertIn("libc.so.6", libraries)
        others = [name for name in libraries if not re.match(r"(libc|libm|libdl|librt|libpthread|libgcc_s|ld-linux)\b", name)]
        self.assertEqual(others, [])

    def test_no_function_of_libvirts_name_is_offered_to_libvirt(self):
        symbols = printed("objdump", "-T", self.executable).splitlines()
        self.assertEqual([line for line in symbols if re.search(r"\bg\b.*\bvir[A-Z]", line)], [])

    def test_the_modules_are_those_of_this_checkout(self):
        checked = 0
        for path in (TOP / "salt").glob("*/**/*"):
            folder, *rest = path.relative_to(TOP / "salt").parts
            place = ELSEWHERE.get(folder, f"saltext/va_driver/{folder}")
            if place and path.is_file() and "__pycache__" not in path.parts:
                self.assertEqual(self.dir.joinpath(place, *rest).read_bytes(), path.read_bytes(), path)
                checked += 1
        self.assertGreater(checked, 10)
        self.assertEqual([name for name in self.modes if "__pycache__" in name], [])

    def test_only_the_executable_is_executable(self):
        marked = [name for name, mode in self.modes.items() if mode & 0o111]
        self.assertEqual(marked, ["saltext/va_driver/bin/va-driver"])

    def test_the_record_names_every_file(self):
        with open(self.info / "RECORD", encoding="utf-8", newline="") as record:
            rows = {name: digest for name, digest, _ in csv.reader(record)}
        self.assertEqual(sorted(rows), sorted(self.modes))
        for name, digest in rows.items():
            if digest:
                found = hashlib.sha256((self.dir / name).read_bytes()).digest()
                self.assertEqual(digest, "sha256=" + base64.urlsafe_b64encode(found).rstrip(b"=").decode(), name)

    def test_it_says_what_it_is_made_of(self):
        bill = json.loads((self.info / "sboms/va-driver.cdx.json").read_text())
        self.assertEqual((bill["bomFormat"], bill["specVersion"]), ("CycloneDX", "1.5"))
        names = {part["name"] for part in bill["components"]}
        self.assertLessEqual({"aws-lc-sys", "clap", "virt"}, names)
        self.assertNotIn("divan", names)
        self.assertTrue(all(part["hashes"] and part["licenses"] for part in bill["components"]))
        listed = (self.info / "licenses/third-party.txt").read_text()
        self.assertEqual(names, set(re.findall(r"^  (\S+) [0-9.]+", listed, re.MULTILINE)))

    def test_packed_again_elsewhere_it_is_the_same(self):
        with tempfile.TemporaryDirectory() as elsewhere:
            environment = {**os.environ, "VA_WHEEL_DIR": elsewhere, "TZ": "Asia/Tokyo", "LC_ALL": "C"}
            build = TOP / "packaging/build-wheel"
            again = printed(build, self.executable, env=environment, umask=0o077).strip()
            self.assertEqual(pathlib.Path(again).name, WHEEL.name)
            self.assertTrue(filecmp.cmp(WHEEL, again, shallow=False))
