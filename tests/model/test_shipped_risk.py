"""What the shipped model reads and says of 100,000 payments is what it did before its features were expressions.

Both digests were made by commit 477d6b6e, whose features were written in Python and in numpy.
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
FEATURES = "f0fce2bbb21778ec2346157e3b08e4be671bbf4256438b48116868d2a94b868a"
RISKS = "51a53f2eecac73d541df125164412732ef637945556518b87a9d63f859f7da31"
TYPES = {rank: name for name, rank in TYPE_RANK.items()}


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return transactions(102_000, 77).dataset().rows(0, ROWS)


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
    assert 300 < int(np.sum(risks > 0.03)) < 500
    assert sha256(risks.tobytes()).hexdigest() == RISKS
