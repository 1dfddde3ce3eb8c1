"""What a bed is: a directory, ports, a password. DIR/bed.json remembers it for all processes of the bed."""

import dataclasses
import json
import os
import pathlib

HOST = "127.0.0.1"
# In the order in which they are waited for.
SERVICES = ("keystone", "placement", "glance", "neutron", "nova", "cinder")
REGION = "RegionOne"
OTHER_REGION = "RegionTwo"


@dataclasses.dataclass
class Bed:
    """One OpenStack."""

    path: pathlib.Path
    ports: dict
    password: str
    # How long tokens are good for, and how long a service believes that one it saw still is (-1: asks each time).
    token_expiration: int = 3600
    token_cache: int = 300

    def url(self, service, path=""):
        return f"http://{HOST}:{self.ports[service]}{path}"

    @property
    def auth_url(self):
        return self.url("keystone", "/v3")

    def config(self, service):
        """The service's configuration file."""
        return self.path / f"{self.program(service)}.conf"

    def pipeline(self, service):
        """The file that says what a request passes in the service."""
        return self.path / f"{self.program(service)}-paste.ini"

    @staticmethod
    def program(service):
        # Glance insists on this name.
        return "glance-api" if service == "glance" else service

    def database(self, name):
        return self.path / f"{name}.db"

    def save(self):
        values = {**dataclasses.asdict(self), "path": str(self.path)}
        with open(self.path / "bed.json", "w", opener=private) as file:
            json.dump(values, file)

    @classmethod
    def load(cls, path):
        values = json.loads((pathlib.Path(path) / "bed.json").read_text())
        return cls(**{**values, "path": pathlib.Path(values["path"])})


def private(path, flags):
    """An opener: the file is for its owner alone."""
    return os.open(path, flags, 0o600)
