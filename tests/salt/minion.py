"""A minion that has nothing but what a server's seed gives it."""

import json
import os
import re
import signal
import subprocess

from master import SALT_BIN

_PRIVATE = re.compile(r"-----BEGIN (?:RSA )?PRIVATE KEY-----.*?-----END (?:RSA )?PRIVATE KEY-----", re.DOTALL)


class Minion:
    """A salt-minion of the id ``id_`` below the directory ``top``; ``seed`` is the content of the server's seed."""

    def __init__(self, top, id_, seed, ret_port):
        self.etc = top / "etc"
        self.pki = top / "pki"
        self.pki.mkdir(parents=True)
        self.etc.mkdir()
        private = _PRIVATE.search(seed.decode("latin-1")).group(0).replace("\\n", "\n") + "\n"
        (self.pki / "minion.pem").write_text(private)
        (self.pki / "minion.pem").chmod(0o400)
        with open(self.pki / "minion.pub", "wb") as public:
            command = ["openssl", "rsa", "-in", str(self.pki / "minion.pem"), "-pubout"]
            subprocess.run(command, stdout=public, stderr=subprocess.DEVNULL, check=True)
        conf = {
            "id": id_,
            "root_dir": str(top),
            "pki_dir": str(self.pki),
            "sock_dir": str(top / "sock"),
            "cachedir": str(top / "cache"),
            "log_file": str(top / "log"),
            "user": "root" if os.geteuid() == 0 else None,
            "master": "127.0.0.1",
            "master_port": ret_port,
            "ipv6": False,
            "grains_cache": False,
            "acceptance_wait_time": 1,
        }
        (self.etc / "minion").write_text(json.dumps({name: value for name, value in conf.items() if value is not None}))
        self.process = None

    def call(self, function):
        """What salt-call comes to; it authenticates at the master first."""
        command = [str(SALT_BIN / "salt-call"), "-c", str(self.etc), "--out=json", function]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.run(command, **pipes, text=True, timeout=120, check=False)

    def start(self):
        """Starts it; it tells the master that it has started."""
        command = [str(SALT_BIN / "salt-minion"), "-c", str(self.etc)]
        with open(self.etc.parent / "minion.log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def stop(self):
        """Ends it and its processes."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
