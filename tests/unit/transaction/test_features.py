"""The numbers that the model reads: plain arithmetic, no holes, nothing that is only known afterwards."""

from collections.abc import Callable
from math import isfinite
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.transaction.built_in import BuiltInTransaction, TransactionType
from model.feature import TYPE_RANK
from tests.model.feature import FEATURE_NAMES, NO_SHARE, features

Make = Callable[..., BuiltInTransaction]


def named(transaction: BuiltInTransaction) -> dict[str, float]:
    return dict(zip(FEATURE_NAMES, features(transaction), strict=True))


def test_the_readme_transaction(transaction: Make) -> None:
    assert named(transaction()) == {
        "type": 0.0,
        "amount": 1000.0,
        "origin_balance": 5000.0,
        "destination_balance": 0.0,
        "share_of_origin_balance": 0.2,
        "share_of_destination_balance": NO_SHARE,
        "origin_balance_left": 4000.0,
        "destination_is_merchant": 1.0,
    }


@pytest.mark.parametrize("balance", [0, -1, -0.01])
def test_an_empty_or_overdrawn_balance_has_no_share(transaction: Make, balance: float) -> None:
    found = named(transaction(oldbalanceOrg=balance, oldbalanceDest=balance))
    assert found["share_of_origin_balance"] == found["share_of_destination_balance"] == NO_SHARE


def test_a_share_of_a_positive_balance_is_never_the_sign_for_none(transaction: Make) -> None:
    found = named(transaction(amount=0, oldbalanceOrg=0.01))
    assert found["share_of_origin_balance"] == 0.0


def test_every_type_has_its_rank(transaction: Make) -> None:
    kinds = get_args(TransactionType)
    assert sorted(TYPE_RANK) == sorted(kinds)
    assert {named(transaction(type=kind))["type"] for kind in kinds} == set(map(float, range(5)))


@pytest.mark.parametrize(("name", "flag"), [("M1", 1.0), ("C1M", 0.0), ("m1", 0.0)])
def test_a_merchant_is_known_by_the_first_letter(transaction: Make, name: str, flag: float) -> None:
    assert named(transaction(nameDest=name))["destination_is_merchant"] == flag


@pytest.mark.parametrize(
    "change",
    [{"newbalanceOrig": 7}, {"newbalanceDest": 7}, {"step": 700}, {"nameOrig": "C7"}, {"transaction_id": "t7"}],
)
def test_what_is_only_known_afterwards_changes_nothing(transaction: Make, change: dict[str, object]) -> None:
    assert features(transaction(**change)) == features(transaction())


money = st.decimals(min_value=-(10**15) + 1, max_value=10**15 - 1, places=6)


@given(amount=money.map(abs), origin=money, destination=money)
def test_no_feature_is_ever_missing_or_infinite(amount: object, origin: object, destination: object) -> None:
    extremes = BuiltInTransaction.model_validate(
        {
            "step": 0,
            "type": "TRANSFER",
            "amount": amount,
            "nameOrig": "C1",
            "oldbalanceOrg": origin,
            "newbalanceOrig": 0,
            "nameDest": "C2",
            "oldbalanceDest": destination,
            "newbalanceDest": 0,
        }
    )
    assert all(map(isfinite, features(extremes)))
