"""Dynoxide, DynamoDB's API on SQLite: fetched through npm, held to a recorded digest, run on the loopback."""

import hashlib
import platform
import shutil
import socket
import sqlite3
import subprocess
import sys
import tarfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.laptop.errors import SetupError
from infra.laptop.process.process import running_process

VERSION = "1.2.1"
# By platform, npm's sha512 of the package: what is not listed here is never run.
DIGESTS = {"linux-x64": "sBHqlxJ9ANkLluFkYRfd5r8Y0ApFew4FhOrlhgRAgD4XzEoFOukEo1nuBTQ1+jTtofqwn4NWQ2k0Tn5mNTjgUg=="}
CPUS = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
MEMBER = "package/dynoxide"  # the executable inside the package
STARTED = "listening on"  # its own word: a connection might reach somebody else on that port

HOME = Path(__file__).parents[3] / ".local" / "dynoxide"

FETCH_S = 60.0
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
    home: Path = HOME, npm: str = "npm", digests: Mapping[str, str] = DIGESTS, target: str | None = None
) -> Path | EngineMissing:
    """The executable, fetched into `home` where it is not there yet. Safe to call from several processes.

    `target` is npm's name of the platform, such as `linux-x64`; by default this machine's.

    Raises:
        SetupError: npm gave a package with another digest than the recorded one.
    """
    target = target or _target()
    wanted = home / VERSION / target / "dynoxide"
    if wanted.exists():
        return wanted
    if target not in digests:
        return EngineMissing(f"no dynoxide is recorded for {target}")
    if shutil.which(npm) is None:
        return EngineMissing(f"{npm} is not installed, and dynoxide comes through it")
    with TemporaryDirectory() as folder:
        package = _fetch(npm, f"@dynoxide/{target}@{VERSION}", Path(folder))
        return package if isinstance(package, EngineMissing) else _unpack(package, digests[target], wanted)


@contextmanager
def serve(executable: Path, database: Path, port: int = 0, said: Path | None = None) -> Iterator[str]:
    """Run the engine; its endpoint while the block runs. The data are in the SQLite file `database`; port 0 is any.

    What it says goes to `said`, by default a file beside the database. It ends with us, even by kill -9.

    Raises:
        SetupError: it did not start; carries what it said.
    """
    port = port or _free_port()
    database.parent.mkdir(parents=True, exist_ok=True)
    command: list[str | Path] = [executable, "--port", str(port), "--db-path", database]
    with running_process("dynoxide", command, said or database.with_name(f"{database.name}.log"), STARTED):
        _index_stream(database)
        yield f"http://127.0.0.1:{port}"


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


def _fetch(npm: str, package: str, folder: Path) -> Path | EngineMissing:
    command = [npm, "pack", "--silent", "--pack-destination", str(folder), package]
    try:
        done = subprocess.run(  # noqa: S603 a fixed command
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=FETCH_S, check=False
        )
    except subprocess.TimeoutExpired:
        return EngineMissing(f"npm did not give {package} within {FETCH_S:.0f} s")
    packed = sorted(folder.glob("*.tgz"))
    if done.returncode or not packed:
        return EngineMissing(f"npm could not give {package}, and ended with {done.returncode}")
    return packed[0]


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


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
