"""The features of the shipped model, of one payment and over columns: the numbers that it was trained on."""

from collections.abc import Mapping
from decimal import Decimal
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fraudshield.event_type.environment import environment
from fraudshield.event_type.payment import BUILT_IN, PAYMENT_FEATURES, TYPES
from fraudshield.expression.column import column
from fraudshield.expression.matrix import matrix
from fraudshield.expression.names import Kind
from fraudshield.predictor.artifact import load
from fraudshield.predictor.feature import FeatureEntry, ModelFeatures, read_feature
from fraudshield.transaction.built_in import BuiltInTransaction
from model.dataset import Columns
from model.feature import TYPE_RANK
from tests.fakes import NOW
from tests.model.feature import FEATURE_NAMES

FEATURES = load(Path(__file__).parents[3] / "model" / "artifact" / "model").features
MONEY = (
    *("0", "0.01", "0.1", "0.3", "1", "99.99", "1234.56", "170136", "181.00"),
    *("10000000", "999999999999999.99", "7e-20"),
)
BALANCES = (*MONEY, "-0.01", "-500.5")
KINDS = {name: Kind(field.kind) for name, field in BUILT_IN.fields.items()}


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


ROWS = [
    transaction(kind, amount, origin, destination, name)
    for kind, name in (("PAYMENT", "M1"), ("TRANSFER", "C2"), ("CASH_IN", "C3"), ("CASH_OUT", "m4"), ("DEBIT", "CM5"))
    for amount in MONEY
    for origin in BALANCES
    for destination in BALANCES[::3]
]


def written_out(sent: BuiltInTransaction) -> tuple[float, ...]:
    """The features as they were before they were expressions: the model was trained on these."""
    amount, origin, destination = float(sent.amount), float(sent.oldbalanceOrg), float(sent.oldbalanceDest)
    return (
        {"PAYMENT": 0.0, "CASH_IN": 1.0, "DEBIT": 2.0, "CASH_OUT": 3.0, "TRANSFER": 4.0}[sent.type],
        amount,
        origin,
        destination,
        amount / origin if origin > 0 else -1.0,
        amount / destination if destination > 0 else -1.0,
        origin - amount,
        1.0 if sent.nameDest.startswith("M") else 0.0,
    )


def over_columns(features: ModelFeatures, rows: list[BuiltInTransaction]) -> list[list[float]]:
    table = {name: column(KINDS[name], [row.values[name] for row in rows]) for name in features.fields}  # type: ignore[misc]
    found: list[list[float]] = matrix(features.components, table, len(rows)).tolist()
    return found


def test_a_payments_features_are_to_the_last_bit_what_the_model_was_trained_on() -> None:
    assert [FEATURES.of(row, NOW) for row in ROWS] == [written_out(row) for row in ROWS]


def test_features_over_columns_are_those_of_each_row_to_the_last_bit() -> None:
    assert over_columns(FEATURES, ROWS) == [[*written_out(row)] for row in ROWS]


def test_features_in_training_are_those_of_each_row_to_the_last_bit() -> None:
    columns = Columns(
        type_rank=np.array([TYPE_RANK[row.type] for row in ROWS]),
        amount=np.array([float(row.amount) for row in ROWS]),
        origin_balance=np.array([float(row.oldbalanceOrg) for row in ROWS]),
        destination_balance=np.array([float(row.oldbalanceDest) for row in ROWS]),
        destination_is_merchant=np.array([row.nameDest.startswith("M") for row in ROWS], np.bool_),
    )
    found = matrix(FEATURES.components, columns.fields(), len(ROWS))
    assert found.tolist() == [[*written_out(row)] for row in ROWS]


def test_no_rows_have_no_features_but_all_columns() -> None:
    assert matrix(FEATURES.components, {}, 0).shape == (0, len(FEATURE_NAMES))


def test_the_manifest_has_its_own_copies_of_what_the_type_says() -> None:
    assert FEATURES.names == tuple(PAYMENT_FEATURES)
    assert [one.expression.text for one in FEATURES.components] == [one.value for one in PAYMENT_FEATURES.values()]
    assert FEATURES.components[0].ranks.keys() == {*TYPES}


def features_of(*written: Mapping[str, Any]) -> ModelFeatures:
    names = environment(BUILT_IN.document, BUILT_IN.all_fields)
    return ModelFeatures([read_feature(FeatureEntry.model_validate(one), names) for one in written])


DIVIDED = {"name": "share", "value": "amount / oldbalanceDest", "says": "It is {percent} %"}


def test_what_has_no_value_is_missing_and_the_others_stay() -> None:
    features = features_of(DIVIDED, {"name": "amount", "value": "amount"})
    sent = transaction("DEBIT", "5", "1", "0", "C1")
    [share, amount] = features.of(sent, NOW)
    assert isnan(share)
    assert amount == 5.0
    assert features.shown(sent, (share, amount)) == (None, 5.0)
    [[of_columns, _]] = over_columns(features, [sent])
    assert isnan(of_columns)
    assert features.each[0].says(None) == "share is missing"


def test_a_category_that_training_did_not_meet_has_no_rank() -> None:
    features = features_of({"name": "kind", "value": "type", "ranks": {"TRANSFER": 1}})
    met, other = (transaction(kind, "1", "1", "1", "C1") for kind in ("TRANSFER", "DEBIT"))
    assert (features.of(met, NOW), over_columns(features, [met])) == ((1.0,), [[1.0]])
    assert isnan(features.of(other, NOW)[0])
    assert isnan(over_columns(features, [other])[0][0])


def test_a_feature_of_the_time_reads_when_it_happened() -> None:
    features = features_of({"name": "night", "value": "hour(occurred_at) < 6"})
    assert features.of(transaction("DEBIT", "1", "1", "1", "C1"), NOW.replace(hour=5)) == (1.0,)
    assert features.of(transaction("DEBIT", "1", "1", "1", "C1"), NOW.replace(hour=6)) == (0.0,)


@pytest.mark.parametrize(
    ("value", "says"),
    [("oldbalanceOrg - amount", Decimal("0.10000000000000001")), ("oldbalanceOrg * 1 - amount", 0.1)],
)
def test_what_is_money_and_nothing_else_is_shown_exactly(value: str, says: object) -> None:
    features = features_of({"name": "left", "value": value})
    sent = transaction("DEBIT", "0.2", "0.30000000000000001", "1", "C1")
    [shown] = features.shown(sent, features.of(sent, NOW))
    assert shown == (says if isinstance(says, Decimal) else pytest.approx(says))
    assert isinstance(shown, type(says))
