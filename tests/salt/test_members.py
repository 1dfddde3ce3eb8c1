"""The lists of members on this side, compared with the protocol's schema: needs neither Salt nor a host."""

import importlib.util
import json
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def _load(name, path, **options):
    spec = importlib.util.spec_from_file_location(name, path, **options)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


members = _load("va_members", ROOT / "salt" / "clouds" / "_va_driver" / "members.py")
_PLACE = ROOT / "salt" / "va_master"
_load("va_members_master", _PLACE / "__init__.py", submodule_search_locations=[str(_PLACE)])
va_master = sys.modules["va_members_master.server"]


class Lists(unittest.TestCase):
    def setUp(self):
        schema = json.loads((ROOT / "docs" / "schemas" / "server.create.request.json").read_text(encoding="utf-8"))
        self.protocol = set(schema["$defs"]["ServerSpec"]["properties"])

    def test_salt_knows_each_member_of_the_protocol_and_no_other(self):
        self.assertEqual(set(members.SERVER), self.protocol)

    def test_va_masters_class_knows_each_member_of_the_protocol_and_no_other(self):
        self.assertEqual(set(va_master.SERVER), self.protocol)

    def test_a_name_stands_in_one_list(self):
        lists = ("SERVER", "OURS", "SYNONYMS", "PASSED_OVER", "REFUSED", "SALTS")
        names = sorted(name for one in lists for name in getattr(members, one))
        self.assertEqual(names, sorted(set(names)))
        self.assertLessEqual(set(members.HARMLESS), set(members.REFUSED))

    def test_the_page_of_the_migration_is_current(self):
        made = _load("va_migration_page", ROOT / "tests" / "salt" / "migration_page.py").page()
        committed = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
        remedy = "run: python3 tests/salt/migration_page.py > docs/migration.md"
        self.assertTrue(made == committed, f"docs/migration.md is not current; {remedy}")

    def test_what_a_migration_keeps_and_moves_is_known(self):
        self.assertLessEqual(set(members.LOGIN), set(members.PASSED_OVER))
        self.assertLessEqual(set(members.MINIONS), set(members.REFUSED))

    def test_a_synonym_means_something(self):
        self.assertLessEqual(set(members.SYNONYMS.values()), set(members.SERVER) | members.OURS)

    def test_what_is_secret_is_told_by_no_event(self):
        self.assertFalse([name for name in ("user_data", "ssh_keys", "minion") if members.SERVER[name]])


if __name__ == "__main__":
    unittest.main()
