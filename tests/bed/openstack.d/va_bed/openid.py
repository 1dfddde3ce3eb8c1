"""A small OpenID Connect provider, and what a web server does with its tokens on their way to Keystone.

Both stand before Keystone in its own process. A client's id is a user's name, and its secret the bed's password; the
client "public" has none, and asks for users only.
"""

import base64
import hmac
import json
import urllib.parse

PROVIDER = "people"
PROTOCOL = "openid"
DISCOVERY = "/openid/.well-known/openid-configuration"
TOKENS = "/openid/token"
# How the claims are called that Keystone's mappings see.
CLAIM = "OIDC-"


def signed(bed, name):
    """An access token of the user `name`."""
    return f"{name}." + hmac.new(bed.password.encode(), name.encode(), "sha256").hexdigest()


def before(keystone, bed):
    """Keystone as a WSGI application, with all that before it."""

    def issued(environ):
        """An access token for who asks, or none."""
        scheme, _, pair = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        client, _, secret = base64.b64decode(pair).decode().partition(":") if scheme == "Basic" else ("", "", "")
        said = dict(urllib.parse.parse_qsl(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()))
        by_password = said.get("grant_type") == "password"
        name = said.get("username") if by_password else client
        is_public = not scheme and by_password and said.get("client_id") == "public"
        right = is_public or secret == bed.password
        right = right and (not by_password or said.get("password") == bed.password)
        known = by_password or said.get("grant_type") == "client_credentials"
        if not (name and right and known and "openid" in said.get("scope", "").split()):
            return None
        return {"access_token": signed(bed, name), "id_token": signed(bed, name), "token_type": "Bearer"}

    def application(environ, start):
        path = environ.get("PATH_INFO", "")

        def answer(status, value):
            start(status, [("Content-Type", "application/json")])
            return [json.dumps(value).encode()]

        if path == DISCOVERY:
            return answer("200 OK", {"issuer": bed.url("keystone"), "token_endpoint": bed.url("keystone", TOKENS)})
        if path == TOKENS:
            tokens = issued(environ)
            return answer("200 OK", tokens) if tokens else answer("401 Unauthorized", {"error": "invalid_client"})
        if "/protocols/" in path and path.endswith("/auth"):
            name = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ").partition(".")[0]
            if environ.get("HTTP_AUTHORIZATION") != f"Bearer {signed(bed, name)}":
                return answer("401 Unauthorized", {"error": "invalid_token"})
            environ[f"{CLAIM}sub"] = name
        return keystone(environ, start)

    return application
