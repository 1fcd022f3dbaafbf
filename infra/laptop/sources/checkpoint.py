"""How far each event source mapping has come in each shard of its stream, kept over restarts."""

import logging
from pathlib import Path
from typing import Any

from infra.laptop import private_file

logger = logging.getLogger(__name__)

ADVICE = "delete it, and the streams are read from their beginning"


class Checkpoints:
    """Sequence numbers in a file. They belong to one stream: a table made anew has another, and starts anew.

    Raises:
        SetupError: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content: dict[str, Any] = private_file.read(path, ADVICE)

    def after(self, mapping: str, stream: str, shard: str) -> str | None:
        """The last record that a mapping is done with; None where it has not begun."""
        kept = self._content.get(mapping, {})
        found: str | None = kept["shards"].get(shard) if kept.get("stream") == stream else None
        return found

    def settle(self, mapping: str, stream: str, shard: str, sequence: str) -> None:
        """Note that a mapping is done with all records up to this one.

        On a full disk the note is kept in memory, and written with a later one: till then a kill makes records come
        again, as they may at any time.
        """
        kept = self._content.get(mapping, {})
        shards = kept["shards"] if kept.get("stream") == stream else {}
        self._content[mapping] = {"stream": stream, "shards": shards | {shard: sequence}}
        try:
            private_file.write(self._path, self._content)
        except OSError as exc:
            logger.warning("%s cannot be written: %s", self._path.name, exc.strerror)
