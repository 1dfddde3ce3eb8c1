"""A proxy before each service of an OpenStack, which notes how long every request takes."""

import http.client
import http.server
import re
import threading
import time

HOST = "127.0.0.1"
# What concerns one connection only, or is said anew as the body may have become longer.
NOT_PASSED_ON = {"connection", "content-length", "keep-alive", "transfer-encoding", "date", "server", "accept-encoding"}


class Proxies:
    """One for each port. What the services answer names the proxies instead of the services."""

    def __init__(self, ports):
        self.seen = []
        self.servers = [self.server(port) for port in ports]
        self.places = {port: server.server_port for port, server in zip(ports, self.servers)}

    def server(self, port):
        proxies = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self):
                if not hasattr(self, "service"):
                    self.service = http.client.HTTPConnection(HOST, port)
                super().handle_one_request()

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
                began = time.perf_counter()
                self.service.request(self.command, self.path, body, headers)
                answer = self.service.getresponse()
                text = answer.read()
                proxies.seen.append((f"{self.command} {self.path}", time.perf_counter() - began))
                text = proxies.rewritten(text.decode()).encode()
                self.send_response_only(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in NOT_PASSED_ON:
                        self.send_header(name, proxies.rewritten(value))
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_HEAD = pass_on

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer((HOST, 0), Handler)
        server.daemon_threads = True
        return server

    def rewritten(self, text):
        """With the proxies' ports for the services'."""
        return re.sub(
            rf"(?<={re.escape(HOST)}:)\d+", lambda found: str(self.places.get(int(found[0]), found[0])), text
        )

    def forget(self):
        self.seen.clear()

    def __enter__(self):
        for server in self.servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.shutdown()
            server.server_close()
