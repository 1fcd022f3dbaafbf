"""Small files in the state directory, most of them JSON, which nobody else on the machine may read."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.laptop.errors import SetupError


def read(path: Path, advice: str) -> dict[str, Any]:
    """Read a file; nothing where there is none.

    Raises:
        SetupError: it is no JSON object; `advice` says what to do.
    """
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as exc:
        raise SetupError(f"{path} is not JSON any more; {advice}") from exc
    if not isinstance(content, dict):
        raise SetupError(f"{path} holds something else than was kept there; {advice}")
    return content


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON object, as `write_bytes` does."""
    write_bytes(path, json.dumps(dict(content), indent=2).encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file beside and move it over, so that no reader sees half a file or one that others may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    beside.replace(path)
