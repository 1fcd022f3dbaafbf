"""Dynoxide, DynamoDB's API on SQLite: fetched as an npm package, held to a recorded digest, run on the loopback."""

import hashlib
import platform
import sqlite3
import sys
import tarfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.laptop.errors import SetupError
from infra.laptop.process import guarded_program, sqlite_file
from infra.laptop.process.npm import NpmError, pack
from infra.laptop.process.port import free
from infra.laptop.process.process import running_process

VERSION = "1.2.1"
# By platform, npm's sha512 of the package: what is not listed here is never run.
DIGESTS = {"linux-x64": "sBHqlxJ9ANkLluFkYRfd5r8Y0ApFew4FhOrlhgRAgD4XzEoFOukEo1nuBTQ1+jTtofqwn4NWQ2k0Tn5mNTjgUg=="}
CPUS = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
MEMBER = "package/dynoxide"  # the executable inside the package
STARTED = "listening on"  # its own word: a connection might reach somebody else on that port

HOME = Path(__file__).parents[3] / ".local" / "dynoxide"

EXPIRED = "DELETE FROM _stream_records WHERE created_at < CAST(strftime('%s', 'now', '-1 day') AS INTEGER)"
INDEX_S = 60.0  # to wait for whoever writes meanwhile
STREAM_INDEX = (
    "CREATE INDEX IF NOT EXISTS fraudshield_stream_sequence"
    " ON _stream_records (table_name, CAST(sequence_number AS INTEGER))"
)


@dataclass(frozen=True, slots=True)
class EngineMissing:
    """Why there is no engine on this machine, in one sentence for people."""

    reason: str


def binary(
    home: Path = HOME, npm: str | None = None, digests: Mapping[str, str] = DIGESTS, target: str | None = None
) -> Path | EngineMissing:
    """The executable, fetched into `home` where it is not there yet. Safe to call from several processes.

    `target` is npm's name of the platform, such as `linux-x64`; by default this machine's. `npm` is `pack`'s.

    Raises:
        SetupError: npm gave a package with another digest than the recorded one.
    """
    target = target or _target()
    wanted = home / VERSION / target / "dynoxide"
    if wanted.exists():
        return wanted
    if target not in digests:
        return EngineMissing(f"no dynoxide is recorded for {target}")
    with TemporaryDirectory() as folder:
        try:
            package = pack(f"@dynoxide/{target}@{VERSION}", Path(folder), npm)
        except NpmError as exc:
            return EngineMissing(f"{exc}, and dynoxide comes through it")
        return _unpack(package, digests[target], wanted)


@contextmanager
def serve(executable: Path, database: Path, port: int = 0, said: Path | None = None) -> Iterator[str]:
    """Run the engine; its endpoint while the block runs. The data are in the SQLite file `database`; port 0 is any.

    By itself it answers every web page, with CORS headers that let the page read along: it runs behind the guard.

    What it says goes to `said`, by default a file beside the database. It ends with us, even by kill -9.

    Raises:
        SetupError: it did not start; carries what it said.
    """
    port = port or free(0)
    database.parent.mkdir(parents=True, exist_ok=True)
    _vacuum_after_a_kill(database)
    guard = [sys.executable, "-m", guarded_program.__name__, str(port)]
    command: list[str | Path] = [*guard, executable, "--db-path", database]
    with running_process("dynoxide", command, said or database.with_name(f"{database.name}.log"), STARTED):
        _index_stream(database)
        yield f"http://127.0.0.1:{port}"
    tidy(database)


def tidy(database: Path) -> None:
    """Removes for good what was deleted, and what the stream has to forget. Others may write to the file meanwhile."""
    sqlite_file.vacuum(database, EXPIRED)


def _vacuum_after_a_kill(database: Path) -> None:
    """Where the engine ended by itself, SQLite's log is gone."""
    log = sqlite_file.log(database)
    if log.exists() and log.stat().st_size:
        tidy(database)


def _index_stream(database: Path) -> None:
    """Gives the engine's table of stream records the index that it lacks.

    For the sequence number of each write the engine looks for the highest one so far, and for each poll for those
    behind the last: without an index it reads all records (10,000 of them: 25 ms a write, and more with each).
    """
    with closing(sqlite3.connect(database, timeout=INDEX_S)) as connection:
        connection.execute(STREAM_INDEX)
        connection.commit()


def main() -> None:
    """Fetch it and say where it is, or why it is not there: never a failure, for much works without it."""
    found = binary()
    line = f"Not here: {found.reason}" if isinstance(found, EngineMissing) else str(found)
    sys.stdout.write(f"dynoxide {VERSION}: {line}\n")


def _target() -> str:
    machine = platform.machine().lower()
    return f"{platform.system().lower()}-{CPUS.get(machine, machine)}"


def _unpack(package: Path, digest: str, wanted: Path) -> Path:
    found = b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if found != digest:
        raise SetupError(f"{package.name} is not the recorded one: sha512 {found}, expected {digest}")
    wanted.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=wanted.parent) as folder, tarfile.open(package) as archive:
        member = archive.extractfile(MEMBER)
        if member is None:
            raise SetupError(f"{package.name} holds no {MEMBER}")
        part = Path(folder) / wanted.name
        part.write_bytes(member.read())
        part.chmod(0o755)
        part.replace(wanted)  # at once, so that nobody finds half a file
    return wanted


if __name__ == "__main__":
    main()
