"""sdb:// links, wherever they stand."""

import json
import unittest

from case import CloudCase


class Links(CloudCase):
    def setUp(self):
        super().setUp()
        # Salt's own driver for files, and the environment
        user_data = "#cloud-config\npackages: [from-the-shelf]\n"
        secrets = {"pass": "the-pass-word", "user_data": user_data, "rack": "r-seven"}
        (self.top / "secrets.yaml").write_text(json.dumps(secrets))
        self.master.configure(
            shelf={"driver": "yaml", "files": [str(self.top / "secrets.yaml")]}, surroundings={"driver": "env"}
        )
        self.told = self.top / "told"
        self.spy = {**self.host.settings(), "va_driver": str(self.listening(self.told))}

    def request(self):
        """What the executable was asked to create."""
        requests = [json.loads(line) for line in self.told.read_text().splitlines()]
        return next(one["params"] for one in reversed(requests) if one["method"] == "server.create")

    def test_in_a_provider_and_a_profile(self):
        self.master.provider("kvm", **self.spy, password="sdb://shelf/pass")
        # the same link twice
        minion = {"master": "192.0.2.1", "grains": {"rack": "sdb://shelf/rack", "again": "sdb://shelf/rack"}}
        self.master.profile(
            "small", provider="kvm", wait="running", user_data="sdb://shelf/user_data", minion=minion
        )
        self.create("web")
        request = self.request()
        self.assertEqual(request["provider"]["password"], "the-pass-word")
        grains = request["server"]["minion"]["grains"]
        self.assertLessEqual({"rack": "r-seven", "again": "r-seven"}.items(), grains.items())
        self.assertIn(b"from-the-shelf", self.seed("web"))

    def test_in_a_map(self):
        self.master.provider("kvm", **self.spy)
        link = "sdb://surroundings/VA_TEST_RACK"
        entry = {
            "user_data": "sdb://shelf/user_data",
            "minion": {"master": "192.0.2.1", "grains": {"rack": link, "list": [link, link]}},
        }
        path = self.master.map({"small": [{"web": entry}]})
        outcome = self.master.cloud("-m", path, VA_TEST_RACK="r-eight")
        self.assertIn("web", self.host.domains(), outcome)
        grains = self.request()["server"]["minion"]["grains"]
        self.assertEqual((grains["rack"], grains["list"]), ("r-eight", ["r-eight", "r-eight"]))
        self.assertIn(b"from-the-shelf", self.seed("web"))

    def test_a_link_to_nothing(self):
        path = self.master.map({"small": [{"web": {"user_data": "sdb://surroundings/VA_TEST_ABSENT"}}]})
        outcome = self.master.cloud("-m", path)
        self.assertRegex(outcome.stderr, "ERROR.*the link sdb://surroundings/VA_TEST_ABSENT leads to nothing")
        self.nothing_is_left(outcome)


if __name__ == "__main__":
    unittest.main()
