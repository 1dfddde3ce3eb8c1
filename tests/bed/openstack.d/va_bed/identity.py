"""Users, projects and the catalog, by Keystone's own REST interface, without a socket."""

import base64
import json
import sys

from . import openid
from .bed import HOST, OTHER_REGION, REGION

SERVICE_USERS = ("nova", "glance", "neutron", "placement", "cinder")
# name, type, port of, path. What the other region lacks is said below.
CATALOG = (
    ("nova", "compute", "nova", "/v2.1"),
    ("glance", "image", "glance", ""),
    ("neutron", "network", "neutron", ""),
    ("placement", "placement", "placement", ""),
    ("cinderv3", "volumev3", "cinder", "/v3/%(project_id)s"),
)
NOT_IN_OTHER_REGION = ("volumev3", "network")
# A second domain has a project and a user whose names the first one has as well.
OTHER_DOMAIN = "elsewhere"
# Its password alone is not enough.
CAREFUL = "careful"


def application(bed):
    """Keystone as a WSGI application."""
    import os

    os.environ["OS_KEYSTONE_CONFIG_FILES"] = str(bed.config("keystone"))
    os.environ["OS_KEYSTONE_CONFIG_DIR"] = str(bed.path)
    sys.argv = ["keystone"]
    from keystone.server.wsgi import initialize_public_application

    return openid.before(initialize_public_application(), bed)


class Identity:
    """Keystone's interface as the administrator sees it."""

    def __init__(self, bed):
        import werkzeug.test

        self.client = werkzeug.test.Client(application(bed))
        self.headers = {}
        self.password = bed.password
        user = {"name": "admin", "password": bed.password, "domain": {"id": "default"}}
        scope = {"project": {"name": "admin", "domain": {"id": "default"}}}
        auth = {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}
        answer = self.send("POST", "/auth/tokens", auth=auth)
        self.headers = {"X-Auth-Token": answer.headers["X-Subject-Token"]}
        self.user_id = json.loads(answer.text)["token"]["user"]["id"]
        self.roles = {role["name"]: role["id"] for role in json.loads(self.send("GET", "/roles").text)["roles"]}

    def send(self, method, path, **body):
        answer = self.client.open(f"/v3{path}", method=method, json=body or None, headers=self.headers)
        if answer.status_code >= 300:
            sys.exit(f"{method} {path}: {answer.status} {answer.text}")
        return answer

    def create(self, kind, **values):
        """Answers the new thing's id."""
        path = {"domain": "/domains", "project": "/projects", "user": "/users", "role": "/roles"}.get(kind, f"/{kind}s")
        return json.loads(self.send("POST", path, **{kind: values}).text)[kind]["id"]

    def project(self, name, domain="default"):
        return self.create("project", name=name, domain_id=domain)

    def user(self, name, domain="default"):
        return self.create("user", name=name, domain_id=domain, password=self.password)

    def grant(self, user, project, *roles):
        for role in roles:
            if role not in self.roles:
                self.roles[role] = self.create("role", name=role)
            self.send("PUT", f"/projects/{project}/users/{user}/roles/{self.roles[role]}")


def fill(bed):
    """Puts everything into an empty Keystone."""
    identity = Identity(bed)
    service = identity.project("service")
    for name in SERVICE_USERS:
        identity.grant(identity.user(name), service, "admin", "service")
    demo, other = identity.user("demo"), identity.user("other")
    identity.grant(demo, identity.project("demo"), "member", "reader")
    identity.grant(demo, identity.project("small"), "member", "reader")
    identity.grant(other, identity.project("other"), "member", "reader")
    careful = identity.user(CAREFUL)
    identity.grant(careful, identity.project("careful"), "member", "reader")
    for user in (demo, careful):
        secret = {"type": "totp", "blob": one_time_secret(bed), "user_id": user}
        identity.create("credential", **secret)
    options = {"multi_factor_auth_enabled": True, "multi_factor_auth_rules": [["password", "totp"]]}
    identity.send("PATCH", f"/users/{careful}", user={"options": options})
    identity.send("PUT", f"/domains/default/users/{identity.user_id}/roles/{identity.roles['admin']}")
    domain = identity.create("domain", name=OTHER_DOMAIN)
    identity.grant(identity.user("demo", domain), identity.project("demo", domain), "member", "reader")

    identity.create("region", id=OTHER_REGION)
    for name, kind, service, path in CATALOG:
        entry = identity.create("service", name=name, type=kind)
        regions = [REGION] if kind in NOT_IN_OTHER_REGION else [REGION, OTHER_REGION]
        for region in regions:
            for interface in ("public", "internal", "admin"):
                url = bed.url(service, path)
                if (kind, interface) == ("compute", "internal"):
                    url = url.replace(HOST, "localhost")  # so that one sees which is used
                identity.create("endpoint", service_id=entry, interface=interface, url=url, region_id=region)
    federate(identity)


def one_time_secret(bed):
    """What the one-time passwords of demo and of the careful one come from."""
    return base64.b32encode(bed.password.encode()).decode().rstrip("=")


def federate(identity):
    """Whom the provider of identities calls demo is demo."""
    base = "/OS-FEDERATION"
    identity.send("PUT", f"{base}/identity_providers/{openid.PROVIDER}", identity_provider={"enabled": True})
    local = {"user": {"name": "{0}", "type": "local", "domain": {"id": "default"}}}
    rules = [{"local": [local], "remote": [{"type": f"{openid.CLAIM}sub"}]}]
    identity.send("PUT", f"{base}/mappings/names", mapping={"rules": rules})
    path = f"{base}/identity_providers/{openid.PROVIDER}/protocols/{openid.PROTOCOL}"
    identity.send("PUT", path, protocol={"mapping_id": "names"})
