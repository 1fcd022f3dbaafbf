"""Two builds of one commit: whether they are the same to the byte."""

import hashlib
from pathlib import Path

from infra.gates.finding import GateFinding

OF_SAM = {"template.yaml"}  # it names no code, and its absolute paths are each build folder's own


def digests(built: Path) -> dict[str, str]:
    """Each file that a build would upload, with its digest and whether it may be run."""
    return {
        str(path.relative_to(built)): f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_mode & 0o111:o}"
        for path in sorted(built.rglob("*"))
        if path.is_file() and path.name not in OF_SAM
    }


def differences(one: Path, other: Path) -> list[GateFinding]:
    """The files that two builds do not have in common, or that differ."""
    first, second = digests(one), digests(other)
    return [
        GateFinding("builds", "differ", name, f"{first.get(name, 'missing')} and {second.get(name, 'missing')}")
        for name in sorted(first.keys() | second.keys())
        if first.get(name) != second.get(name)
    ]
