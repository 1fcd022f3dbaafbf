"""What a layer's bytecode must be, so that Lambda's Python takes it unread and a second build is equal to the byte."""

import _imp
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.compiler import MAGIC

UNCHECKED_HASH = 1  # PEP 552: based on a hash of the source, which is not looked at when it is imported


@dataclass(frozen=True, slots=True)
class Target:
    """The Python that imports it: the first four bytes of its bytecode, and its part of a file's name."""

    magic: bytes
    tag: str


LAMBDA = Target(bytes.fromhex(MAGIC), "cpython-313")


def problems(library: Path, target: Target) -> list[str]:
    """Of everything below a layer's `python/`, each naming the file at fault."""
    found = [problem for source in sorted(library.rglob("*.py")) for problem in _of(source, library, target)]
    compiled = {_compiled(source, target) for source in library.rglob("*.py")}
    return found + [f"{one.name}: of another Python" for one in library.rglob("*.pyc") if one not in compiled]


def _of(source: Path, library: Path, target: Target) -> Iterator[str]:
    compiled = _compiled(source, target)
    if not compiled.is_file():
        yield f"{source.name}: not compiled"
        return
    content = compiled.read_bytes()
    if content[:4] != target.magic:
        yield f"{source.name}: compiled by another Python"
    if int.from_bytes(content[4:8], "little") != UNCHECKED_HASH:
        yield f"{source.name}: held against its source"
    if content[8:16] != _imp.source_hash(int.from_bytes(target.magic, "little"), source.read_bytes()):
        yield f"{source.name}: compiled from another source"
    if source.read_bytes().strip() and f"/opt/python/{source.relative_to(library)}".encode() not in content:
        yield f"{source.name}: names the place where it was built"


def _compiled(source: Path, target: Target) -> Path:
    return source.parent / "__pycache__" / f"{source.stem}.{target.tag}.pyc"
