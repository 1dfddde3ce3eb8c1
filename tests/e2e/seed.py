"""What a server's seed gives away."""

import re
import time

_KEY = re.compile(rb"PRIVATE KEY-----\\n([A-Za-z0-9+/]{64})\\n")


class Seed:
    """The seed of the server ``name``, which ``creation`` makes in the pool of ``host``."""

    def __init__(self, host, name, creation):
        self.path = _await(lambda: _find(host, name), creation)
        # a line of the private key, which is nowhere else in the seed
        self.secret = _await(lambda: _KEY.search(self.content()), creation)[1]

    def content(self):
        """All bytes of the volume."""
        return self.path.read_bytes()


def _find(host, name):
    found = [one for one in host.volumes() if one.startswith(f"{name}.") and one.endswith(".iso")]
    return host.pool / found[0] if found else None


def _await(look, creation):
    """What ``look`` finds, as soon as it finds something."""
    end = time.monotonic() + 300
    while True:
        running = creation.returncode is None
        found = look()
        if found:
            return found
        if not running or time.monotonic() > end:
            creation.stop()
            raise AssertionError("\n".join(["there never was a seed with a private key", *creation.wait(1)]))
        time.sleep(0.05)
