"""A minion that has nothing but what a server's seed gives it."""

import json
import os
import pathlib
import signal
import subprocess

from master import SALT_BIN

_BEGIN = '#cloud-config\n{"salt_minion"'


def cloud_config(seed):
    """What cloud-init reads of a minion in the content of a seed."""
    text = seed.decode("latin-1")
    at = text.index(_BEGIN) + _BEGIN.index("{")
    return json.JSONDecoder().raw_decode(text, at)[0]


class Minion:
    """
    A salt-minion of the id ``id_`` below the directory ``top``, set up as cloud-init does it by ``seed``, the content
    of a server's; but for ``settings``, which are where this machine is not the guest.
    """

    def __init__(self, top, id_, seed, **settings):
        self.etc = top / "etc"
        self.pki = top / "pki"
        self.pki.mkdir(parents=True)
        self.etc.mkdir()
        config = cloud_config(seed)
        told = config["salt_minion"]
        for name, text in ("minion.pem", told["private_key"]), ("minion.pub", told["public_key"]):
            (self.pki / name).write_text(text)
        (self.pki / "minion.pem").chmod(0o400)
        for file in config.get("write_files", ()):
            (self.pki / pathlib.PurePath(file["path"]).relative_to(told["pki_dir"])).write_text(file["content"])
        conf = {
            **told["conf"],
            "root_dir": str(top),
            "pki_dir": str(self.pki),
            "sock_dir": str(top / "sock"),
            "cachedir": str(top / "cache"),
            "log_file": str(top / "log"),
            "user": "root" if os.geteuid() == 0 else None,
            "ipv6": False,
            "grains_cache": False,
            "acceptance_wait_time": 1,
            **settings,
        }
        if conf["id"] != id_:
            raise AssertionError(f"the seed is not that of {id_}")
        (self.etc / "minion").write_text(json.dumps({name: value for name, value in conf.items() if value is not None}))
        self.process = None

    def call(self, function):
        """What salt-call comes to; it authenticates at the master first."""
        command = [str(SALT_BIN / "salt-call"), "-c", str(self.etc), "--out=json", function]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.run(command, **pipes, text=True, timeout=120, check=False)

    def start(self, where=()):
        """Starts it; it tells the master that it has started. ``where`` is a command that runs others elsewhere."""
        command = [*where, str(SALT_BIN / "salt-minion"), "-c", str(self.etc)]
        with open(self.etc.parent / "minion.log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def stop(self):
        """Ends it and its processes."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
