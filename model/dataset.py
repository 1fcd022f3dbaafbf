"""Simulated transactions as the columns that features are made from, with the order of time and the truth."""

from dataclasses import dataclass, fields
from hashlib import sha256

import numpy as np

from fraudshield.event_type.payment import MERCHANT_PREFIX
from fraudshield.expression.column import Column
from fraudshield.expression.matrix import matrix
from fraudshield.predictor.columns import Booleans, Floats
from model.feature import FEATURES, TYPE_RANK
from model.quantile import Integers

CUSTOMER = "C"  # what a receiver's name stands for that is no merchant's


@dataclass(frozen=True, slots=True)
class Columns:
    """Transactions as columns of one length. `type_rank` is `TYPE_RANK` of the type; money is the nearest float64.

    Of names all that is kept is whether the receiver's is a merchant's.
    """

    type_rank: Floats
    amount: Floats
    origin_balance: Floats
    destination_balance: Floats
    destination_is_merchant: Booleans

    def fields(self) -> dict[str, Column]:
        """The fields that features are made from, as an expression names them."""
        there = np.ones(len(self.amount), np.bool_)
        types = np.array(list(TYPE_RANK), object)[np.searchsorted(list(TYPE_RANK.values()), self.type_rank)]
        receivers = np.array([CUSTOMER, MERCHANT_PREFIX], object)[self.destination_is_merchant.astype(np.int64)]
        return {
            "type": Column(types, there),
            "amount": Column(self.amount),
            "oldbalanceOrg": Column(self.origin_balance),
            "oldbalanceDest": Column(self.destination_balance),
            "nameDest": Column(receivers, there),
        }


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows in the order of time; `step` counts hours."""

    columns: Columns
    step: Integers
    fraud: Booleans

    def __len__(self) -> int:
        return len(self.step)

    def features(self) -> Floats:
        """Rows by features, as serving gives them for each row."""
        return matrix(FEATURES.components, self.columns.fields(), len(self))

    def digest(self) -> str:
        """sha256 over the columns' bytes: the same data, the same digest."""
        digest = sha256()
        for field in fields(Columns):
            digest.update(np.ascontiguousarray(getattr(self.columns, field.name)).tobytes())
        digest.update(self.step.tobytes() + self.fraud.tobytes())
        return digest.hexdigest()
