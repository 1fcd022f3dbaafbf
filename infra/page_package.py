"""What the page stands on, fetched as npm packages: `python -m infra.page_package [page|test]`.

requirements/page.json names each package with its version, its sha256 and the files that are taken from it. They go
where the gateway function serves them from, and are never committed; what only tests need goes to .local. The example
payments that an empty page offers go with them, and what to do when an alarm goes off.
"""

import hashlib
import json
import shutil
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from fraudshield.errors import ConfigurationError
from infra.laptop.process.npm import NpmError, pack_all

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "page.json"
FOLDERS = {"page": ROOT / "functions" / "gateway" / "page" / "vendor", "test": ROOT / ".local" / "page-test"}
BESIDE = {"example.csv": ROOT / "events" / "transactions.csv", "runbook.md": ROOT / "docs" / "runbook.md"}
PINNED = "packages.json"  # beside the files: what they were taken from


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the lock. `files` are its own, by the name that each gets here."""

    name: str
    version: str
    sha256: str
    files: Mapping[str, str]


def locked(group: str, lock: Path = LOCK) -> list[Package]:
    """The packages of a group, `page` or `test`."""
    listed = json.loads(lock.read_text(encoding="utf-8"))[group]
    return [Package(name, **one) for name, one in listed.items()]


def fetch(packages: Sequence[Package], folder: Path, npm: str | None = None) -> None:
    """Put the packages' files into `folder`, unless they are there already. `npm` is `pack`'s.

    Raises:
        NpmError: nobody gave them.
        ConfigurationError: a package is another than the one in the lock, or lacks a file.
    """
    pinned = json.dumps({one.name: one.sha256 for one in packages}, indent=2)
    mark = folder / PINNED
    if mark.exists() and mark.read_text(encoding="utf-8") == pinned:
        return
    with TemporaryDirectory() as temporary:
        archives = pack_all([f"{one.name}@{one.version}" for one in packages], Path(temporary), npm)
        found = dict(file for one, path in zip(packages, archives, strict=True) for file in _files(one, path))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in found.items():
        (folder / name).write_bytes(content)
    mark.write_text(pinned, encoding="utf-8")


def main(group: str = "page") -> None:
    """Fetch a group; exit 1, and why, where it cannot be had."""
    try:
        fetch(locked(group), FOLDERS[group])
        if group == "page":
            for name, path in BESIDE.items():
                shutil.copyfile(path, FOLDERS[group] / name)
    except (NpmError, ConfigurationError) as exc:
        sys.exit(f"The page's packages are not here: {exc}")


def _files(package: Package, archive: Path) -> list[tuple[str, bytes]]:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != package.sha256:
        raise ConfigurationError(f"{archive.name} is not the locked one: sha256 {digest}, expected {package.sha256}")
    with tarfile.open(archive) as opened:
        return [(name, _member(opened, member, package)) for member, name in package.files.items()]


def _member(archive: tarfile.TarFile, member: str, package: Package) -> bytes:
    try:
        content = archive.extractfile(f"package/{member}")
    except KeyError:
        content = None
    if content is None:
        raise ConfigurationError(f"{package.name} {package.version} holds no {member}")
    return content.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
