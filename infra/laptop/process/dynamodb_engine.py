"""Which program answers for DynamoDB on this machine, and what of its data outlives it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from infra.laptop.errors import SetupError
from infra.laptop.process import dynoxide

SETTING = "AWS_ENDPOINT_URL_DYNAMODB"
DATABASE = "dynamodb.db"


@dataclass(frozen=True, slots=True)
class ExternalEngine:
    """Somebody else's engine, whose address the user has set."""

    endpoint: str

    @property
    def name(self) -> str:
        """The engine's name, for people."""
        return f"{SETTING} (what survives, it knows)"


@dataclass(frozen=True, slots=True)
class DynoxideEngine:
    """The engine dynoxide, on a SQLite file."""

    executable: Path
    database: Path

    @property
    def name(self) -> str:
        """The engine's name, for people."""
        return f"dynoxide {dynoxide.VERSION}"


@dataclass(frozen=True, slots=True)
class MotoEngine:
    """moto as the engine, because of `reason`."""

    reason: str

    @property
    def name(self) -> str:
        """The engine's name, for people."""
        return f"moto, because {self.reason}"


Engine = ExternalEngine | DynoxideEngine | MotoEngine


def choose(env: Mapping[str, str], home: Path, programs: Path = dynoxide.HOME, npm: str | None = None) -> Engine:
    """Choose the user's engine, else dynoxide if it can be fetched (once, into `programs`), else moto.

    Data lie in `home`.

    Raises:
        SetupError: the user's address is no URL, or npm gave another program than the recorded one.
    """
    if given := env.get(SETTING):
        return ExternalEngine(_checked(given))
    executable = dynoxide.binary(programs, npm)
    if isinstance(executable, dynoxide.EngineMissing):
        return MotoEngine(executable.reason)
    return DynoxideEngine(executable, home / DATABASE)


@contextmanager
def serve(engine: Engine, port: int, services: str, logs: Path) -> Iterator[str]:
    """Run the engine; its endpoint while the block runs. `services` is moto's; `port` is for an engine of our own.

    Raises:
        SetupError: it did not start; carries what it said.
    """
    match engine:
        case ExternalEngine(endpoint):
            yield endpoint
        case MotoEngine():
            yield services
        case DynoxideEngine(executable, database):
            with dynoxide.serve(executable, database, port, logs / "dynamodb.log") as endpoint:
                yield endpoint


def _checked(endpoint: str) -> str:
    try:
        parts = urlsplit(endpoint)
        complete = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        complete = False
    if not complete:
        raise SetupError(f"{SETTING} is {endpoint!r}; expected something like http://127.0.0.1:8001")
    return endpoint.rstrip("/")
