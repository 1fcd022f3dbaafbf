"""The folder in which a laptop cloud keeps its state, and the cloud that runs there now."""

import fcntl
import json
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from infra.laptop.errors import SetupError
from infra.laptop.sdk import Sdk


@dataclass(frozen=True, slots=True)
class CloudAddress:
    """A running cloud: its process, its gateway's URL, how an SDK reaches it, where its mails and its page are.

    `environments` is what the template tells each function.
    """

    pid: int
    gateway: str
    sdk: Sdk
    outbox: str = ""
    page: str = ""
    environments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StateDirectory:
    """A folder for one cloud at a time: a lock says whether one runs, and the system drops it with the process."""

    home: Path

    @property
    def logs(self) -> Path:
        """What functions and programs say, a file each."""
        return self.home / "logs"

    @property
    def keys(self) -> Path:
        """API keys that were made here."""
        return self.home / "keys.json"

    @property
    def secrets(self) -> Path:
        """Secrets that were made here."""
        return self.home / "secrets.json"

    @property
    def files(self) -> Path:
        """The objects of the buckets."""
        return self.home / "files"

    @property
    def queues(self) -> Path:
        """The messages of the queues."""
        return self.home / "queues"

    @property
    def executions(self) -> Path:
        """The executions of state machines that run."""
        return self.home / "executions.json"

    @property
    def alarms(self) -> Path:
        """The alarms that are on."""
        return self.home / "alarms.json"

    @property
    def checkpoints(self) -> Path:
        """How far each table's stream has been read."""
        return self.home / "streams.json"

    @contextmanager
    def held(self, name: str, stop_advice: str) -> Iterator[None]:
        """Hold the folder while the block runs. `name` is what runs here, for people.

        Raises:
            SetupError: another process holds it; says which one, and `stop_advice`.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        if not self.home.stat().st_mode & stat.S_ISVTX:  # /tmp itself is not ours to close
            self.home.chmod(0o700)  # payments, keys and mails lie there, whatever the user's umask says
        with self._lock.open("a") as lock:
            if not _locked(lock):
                other = self.running()
                who = f"process {other.pid} at {other.gateway}" if other else "a process that is still starting"
                raise SetupError(f"{name} runs already: {who}. {stop_advice}")
            self._address.unlink(missing_ok=True)  # of one that was killed
            try:
                yield
            finally:
                self._address.unlink(missing_ok=True)

    def publish(self, address: CloudAddress) -> None:
        """Tell other processes where this one answers. Only while it holds the folder."""
        beside = self._address.with_suffix(".new")
        beside.write_text(json.dumps(asdict(address), indent=2), "utf-8")
        beside.replace(self._address)

    def running(self) -> CloudAddress | None:
        """The cloud that runs here now; None also for one that has not finished starting."""
        if not self._lock.exists():
            return None
        with self._lock.open("a") as lock:
            if _locked(lock):
                return None
        try:
            told = json.loads(self._address.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        sdk = Sdk(**told["sdk"])
        environments = told.get("environments", {})
        return CloudAddress(
            told["pid"], told["gateway"], sdk, told.get("outbox", ""), told.get("page", ""), environments
        )

    @property
    def _lock(self) -> Path:
        return self.home / "cloud.lock"

    @property
    def _address(self) -> Path:
        return self.home / "cloud.json"


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
