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
CENTS, LARGEST = 100, 1e12
HALF = 1 << 24  # of an amount in cents: a hundred thousand of either half add up to less than 53 bits
DENSE = 1 << 16  # keys as near to each other as this are counted without being sorted

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
        found, at, rows = _grouped(keys)
        cents = self._cents
        amounts = self._exactly(at, len(found)) if cents is None else _in_cents(cents, at, len(found))
        for key, count, amount in zip(found.tolist(), rows.tolist(), amounts, strict=True):
            yield Group(key, count, amount)

    def _exactly(self, at: Integers, groups: int) -> list[Decimal]:
        sums: dict[int, Decimal] = defaultdict(Decimal)
        for number, text in zip(at.tolist(), self._texts, strict=True):
            sums[number] = EXACT.add(sums[number], Decimal(text))
        return [sums[number] for number in range(groups)]


def _grouped(keys: Integers) -> tuple[Integers, Integers, Integers]:
    """The different keys in order, which of them each row has, and how many rows each has."""
    least = int(keys.min()) if len(keys) else 0
    shifted = keys - least
    if not len(keys) or int(shifted.max()) > DENSE:
        found, at, rows = np.unique(keys, return_inverse=True, return_counts=True)
        return found, at.astype(np.int64), rows
    counts = np.bincount(shifted)
    there = np.flatnonzero(counts)
    place = np.empty(len(counts), np.int64)
    place[there] = np.arange(len(there))
    return there + least, place[shifted], counts[there]


def _in_cents(cents: Integers, at: Integers, groups: int) -> list[Decimal]:
    """In two halves, each of which floats add up exactly."""
    upper, lower = (np.bincount(at, weights=half, minlength=groups).tolist() for half in np.divmod(cents, HALF))
    return [Decimal(int(one) * HALF + int(rest)).scaleb(-2) for one, rest in zip(upper, lower, strict=True)]
