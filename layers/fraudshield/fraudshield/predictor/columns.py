"""The leaves over columns with numpy, for training and batch; each equals its scalar twin to the last bit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fraudshield.predictor.forest import STEPS
from fraudshield.transaction.features import FEATURE_NAMES, NO_SHARE

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Columns:
    """Transactions as columns of one length: what the features are made from.

    `type_rank` is `features.TYPE_RANK` of the type; money is the float64 nearest to the decimal.
    """

    type_rank: Floats
    amount: Floats
    origin_balance: Floats
    destination_balance: Floats
    destination_is_merchant: Booleans


def features(columns: Columns) -> Floats:
    """Rows by features in the order of `FEATURE_NAMES`, as `fraudshield.transaction.features` gives each row."""
    return np.column_stack(
        [
            columns.type_rank,
            columns.amount,
            columns.origin_balance,
            columns.destination_balance,
            _share(columns.amount, columns.origin_balance),
            _share(columns.amount, columns.destination_balance),
            columns.origin_balance - columns.amount,
            columns.destination_is_merchant.astype(np.float64),
        ]
    ).reshape(-1, len(FEATURE_NAMES))


def risk(cuts: Sequence[float] | Floats, margins: Floats) -> Floats:
    """The risk of each margin, as `fraudshield.predictor.forest.risk` looks it up."""
    return np.searchsorted(np.asarray(cuts, np.float64), margins, side="right") / STEPS


def _share(amount: Floats, balance: Floats) -> Floats:
    share = np.full(len(amount), NO_SHARE)
    np.divide(amount, balance, out=share, where=balance > 0)
    return share
