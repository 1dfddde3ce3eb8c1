"""An OpenStack of the tests' own, by the bed of this repository, and what the cloud itself says is in it."""

import atexit
import base64
import collections
import pathlib
import shutil
import subprocess
import sys
import tempfile

from master import ROOT

sys.path.append(str(ROOT / "tests" / "bed" / "openstack.d"))

from va_bed import rest  # noqa: E402  pylint: disable=wrong-import-position

BED = str(ROOT / "tests" / "bed" / "openstack")
# service, path, the listing's member, and what names one of them
_MADE = (
    ("compute", "/servers/detail", "servers", "name"),
    ("network", "/v2.0/floatingips", "floatingips", "description"),
    ("network", "/v2.0/ports", "ports", "name"),
    ("volumev3", "/volumes/detail", "volumes", "name"),
    ("compute", "/os-keypairs", "keypairs", "name"),
    ("image", "/v2/images", "images", "name"),
)

Thing = collections.namedtuple("Thing", "project service path kind name")


class OpenStack:
    """A bed in a directory; ``demo`` and ``small`` are its projects, ``admin`` sees more of a server."""

    def __init__(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="vo.", dir="/tmp"))
        atexit.register(self.stop)
        lines = subprocess.run(
            [BED, "start", str(self.top / "bed")], stdout=subprocess.PIPE, text=True, check=True
        ).stdout.splitlines()
        self.env = dict(line.split("=", 1) for line in lines)
        user, password = self["USERNAME"], self["PASSWORD"]
        self.demo = rest.Cloud(self["AUTH_URL"], user, password, self["PROJECT"])
        self.small = rest.Cloud(self["AUTH_URL"], user, password, self["PROJECT_SMALL"])
        self.admin = rest.Cloud(
            self["AUTH_URL"], self["ADMIN_USERNAME"], self["ADMIN_PASSWORD"], self["ADMIN_PROJECT"]
        )
        self._seeded = set(self._things())

    def __getitem__(self, name):
        return self.env[f"VA_OS_{name}"]

    def stop(self):
        """Ends the cloud."""
        subprocess.run([BED, "stop", str(self.top / "bed")], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(self.top, ignore_errors=True)

    def settings(self):
        """What a provider says of this cloud."""
        return {
            "identity_url": self["AUTH_URL"],
            "username": self["USERNAME"],
            "password": self["PASSWORD"],
            "tenant": self["PROJECT"],
            "region": self["REGION"],
            "defaults": {"network": "private", "sec_group": "web", "image": "tiny", "size": "m1.tiny"},
        }

    def servers(self):
        """The names of demo's servers."""
        return sorted(server["name"] for server in self.demo.all("compute", "/servers/detail", "servers"))

    def server(self, name):
        """All that the administrator sees of the server ``name``."""
        found = [one for one in self.demo.all("compute", "/servers", "servers") if one["name"] == name]
        if len(found) != 1:
            raise AssertionError(f"{name}: {found}")
        return self.admin.get("compute", f"/servers/{found[0]['id']}", version="2.47")["server"]

    def state(self, name):
        """A server's state in Nova's words."""
        return self.server(name)["status"]

    def user_data(self, name):
        """What the metadata service gives to the guest."""
        return base64.b64decode(self.server(name)["OS-EXT-SRV-ATTR:user_data"]).decode()

    def done(self, name, action):
        """How often the API was asked to do ``action`` to a server."""
        path = f"/servers/{self.server(name)['id']}/os-instance-actions"
        actions = self.demo.get("compute", path)["instanceActions"]
        return len([one for one in actions if one["action"] == action])

    def ports(self, name):
        """A server's ports."""
        return self.demo.all("network", f"/v2.0/ports?device_id={self.server(name)['id']}", "ports")

    def id(self, service, path, member, name):
        """The id of what is called ``name``."""
        (found,) = [one["id"] for one in self.demo.all(service, path, member) if one["name"] == name]
        return found

    def left(self):
        """What has come into both projects since the cloud was started: kind and name."""
        return [(thing.kind, thing.name) for thing in self._added()]

    def fill(self, image):
        """Gives data to an image that has none: the bed's hypervisor has no disk to take a picture of."""
        path = f"/v2/images/{image}"
        formats = b'[{"op": "add", "path": "/disk_format", "value": "raw"},'
        formats += b'{"op": "add", "path": "/container_format", "value": "bare"}]'
        kind = "application/openstack-images-v2.1-json-patch"
        headers = {"X-Auth-Token": self.demo.token, "Content-Type": kind}
        rest.send("PATCH", self.demo.endpoints["image"] + path, headers, formats)
        self.demo.put("image", f"{path}/file", b"a disk")

    def sweep(self):
        """Removes what a test has left; servers first, which hold the rest."""
        for thing in self._added():
            client = getattr(self, thing.project)
            rest.wait(f"end of {thing}", 120, lambda client=client, thing=thing: _gone(client, thing))

    def _added(self):
        """In the order in which it can be removed."""
        kinds = [member for _, _, member, _ in _MADE]
        return sorted(set(self._things()) - self._seeded, key=lambda thing: (kinds.index(thing.kind), thing.name))

    def _things(self):
        for project in "demo", "small":
            client = getattr(self, project)
            for service, path, kind, name in _MADE:
                # a user's, in whatever project; they have no ids
                if (kind, project) == ("keypairs", "small"):
                    continue
                for one in client.all(service, path, kind):
                    one = one.get("keypair", one)
                    id_ = one.get("id") or one["name"]
                    yield Thing(project, service, f"{path.replace('/detail', '')}/{id_}", kind, one[name])


def _gone(client, thing):
    try:
        client.delete(thing.service, thing.path)
    except rest.Refused as error:
        if error.status == 404:
            return True
        # such as a volume of a server that is being deleted
        if error.status not in (400, 409):
            raise
    return False


_cloud = []


def cloud():
    """The cloud, started when it is first asked for."""
    if not _cloud:
        _cloud.append(OpenStack())
    return _cloud[0]
