"""The log files of a laptop cloud, read while they are being written."""

import time
from collections.abc import Iterator
from pathlib import Path

from infra.laptop.errors import RequestError

SUFFIX = ".log"
CHUNK_BYTES = 64 * 1024
POLL_S = 0.2


def log_files(folder: Path, function: str | None) -> dict[str, Path]:
    """The functions' files by name; `function` is a logical id or its short name (`model`), None for all.

    Raises:
        RequestError: there is none; names those that there are.
    """
    found = {path.stem: path for path in sorted(folder.glob(f"*Function{SUFFIX}"))}
    if function is None:
        return found
    wanted = [name for name in found if function.lower() in {name.lower(), name.removesuffix("Function").lower()}]
    if not wanted:
        raise RequestError(f"{function} has no log in {folder}; there are {', '.join(found) or 'none yet'}")
    return {name: found[name] for name in wanted}


def last_lines(path: Path, count: int) -> list[str]:
    """The last lines of a file, at most `count`."""
    return path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]


def follow(files: dict[str, Path]) -> Iterator[tuple[str, str]]:
    """Yield name and line, as they come, for ever; a file that was begun anew is read from its start."""
    positions = {name: path.stat().st_size for name, path in files.items()}
    while True:
        for name, path in files.items():
            lines, positions[name] = _new_lines(path, positions[name])
            yield from ((name, line) for line in lines)
        time.sleep(POLL_S)


def _new_lines(path: Path, begin: int) -> tuple[list[str], int]:
    size = path.stat().st_size if path.exists() else 0
    if size < begin:
        begin = 0
    if size == begin:
        return [], begin
    with path.open("rb") as file:
        file.seek(begin)
        whole, newline, _ = file.read(CHUNK_BYTES).rpartition(b"\n")
    return whole.decode(errors="replace").splitlines(), begin + len(whole) + len(newline)
