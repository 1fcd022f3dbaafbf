"""The Python that compiles the layers: this machine's where it is of Lambda's version, else one fetched through npm.

`python -m infra.compiler` prints a command that takes compileall's arguments; nothing, and why, where there is none.
The one that is fetched is Pyodide, CPython compiled to WebAssembly: one package for every platform that runs node.
"""

import hashlib
import shlex
import shutil
import subprocess
import sys
import tarfile
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from fraudshield.errors import ConfigurationError

MAGIC = "f30d0d0a"  # what the bytecode of Python 3.13, the template's Runtime, begins with
HOST = ("python3.13", "python3")

PYODIDE = "0.29.5"  # the last line that is Python 3.13
SHA512 = "TkYrUv9m8QmfImADKRmpwZulL48E0uUaBSO+dvRQKyAJc0qh9gu7jn8btyHPh3NZm1r2IH2YrJhIr7Q2B9urAw=="

HERE = Path(__file__).parent
HOME = HERE.parent / ".local" / "pyodide"

FETCH_S = 120.0
NONE_HERE = "no Python 3.13 is on the PATH"


@dataclass(frozen=True, slots=True)
class NoCompiler:
    """Why there is none on this machine, in one sentence for people."""

    reason: str


def compiler(
    host: Iterable[str] = HOST, home: Path = HOME, npm: str = "npm", node: str = "node", digest: str = SHA512
) -> list[str] | NoCompiler:
    """The command, fetched into `home` where no Python of the host's will do and it is not there yet.

    Raises:
        ConfigurationError: npm gave a package with another digest than the recorded one.
    """
    found = next((python for python in host if _is_target(python)), None)
    if found:
        return [found, "-m", "compileall"]
    if shutil.which(node) is None:
        return NoCompiler(f"{NONE_HERE}, and {node}, which could run one, is not installed")
    unpacked = home / PYODIDE
    missing = None if unpacked.exists() else _fetch(npm, digest, unpacked)
    return missing or [node, str(HERE / "compileall.mjs"), str(unpacked)]


def main() -> None:
    """Print the command."""
    try:
        found = compiler()
    except ConfigurationError as exc:
        sys.exit(str(exc))
    if isinstance(found, NoCompiler):
        sys.stderr.write(f"The layers ship sources only, which start slower: {found.reason}\n")
    else:
        sys.stdout.write(f"{shlex.join(found)}\n")


def _is_target(python: str) -> bool:
    """Whether it answers, and with the target's bytecode: a pre-release of the same version has another."""
    command = [python, "-c", "import importlib.util; print(importlib.util.MAGIC_NUMBER.hex())"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 a fixed command
    except OSError:
        return False
    return done.stdout.strip() == MAGIC


def _fetch(npm: str, digest: str, unpacked: Path) -> NoCompiler | None:
    with TemporaryDirectory() as folder:
        command = [npm, "pack", "--silent", "--pack-destination", folder, f"pyodide@{PYODIDE}"]
        try:
            subprocess.run(  # noqa: S603 a fixed command
                command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=FETCH_S, check=True
            )
        except (OSError, subprocess.SubprocessError) as exc:
            return NoCompiler(f"{NONE_HERE}, and npm did not give Pyodide, which is one: {exc}")
        [package] = Path(folder).glob("*.tgz")
        found = b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
        if found != digest:
            raise ConfigurationError(f"{package.name} is not the recorded one: sha512 {found}, expected {digest}")
        _unpack(package, unpacked)
    return None


def _unpack(package: Path, unpacked: Path) -> None:
    unpacked.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=unpacked.parent) as folder, tarfile.open(package) as archive:
        part = Path(folder) / unpacked.name
        part.mkdir()
        for member in archive.getmembers():  # flat: a package's files lie side by side
            content = archive.extractfile(member)
            if content is not None:
                (part / PurePosixPath(member.name).name).write_bytes(content.read())
        try:
            part.rename(unpacked)  # at once, so that nobody finds half of it
        except OSError:
            if not unpacked.exists():  # else another process was faster
                raise


if __name__ == "__main__":
    main()
