"""Ids that come again: of two rows with one transaction_id the second is refused."""

from collections.abc import Sequence

import numpy as np

from fraudshield.batch.rows import Refused, Rows
from fraudshield.errors import Fault
from fraudshield.fault import SHOWN

REMEMBERED = 250_000  # ids: more than a plain chunk has rows. Of a gzip, at least the last so many are known.


class Repeats:
    """Remembers the ids of the rows that went before; one for a chunk."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._recent: set[str] = set()
        self._older: set[str] = set()

    def refuse(self, rows: Rows) -> tuple[Rows, list[Refused]]:
        """The rows with ids of their own, and the others. A row without an id is never a repeat."""
        if "transaction_id" not in rows.header.places:
            return rows, []
        ids = rows.column("transaction_id")
        fresh = set(ids)
        if len(fresh) == len(ids) and not (fresh & self._recent) and not (fresh & self._older) and "" not in fresh:
            self._remember(fresh)
            return rows, []
        return self._one_by_one(rows, ids)

    def _one_by_one(self, rows: Rows, ids: Sequence[str]) -> tuple[Rows, list[Refused]]:
        good = np.ones(len(ids), np.bool_)
        refused = []
        fresh: set[str] = set()
        for at, name in enumerate(ids):
            if name and (name in fresh or name in self._recent or name in self._older):
                good[at] = False
                found = f"{name[:SHOWN]!r} stands in an earlier row already; expected each once"
                refused.append(Refused(rows.lines[at], (Fault("/transaction_id", found, "duplicate_id"),)))
            elif name:
                fresh.add(name)
        self._remember(fresh)
        return rows.where(good), refused

    def _remember(self, fresh: set[str]) -> None:
        if len(self._recent) >= self._remembered:
            self._recent, self._older = set(), self._recent
        self._recent |= fresh
