"""A small client, for seeding and checking a bed: no library of OpenStack's, so that it sees what any client sees."""

import json
import time
import urllib.error
import urllib.request

from .bed import REGION

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, what, status, body):
        super().__init__(f"{what}: {status} {body[:600]}")
        self.status = status
        self.body = body


def send(method, url, headers=None, body=None):
    """Answers headers and text."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    try:
        with OPENER.open(request, timeout=120) as answer:
            return answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        raise Refused(f"{method} {url}", error.code, error.read().decode(errors="replace")) from None


class Cloud:
    """One user's way into one project."""

    def __init__(self, auth_url, user, password, project, domain="Default", region=REGION):
        self.auth_url = auth_url
        user = {"name": user, "password": password, "domain": {"name": domain}}
        self.log_in(
            {
                "identity": {"methods": ["password"], "password": {"user": user}},
                "scope": {"project": {"name": project, "domain": {"name": domain}}},
            },
            region,
        )

    def log_in(self, auth, region=REGION):
        body = json.dumps({"auth": auth}).encode()
        headers, text = send("POST", f"{self.auth_url}/auth/tokens", {"Content-Type": "application/json"}, body)
        self.token = headers["X-Subject-Token"]
        described = json.loads(text)["token"]
        self.project = described["project"]["id"]
        self.user = described["user"]["id"]
        self.endpoints = {
            service["type"]: endpoint["url"]
            for service in described["catalog"]
            for endpoint in service["endpoints"]
            if endpoint["interface"] == "public" and endpoint["region"] == region
        }

    def call(self, method, kind, path, body=None, version=None):
        """Sends JSON (or bytes, as they are) to the service of this type; answers what its JSON says."""
        headers = {"X-Auth-Token": self.token, "Content-Type": "application/json"}
        if version:
            headers["OpenStack-API-Version"] = f"{kind} {version}"
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/octet-stream"
        elif body is not None:
            body = json.dumps(body).encode()
        url = path if path.startswith("http") else self.endpoints[kind] + path
        _, text = send(method, url, headers, body)
        return json.loads(text) if text else None

    def get(self, kind, path, version=None):
        return self.call("GET", kind, path, version=version)

    def post(self, kind, path, body, version=None):
        return self.call("POST", kind, path, body, version)

    def put(self, kind, path, body):
        return self.call("PUT", kind, path, body)

    def delete(self, kind, path):
        return self.call("DELETE", kind, path)

    def pages(self, kind, path, key):
        """What each page of a listing holds."""
        pages = []
        while path:
            answer = self.get(kind, path)
            pages.append(answer[key])
            following = [link["href"] for link in answer.get(f"{key}_links", []) if link["rel"] == "next"]
            path = following[0] if following else answer.get("next")
        return pages

    def all(self, kind, path, key):
        return [entry for page in self.pages(kind, path, key) for entry in page]


def wait(what, seconds, condition):
    """Asks until the answer is neither None nor False, and answers it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (found := condition()) not in (None, False):
            return found
        time.sleep(0.05)
    raise SystemExit(f"{what}: not within {seconds} s")
