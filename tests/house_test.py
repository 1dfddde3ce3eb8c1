"""Tests tests/house on small houses: python3 tests/house_test.py"""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HOUSE = Path(__file__).with_name("house")


class House(unittest.TestCase):
    def measure(self, **files):
        """The exit code, and what is said on stdout and stderr. `__` in a file's name is a slash."""
        with tempfile.TemporaryDirectory() as directory:
            for name, text in files.items():
                file = Path(directory, name.replace("__", "/") + ".rs")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            done = subprocess.run([sys.executable, HOUSE, directory], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def circles(self, **files):
        """The circles of which it complains."""
        code, _, complaints = self.measure(**files)
        self.assertEqual(code, 1 if complaints else 0, complaints)
        return [line.removeprefix("house: ").replace(" that use each other", "") for line in complaints.splitlines()]

    def test_measures_production_code_without_tests(self):
        code, said, _ = self.measure(
            lib="mod a;\n// why\n//! not plain\nfn short() {}\n",
            a='fn long(text: [u8; 2]) {\n    let b = "fn } .unwrap()"; // }\n    x.unwrap();\n}\n'
            "#[cfg(test)]\nmod tests {\n    fn far_too_long() {\n\n\n\n\n        y.unwrap();\n    }\n}\n"
            "#[cfg(test)]\nmod more_tests;\n",
            a__more_tests="fn not_counted() {\n\n\n\n\n\n\n\n\n\n}\n",
            main="fn main() {}\n",
        )
        self.assertEqual(code, 0)
        self.assertIn("production lines        9 in 3 files\n", said)
        self.assertIn("longest function        4 (long in a.rs)\n", said)
        self.assertIn("median 4, p90 4, longest 4", said)
        self.assertIn("kloc 111.11\n", said)
        self.assertIn("plain comments          11.1 %\n", said)

    def test_a_long_file_is_refused_unless_it_is_long_by_tests(self):
        code, _, complaints = self.measure(lib="mod a;\nfn f() {}\n", a="\n" * 401)
        self.assertEqual((code, complaints), (1, "house: a.rs has more than 400 lines: 401\n"))
        tests = "#[cfg(test)]\nmod tests {\n" + "\n" * 401 + "}\n"
        self.assertEqual(self.measure(lib="mod a;\nfn f() {}\n", a=tests)[0], 0)

    def test_rooms_that_use_each_other_are_refused_wherever_their_things_are_defined(self):
        found = self.circles(
            lib="mod a; mod b; mod c;\nfn f() {}\n",
            a__mod="mod deep;\npub use deep::Thing;\n",
            a__deep="pub struct Thing;\nfn g() { crate::b::make() }\n",
            b="use crate::{a::{self, Thing as Other}, c};\npub fn make() {}\n",
            c="pub struct C;\n",
        )
        self.assertEqual(found, ["rooms: a, b"])

    def test_rooms_inside_another_are_refused_and_files_in_the_drivers_only(self):
        files = {
            "mod": "mod a; mod b;\n",
            "a": "use super::b::B;\npub struct A;\nfn f() {}\n",
            "b": "use super::a::A;\npub struct B;\n",
        }
        code, said, complaints = self.measure(
            lib="mod drivers; mod other;\n",
            **{f"drivers__{name}": text for name, text in files.items()},
            **{f"other__{name}": text for name, text in files.items()},
        )
        self.assertEqual(code, 1)
        self.assertIn("circles of files        2\n    other/a.rs, other/b.rs\n", said)
        self.assertIn("house: rooms that use each other: drivers/a, drivers/b\n", complaints)
        self.assertIn("house: rooms that use each other: other/a, other/b\n", complaints)
        self.assertNotIn("other/a.rs", complaints)

    def test_three_rooms_in_a_circle_are_found(self):
        found = self.circles(
            lib="mod a; mod b; mod c;\nfn f() {}\n",
            a="use super::b::B;\npub struct A;\n",
            b="use super::c;\npub struct B;\nfn f() { c::g() }\n",
            c="use super::a::A;\npub fn g() {}\n",
        )
        self.assertEqual(found, ["rooms: a, b, c"])

    def test_a_function_named_as_its_module_is_found_in_it(self):
        found = self.circles(
            lib="mod a; mod b;\nfn f() {}\n",
            a__mod="mod list;\npub use list::list;\n",
            a__list="use crate::b::B;\npub fn list() {}\n",
            b="use crate::a;\npub struct B;\nfn f() { a::list() }\n",
        )
        self.assertEqual(found, ["rooms: a, b"])

    def test_files_of_one_room_are_refused_inside_the_drivers_only(self):
        files = {"mod": "mod part;\npub struct Whole;\nfn f() { part::g() }\n", "part": "use super::Whole;\npub fn g() {}\n"}
        code, said, complaints = self.measure(
            lib="mod drivers; mod other;\nfn f() {}\n",
            drivers__mod="mod one;\n",
            **{f"drivers__one__{name}": text for name, text in files.items()},
            **{f"other__{name}": text for name, text in files.items()},
        )
        self.assertEqual((code, complaints), (1, "house: files that use each other: drivers/one/mod.rs, drivers/one/part.rs\n"))
        self.assertIn("circles of files        2\n    other/mod.rs, other/part.rs\n", said)

    def test_a_method_named_as_a_module_is_not_meant_by_it(self):
        found = self.circles(
            lib="mod drivers;\nfn f() {}\n",
            drivers__mod="mod list; mod user;\npub use list::list;\nimpl T {\n    fn list() { user::f() }\n}\n",
            drivers__list="pub fn list() {}\n",
            drivers__user="use super::list;\npub fn f() { list() }\n",
        )
        self.assertEqual(found, [])

    def test_what_is_only_handed_on_or_only_tested_or_only_said_is_no_use(self):
        found = self.circles(
            lib="mod drivers;\nfn f() {}\n",
            drivers__mod="mod a; mod b;\npub use a::A;\npub struct Own;\n",
            drivers__a="use super::Own;\n/// See [`super::b::B`], \"super::b::B\".\npub struct A;\n"
            "#[cfg(test)]\nmod tests {\n    use super::super::b::B;\n}\n",
            drivers__b='use super::A;\nuse serde::de::*;\npub struct B;\nconst TEXT: &str = "crate::b";\n',
        )
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
