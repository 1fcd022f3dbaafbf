from decimal import Decimal

import numpy as np

from fraudshield.predictor import columns
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.features import FEATURE_NAMES, TYPE_RANK, features

MONEY = (
    "0",
    "0.01",
    "0.1",
    "0.3",
    "1",
    "99.99",
    "1234.56",
    "170136",
    "181.00",
    "10000000",
    "999999999999999.99",
    "7e-20",
)
BALANCES = (*MONEY, "-0.01", "-500.5")


def transaction(kind: str, amount: str, origin: str, destination: str, name: str) -> BuiltInTransaction:
    return BuiltInTransaction.model_validate(
        {
            "transaction_id": "t",
            "step": 1,
            "type": kind,
            "amount": Decimal(amount),
            "nameOrig": "C1",
            "oldbalanceOrg": Decimal(origin),
            "newbalanceOrig": 0,
            "nameDest": name,
            "oldbalanceDest": Decimal(destination),
            "newbalanceDest": 0,
        }
    )


def as_columns(rows: list[BuiltInTransaction]) -> columns.Columns:
    return columns.Columns(
        type_rank=np.array([TYPE_RANK[row.type] for row in rows]),
        amount=np.array([float(row.amount) for row in rows]),
        origin_balance=np.array([float(row.oldbalanceOrg) for row in rows]),
        destination_balance=np.array([float(row.oldbalanceDest) for row in rows]),
        destination_is_merchant=np.array([row.nameDest.startswith("M") for row in rows], np.bool_),
    )


ROWS = [
    transaction(kind, amount, origin, destination, name)
    for kind, name in (("PAYMENT", "M1"), ("TRANSFER", "C2"), ("CASH_IN", "C3"), ("CASH_OUT", "m4"), ("DEBIT", "CM5"))
    for amount in MONEY
    for origin in BALANCES
    for destination in BALANCES[::3]
]


def test_features_over_columns_are_those_of_each_row_to_the_last_bit() -> None:
    assert columns.features(as_columns(ROWS)).tolist() == [list(features(row)) for row in ROWS]


def test_an_empty_or_overdrawn_balance_has_no_share() -> None:
    found = columns.features(as_columns([transaction("TRANSFER", "5", "0", "-1", "C2")]))
    assert found[0, 4:6].tolist() == [-1.0, -1.0]


def test_no_rows_have_no_features_but_all_columns() -> None:
    assert columns.features(as_columns([])).shape == (0, len(FEATURE_NAMES))
