"""What the shipped model reads and says of 100,000 payments: both digests were made when it was trained.

No change of how features are worked out, and none of how trees are walked, moves a bit of either.
"""

from decimal import Decimal
from hashlib import sha256
from typing import Any

import numpy as np
import pytest

from fraudshield.predictor import columns
from fraudshield.predictor.artifact import Model
from fraudshield.predictor.columns import Floats
from fraudshield.predictor.forest import margin
from fraudshield.transaction.built_in import BuiltInTransaction
from model.dataset import Dataset
from model.feature import TYPE_RANK
from model.simulator import transactions
from tests.fakes import NOW

ROWS = 100_000
FEATURES = "13f8ffb569fc4c1aefa24380e8c9a8899ae1b0acbd7e2a519883a4ee51a91f1d"
RISKS = "1e5a258c19068119ee36f235900f0ce7fc7ea17c7df6dbb124d96253e52d3765"
TYPES = {rank: name for name, rank in TYPE_RANK.items()}


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return transactions(102_000, 77).rows(np.arange(ROWS)).dataset()


@pytest.fixture(scope="module")
def features(dataset: Dataset) -> Floats:
    return dataset.features()


def test_the_features_of_a_file_are_those_of_before(features: Floats) -> None:
    assert sha256(features.tobytes()).hexdigest() == FEATURES


def test_the_features_of_each_payment_are_those_of_before(dataset: Dataset, model: Model) -> None:
    table = dataset.columns
    cells = (table.type_rank, table.amount, table.origin_balance, table.destination_balance)
    rows = zip(*(column.tolist() for column in cells), table.destination_is_merchant.tolist(), strict=True)
    found = np.array([model.features.of(payment(*row), NOW) for row in rows])
    assert sha256(found.tobytes()).hexdigest() == FEATURES


def payment(rank: float, amount: float, origin: float, destination: float, merchant: object) -> BuiltInTransaction:
    fields: dict[str, Any] = {
        "type": TYPES[rank],
        "amount": Decimal(repr(amount)),
        "oldbalanceOrg": Decimal(repr(origin)),
        "oldbalanceDest": Decimal(repr(destination)),
        "nameDest": "M1" if merchant else "C1",
    }
    return BuiltInTransaction.model_construct(**fields)


def test_no_risk_has_moved(features: Floats, model: Model) -> None:
    margins = np.array([margin(model.forest, row) for row in features.tolist()])
    risks = columns.risk(model.cuts, margins)
    assert 300 < int(np.sum(risks > 0.03)) < 700
    assert sha256(risks.tobytes()).hexdigest() == RISKS
