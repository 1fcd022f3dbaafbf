"""A field or feature that tells fraud all alone: a copy of the label, or something that is said after the payment."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraudshield.predictor.columns import Booleans

COPIED = 0.95  # of the frauds are in it, and of what is in it so much is fraud
PURE = 0.7  # of what is in it is fraud: nothing that is known before a payment tells so many so surely
CAUGHT = 0.15  # of the frauds, at least
FEWEST = 15  # frauds in it: fewer may be an accident
BINS = 200
Found = tuple[str, str]


def tells_alone(name: str, values: NDArray[Any], fraud: Booleans) -> Iterator[Found]:
    """The leak that a column is, if it is one: a value, or everything below or above one, has most frauds."""
    codes, says = _codes(values)
    total = int(fraud.sum())
    rows = np.bincount(codes)
    frauds = np.bincount(codes, weights=fraud, minlength=len(rows))
    share = frauds / np.maximum(1, rows)
    order = np.argsort(-share, kind="stable")
    caught, pure = np.cumsum(frauds[order]), np.cumsum(rows[order])
    good = (caught >= max(FEWEST, CAUGHT * total)) & (caught >= PURE * pure)
    if not good.any():
        return
    copied = (caught >= COPIED * total) & (caught >= COPIED * pure)
    last = int(np.flatnonzero(copied if copied.any() else good)[-1])
    recall, precision = caught[last] / total, caught[last] / pure[last]
    what = (
        f"{name} alone has {recall:.0%} of the frauds ({', '.join(says[at] for at in order[: last + 1][:3].tolist())})"
    )
    says_all = f"{what}, and {precision:.0%} of what it has is fraud"
    if copied.any():
        yield f"copied_label:{name}", f"{says_all}: it looks like the label itself; leave it out of the event type"
    else:
        yield f"later_flag:{name}", f"{says_all}: is it known before the payment, or said later? Then say later: true"


def _codes(values: NDArray[Any]) -> tuple[NDArray[np.int64], list[str]]:
    """A number for each value that occurs, or for each of many ranges of numbers, and what to call them."""
    if values.dtype.kind in "Ob":
        known: dict[object, int] = {}
        codes = np.fromiter((known.setdefault(one, len(known)) for one in values.tolist()), np.int64, len(values))
        return codes, ["missing" if one is None else str(one) for one in known]
    missing = np.isnan(values)
    there = values[~missing]
    levels, counts = np.unique(there, return_counts=True)
    if len(levels) > BINS:
        often = levels[counts > max(len(values) / BINS, 20)]  # a value that comes so often is a bin of its own
        edges = np.unique(np.quantile(there, np.arange(1, BINS) / BINS))
        levels = np.unique(np.concatenate([edges, often, np.nextafter(often, -np.inf)]))
    codes = np.where(missing, len(levels) + 1, np.searchsorted(levels, values, side="left"))
    return codes.astype(np.int64), [f"up to {one:g}" for one in levels.tolist()] + ["above", "missing"]
