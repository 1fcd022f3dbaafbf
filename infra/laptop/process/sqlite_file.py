"""The SQLite file of the engine, without what was deleted: SQLite leaves that in free pages and in its log.

The engine takes a vacuum beside it as it takes any other writer: it waits.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from infra.laptop.errors import SetupError

WAIT_S = 10.0  # for whoever writes meanwhile
EVERY_S = 60.0
MOST_BYTES = 32 << 20  # while the engine runs, a tenth of a second; a larger file is vacuumed when it stops

logger = logging.getLogger(__name__)


def log(database: Path) -> Path:
    """SQLite's log of writes beside the file."""
    return database.with_name(f"{database.name}-wal")


def copied(database: Path, called: str) -> Path:
    """A copy of the file beside it, as it is now, whoever has it open. Raises SetupError: it cannot be written."""
    copy = database.with_name(f"{database.name}.{called}")
    part = copy.with_name(f"{copy.name}.part")
    try:
        with closing(sqlite3.connect(database, timeout=WAIT_S)) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target)
        part.chmod(database.stat().st_mode & 0o777)
        part.replace(copy)
    except (sqlite3.Error, OSError) as exc:
        part.unlink(missing_ok=True)
        raise SetupError(f"{database.name} cannot be copied, so nothing was changed: {exc}") from exc
    return copy


def vacuum(database: Path, first: str = "") -> None:
    """Write the file anew without what was deleted, and empty its log. Where that cannot be, it stays as it is.

    `first` is a statement that is executed before.
    """
    if not database.exists():
        return
    try:
        with closing(sqlite3.connect(database, timeout=WAIT_S, isolation_level=None)) as connection:
            connection.execute(first)
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as exc:
        logger.warning("%s could not be vacuumed: %s", database.name, exc)


class Vacuum:
    """Vacuums a file, by `tidy`, while others write to it, as often as they have written something."""

    def __init__(self, database: Path, tidy: Callable[[Path], None] = vacuum) -> None:
        self._database = database
        self._tidy = tidy
        self._seen = 0.0

    async def run(self) -> None:
        """Vacuum until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await asyncio.to_thread(self.vacuum)

    def vacuum(self) -> None:
        """Vacuum the file once, unless nothing was written since, or it is too large to have others wait for it."""
        if not self._database.exists() or self._database.stat().st_size > MOST_BYTES or self._written() <= self._seen:
            return
        self._tidy(self._database)
        self._seen = self._written()

    def _written(self) -> float:
        files = (self._database, log(self._database))
        return max((file.stat().st_mtime for file in files if file.exists()), default=0.0)
