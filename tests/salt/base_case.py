"""What the tests of the base driver have in common: a master, and a driver that is a page for a cloud of the tests' own."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

from master import DRIVER, SALT_BIN, Master

CLOUDS = pathlib.Path(__file__).resolve().parent / "clouds"
MANIFEST = """
driver: 1
name: Test cloud
needs: {salt_driver: va_test_cloud}
steps:
  provider:
    remove: [username, password, location]
    add:
      - {id: folder, name: Folder}
      - {id: token, name: Token, secret: true}
  network:
    change:
      network: {blank: true, choices: {salt-cloud: networks}}
      sec_group: {blank: true}
provider:
  VAR_PROVIDER_NAME: {driver: va_test_cloud, folder: VAR_FOLDER, token: VAR_TOKEN}
profile:
  VAR_PROFILE_NAME:
    provider: VAR_PROVIDER_NAME
    image: VAR_IMAGE
    size: VAR_SIZE
    network: VAR_NETWORK
    minion: {master: 192.0.2.1, grains: {role: VAR_ROLE}}
actions: [start, stop, reboot]
"""


class Refused(Exception):
    """An error that the program answers."""

    def __init__(self, error):
        super().__init__(json.dumps(error, indent=1))
        self.message = error["message"]
        self.kind = error["data"]["kind"]
        self.field = error["data"].get("field")
        self.left_behind = error["data"].get("left_behind", [])


@unittest.skipUnless((SALT_BIN / "salt-cloud").exists(), "VA_SALT_BIN names no directory with salt-cloud")
class BaseCase(unittest.TestCase):
    """A fresh master and cloud for each test."""

    maxDiff = None
    driver = "testcloud"
    manifest = MANIFEST

    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="vs.", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        self.master = Master(self.top / "master")
        self.master.configure(cloud_dirs=[str(CLOUDS)], minion={})
        self.folder = self.top / "cloud"
        self.temporary = self.top / "tmp"
        drivers = self.top / "drivers.d"
        for folder in self.folder, self.temporary, drivers:
            folder.mkdir()
        (drivers / f"{self.driver}.yaml").write_text(self.manifest)
        self.env = {
            **os.environ,
            "PATH": f"{SALT_BIN}:{os.environ['PATH']}",
            "SALT_CONFIG_DIR": str(self.master.etc),
            "VA_DRIVER_DRIVERS": str(drivers),
            "VA_DRIVER_STATE_DIR": str(self.master.state),
            "VA_DRIVER_TEMPLATES": str(self.top / "templates"),
            "TMPDIR": str(self.temporary),
        }
        self.provider = {
            "driver_name": self.driver,
            "provider_name": "far",
            "folder": str(self.folder),
            "token": "hunter2-token",
            "defaults": {"image": "debian", "size": "small"},
        }

    def tearDown(self):
        # no configuration directory of a call stays, and the token is in none of Salt's own files
        self.assertEqual(os.listdir(self.temporary), [])
        for file in self.master.etc.rglob("*.conf"):
            self.assertNotIn("hunter2-token", file.read_text(), file)

    def start(self, method, **params):
        """Begins a call."""
        process = subprocess.Popen(
            [DRIVER, "rpc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.env
        )
        process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n")
        process.stdin.flush()
        return process

    def end(self, process):
        """What a call answers."""
        stdout, stderr = process.communicate(timeout=300)
        self.assertNotIn("hunter2-token", stderr)
        for line in stdout.splitlines():
            answer = json.loads(line)
            if answer.get("id") == 1:
                if "error" in answer:
                    self.assertNotIn("hunter2-token", line)
                    raise Refused(answer["error"])
                return answer["result"]
        raise AssertionError(f"no answer: {stdout}{stderr}")

    def call(self, method, **params):
        """Calls a method."""
        return self.end(self.start(method, **params))

    def refused(self, method, **params):
        """The error of a call."""
        with self.assertRaises(Refused) as caught:
            self.call(method, **params)
        return caught.exception

    def create(self, name, **more):
        """Creates a server; ``options`` beside it."""
        options = more.pop("options", {})
        return self.call("server.create", provider=self.provider, server={"server_name": name, **more}, **options)

    def creation_refused(self, name, **more):
        """The error of a creation."""
        with self.assertRaises(Refused) as caught:
            self.create(name, **more)
        return caught.exception

    def stored(self, name):
        """What the cloud was given for a server."""
        return json.loads((self.folder / f"{name}.server").read_text())["vm"]

    def servers(self):
        """The names of the cloud's servers."""
        return sorted(file.stem for file in self.folder.glob("*.server"))

    def nothing_is_left(self):
        """No server, no key, no note, no journal."""
        self.assertEqual((self.servers(), self.master.keys()), ([], []))
        self.assertEqual([str(file) for file in self.master.state.glob("*/*.json*")], [])

    def await_(self, what):
        """Waits for something to be so."""
        end = time.monotonic() + 120
        while not what():
            self.assertLess(time.monotonic(), end, "it never came")
            time.sleep(0.05)
