"""Exact sums of money over groups of rows, quickly: in whole cents where all amounts are, else decimal by decimal."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from fraudshield.batch.tally import EXACT
from fraudshield.columns import Floats

FINER = re.compile(r"\.[0-9]{3}|[^0-9.\n]")  # than a cent, or spelled otherwise
CENTS, LARGEST = 100, 1e12  # a hundred thousand such amounts in cents stay within 63 bits

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that have one key."""

    key: int
    rows: int
    amount: Decimal


class Money:
    """The amounts of some rows, as text and as the nearest floats."""

    def __init__(self, texts: Sequence[str], values: Floats) -> None:
        self._texts = texts
        coarse = not len(values) or (float(values.max()) < LARGEST and not FINER.search("\n".join(texts)))
        self._cents: Integers | None = np.rint(values * CENTS).astype(np.int64) if coarse else None

    def groups(self, keys: Integers) -> Iterator[Group]:
        """One for each key that a row has, by key."""
        found, at, rows = np.unique(keys, return_inverse=True, return_counts=True)
        cents = self._cents
        amounts = self._exactly(at, len(found)) if cents is None else _in_cents(cents, at, len(found))
        for key, count, amount in zip(found.tolist(), rows.tolist(), amounts, strict=True):
            yield Group(key, count, amount)

    def _exactly(self, at: NDArray[np.intp], groups: int) -> list[Decimal]:
        sums: dict[int, Decimal] = defaultdict(Decimal)
        for number, text in zip(at.tolist(), self._texts, strict=True):
            sums[number] = EXACT.add(sums[number], Decimal(text))
        return [sums[number] for number in range(groups)]


def _in_cents(cents: Integers, at: NDArray[np.intp], groups: int) -> list[Decimal]:
    sums = np.zeros(groups, np.int64)
    np.add.at(sums, at, cents)
    return [Decimal(int(one)).scaleb(-2) for one in sums]
