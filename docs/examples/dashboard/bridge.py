#!/usr/bin/env python3
"""A dashboard's bridge to va-driver: serves the page on loopback, and hands its requests to `va-driver rpc`.

  bridge.py [--port PORT] [--page DIR]     VA_DRIVER names the executable

POST /rpc takes one JSON-RPC request. The answer is what `va-driver rpc` writes, line by line as it comes: progress
first, then the answer. Whoever has the key in the printed address may do all that va-driver may: keep it to yourself.
"""

import argparse
import hmac
import http.server
import os
import pathlib
import secrets
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
FILES = {"/": ("index.html", "text/html"), "/page.js": ("page.js", "text/javascript"), "/page.css": ("page.css", "text/css")}
LONGEST = 8 << 20  # what va-driver takes in one line


class Bridge(http.server.BaseHTTPRequestHandler):
    """Three files, and one method."""

    def do_GET(self):
        """The page. It holds nothing secret, so that no key is needed for it."""
        name, kind = FILES.get(self.path.partition("?")[0], (None, None))
        found = [place / name for place in (self.server.page, HERE) if name and (place / name).is_file()]
        if not found:
            return self.send_error(404)
        text = found[0].read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        return self.wfile.write(text)

    def do_POST(self):
        """One request, handed on."""
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/rpc" or not 0 < length <= LONGEST:
            return self.send_error(400)
        # other users of this machine and pages of other sites reach this port, too
        if not hmac.compare_digest(self.headers.get("X-Key", "").encode(), self.server.key.encode()):
            return self.send_error(403)
        request = self.rfile.read(length).replace(b"\n", b" ") + b"\n"
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.end_headers()  # HTTP/1.0: the answer ends with the connection
        command = [os.environ.get("VA_DRIVER", "va-driver"), "rpc"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as driver:
            driver.stdin.write(request)
            driver.stdin.close()
            try:
                for line in driver.stdout:
                    self.wfile.write(line)
            except OSError:
                driver.terminate()  # nobody waits any more: what runs is undone
        return None

    def log_message(self, *_):
        """The page shows what fails."""


def main():
    """Serves until it is ended."""
    parser = argparse.ArgumentParser(description="a page for va-driver, on loopback")
    parser.add_argument("--port", type=int, default=0, help="a free one unless said")
    parser.add_argument("--page", type=pathlib.Path, default=HERE / "built", help="where page.js and page.css were built")
    arguments = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", arguments.port), Bridge)
    server.page, server.key = arguments.page, secrets.token_urlsafe()
    print(f"http://127.0.0.1:{server.server_port}/#{server.key}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


main()
