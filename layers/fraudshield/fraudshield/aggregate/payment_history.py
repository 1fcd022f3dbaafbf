"""Payments as columns: a history that is there, as that of a file, and the payments that ask it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from fraudshield.expression.column import Column

Microseconds = NDArray[np.int64]  # since 1970, in UTC
Texts = NDArray[np.object_]
NEVER = np.iinfo(np.int64).max  # in place of a time that there is not


@dataclass(frozen=True, slots=True, eq=False)
class PaymentHistory:
    """Payments as columns of one length.

    `entities` are the texts of the fields that name one, None where a payment has none; `carried` is what is known of
    each, `label` as it is said in the end, from `labelled_at` on.
    """

    occurred_at: Microseconds
    decided_at: Microseconds
    entities: Mapping[str, Texts]
    carried: Mapping[str, Column]
    labelled_at: Microseconds


def positions(history: PaymentHistory, fields: Iterable[str]) -> dict[str, NDArray[np.intp]]:
    """The rows that name each value in any of the fields, once each, in the order of time."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for name in fields:
        for row, value in enumerate(history.entities[name].tolist() if name in history.entities else ()):
            if value is not None:
                found[value].add(row)
    positions = {value: np.fromiter(rows, np.intp, len(rows)) for value, rows in found.items()}
    return {value: rows[np.lexsort((rows, history.occurred_at[rows]))] for value, rows in positions.items()}


def microseconds(time: timedelta) -> int:
    """A time in microseconds."""
    return time // timedelta(microseconds=1)
