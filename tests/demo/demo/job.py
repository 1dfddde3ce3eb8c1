"""The main job: a host is described, a server is created, boots, and is deleted."""

from dataclasses import dataclass
from pathlib import Path

from . import console
from .bed import Bed
from .failure import Failure, expect
from .screen import Screen
from .session import Json, Session

SERVER = "web-1"
ROLE = "web"
# Emulated on a busy machine, the guest takes half a minute.
BOOT_SECONDS = 300
# Size in libvirt's units: KiB of memory, GiB of disk.
FLAVOURS = {"tiny": {"num_cpus": 1, "memory": 262144, "vol_capacity": 1}}


@dataclass
class Outcome:
    """What the summary tells of the server."""

    name: str
    minion: str
    fingerprint: str
    volumes: list[str]


class Job:
    """The parts of the job, to be called in their order."""

    def __init__(self, session: Session, screen: Screen, bed: Bed) -> None:
        self._session = session
        self._screen = screen
        self._bed = bed
        self._console = bed.directory_for_guests("console")
        self._master = bed.directory / "master"
        self._provider: Json = {}
        self._server: Json = {}
        self._before: list[str] = []

    def look_around(self) -> None:
        """Which drivers there are, and what the form asks."""
        drivers = self._call("driver.list")["drivers"]
        expect("libvirt" in [driver["id"] for driver in drivers], "there is no libvirt driver")
        for step in self._call("driver.steps", driver_id="libvirt")["steps"]:
            self._screen.say(f"step {step['name']}: {', '.join(field['id'] for field in step['fields'])}")

    def bring_image(self, image: Path) -> str:
        """Uploads the guest's image; answers its name."""
        provider = {"driver_name": "libvirt", "provider_name": "demo", "uri": self._bed.uri}
        result = self._call("image.import", provider=provider, image={"source": str(image)}, progress=True)
        expect(result["imported"], "the image was not imported")
        name: str = result["image"]["name"]
        expect(self._bed.volumes() == [name], f"the pool holds {self._bed.volumes()}, not just {name}")
        self._before = self._bed.volumes()
        return name

    def describe_host(self, image: str) -> None:
        """Fills in the form as a person would, taking what each step offers, to the finished provider."""
        values: Json = {
            "provider_name": "demo",
            "uri": self._bed.uri,
            "virt_type": "qemu",  # needs no KVM
            "graphics": "none",
            "console_log": str(self._console),
            "flavours": FLAVOURS,
        }
        chosen = {"network": "user", "image": image, "size": "tiny"}
        index = -1
        while True:
            result = self._call("driver.validate", driver_id="libvirt", step_index=index, field_values=values)
            expect(not result["errors"], f"the form is refused: {result['errors']}")
            for field, choices in result["option_choices"].items():
                if field in chosen:
                    offered = [choice["const"] if isinstance(choice, dict) else choice for choice in choices]
                    expect(chosen[field] in offered, f"{field} {chosen[field]} is not among {offered}")
                    values[field] = chosen[field]
            if "provider" in result:
                break
            expect(result["new_step_index"] == index + 1, f"after step {index} comes {result['new_step_index']}")
            index = result["new_step_index"]
        self._provider = result["provider"]
        self._screen.say("as Salt's cloud.providers.d has it:")
        for line in result["provider_conf"].splitlines():
            self._screen.say(f"  {line}")

    def make_master(self, keysize: int) -> None:
        """Makes what stands for the Salt master, a pki directory, and says what server is wanted."""
        (self._master / "minions").mkdir(mode=0o700, parents=True)
        key = self._call("key.generate", bits=2048, output_dir=str(self._master), id="master")
        self._server = {
            "server_name": SERVER,
            "role": ROLE,
            "minion": {
                "master": "192.0.2.1",  # RFC 5737: nobody's, as no minion runs in this guest
                "master_finger": key["fingerprint"],
                "pki_dir": str(self._master),
                "keysize": keysize,
            },
        }

    def plan(self) -> None:
        """Asks what would be done, and sees that nothing was."""
        result = self._call("server.plan", provider=self._provider, server=self._server)
        expect(result["create"], "the plan creates nothing")
        for step in result["steps"]:
            self._screen.say(f"would {step}")
        expect(not self._bed.servers() and self._bed.volumes() == self._before, "planning has made something")

    def create(self) -> Outcome:
        """Creates the server."""
        result = self._call("server.create", provider=self._provider, server=self._server, progress=True)
        expect(result["created"] and result["ready"], "the server was not created")
        minion = result["minion"]
        expect(minion["accepted"], "the minion's key was not accepted")
        accepted = self._call("key.fingerprint", path=str(self._key))
        expect(accepted["fingerprint"] == minion["fingerprint"], "another key was accepted")
        volumes = [name for name in self._bed.volumes() if name not in self._before]
        return Outcome(result["server"]["hostname"], minion["id"], minion["fingerprint"], volumes)

    def boot(self, outcome: Outcome) -> None:
        """Waits until the guest has read its config drive, and compares what it says with the answer."""
        log = self._console / f"{SERVER}.log"
        said = console.wait_for(log, "hostname", BOOT_SECONDS)
        self._screen.say("va-guest: " + " ".join(f"{name}={value}" for name, value in said.items()))
        wanted = {
            "hostname": outcome.name,
            "minion": outcome.minion,
            "fingerprint": outcome.fingerprint,
            "role": ROLE,
            "private_key": "present",
        }
        for name, value in wanted.items():
            expect(said.get(name) == value, f"the guest's {name} is {said.get(name)}, not {value}")
        self._screen.say(f"same as in the answer: {', '.join(wanted)}")

    def ask_again(self) -> None:
        """Lists the servers, and creates the one that stands."""
        servers = self._call("server.list", provider=self._provider)["servers"]
        found = [(server["hostname"], server["status"]) for server in servers]
        expect(found == [(SERVER, "ACTIVE")], f"the list has {found}")
        again = self._call("server.create", provider=self._provider, server=self._server)
        expect(not again["created"], "the same server was created twice")

    def act(self) -> None:
        """Takes the private key off the config drive, and shuts the guest down."""
        for action, state in (("seal", "ACTIVE"), ("stop", "SHUTOFF")):
            result = self._call(
                "server.action", provider=self._provider, server_name=SERVER, action=action, progress=True
            )
            status = result["server"]["status"]
            expect(result["changed"] and status == state, f"after {action} the server is {status}")

    def delete(self) -> None:
        """Deletes the server, and sees by other means than va-driver that nothing of it is left."""
        result = self._call("server.delete", provider=self._provider, server_name=SERVER, progress=True)
        expect(result["deleted"], "nothing was deleted")
        servers, volumes = self._bed.servers(), self._bed.volumes()
        self._screen.say(f"virsh list --all: {', '.join(servers) or 'nothing'}")
        self._screen.say(f"virsh vol-list:   {', '.join(volumes)}, as before the server")
        self._screen.say(f"accepted keys:    {', '.join(self._keys()) or 'none'}")
        left = servers + [name for name in volumes if name not in self._before] + self._keys()
        if left or volumes != self._before:
            raise Failure(f"after the deletion there are {left}, and the volumes {volumes}")

    @property
    def _key(self) -> Path:
        return self._master / "minions" / SERVER

    def _keys(self) -> list[str]:
        return sorted(path.name for path in self._key.parent.iterdir())

    def _call(self, method: str, **params: object) -> Json:
        self._screen.sent(method, params)
        result = self._session.call(method, **params)
        self._screen.received(result)
        return result
