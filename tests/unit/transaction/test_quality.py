"""Odd but good enough to score: each check at its boundary. And why what is refused is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fraudshield.errors import Fault, InvalidInput
from fraudshield.policy.policy import first_policy
from fraudshield.predictor.prediction import Prediction
from fraudshield.scoring.decision import Decision, decide
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.parser import read_transaction
from fraudshield.transaction.quality import CHECKS, OTHER, REASONS, quality_flags, reasons
from tests.fakes import NOW

Make = Callable[..., BuiltInTransaction]
TRANSFER = {"type": "TRANSFER", "nameDest": "C555666777", "newbalanceDest": 1000.0}
CASH_IN = {"type": "CASH_IN", "nameDest": "C5", "newbalanceOrig": 6000.0, "oldbalanceDest": 1000.0}

# By flag: what is just good, and what is just not.
BOUNDARIES: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {
    "clock_skew": [
        (
            {"occurred_at": (NOW + timedelta(minutes=5)).isoformat()},
            {"occurred_at": (NOW + timedelta(minutes=5, microseconds=1)).isoformat()},
        ),
    ],
    "stale": [
        (
            {"occurred_at": (NOW - timedelta(days=30)).isoformat()},
            {"occurred_at": (NOW - timedelta(days=30, microseconds=1)).isoformat()},
        ),
    ],
    "zero_amount": [
        ({"amount": 0.01, "newbalanceOrig": 4999.99}, {"amount": 0.0, "newbalanceOrig": 5000.0}),
    ],
    "self_transfer": [
        (TRANSFER, TRANSFER | {"nameDest": "C123456789"}),
    ],
    "merchant_mismatch": [
        ({}, {"nameDest": "C1", "newbalanceDest": 1000.0}),
        (TRANSFER, TRANSFER | {"nameDest": "M1"}),
    ],
    "overdraft": [
        (
            {"amount": 5000.0, "newbalanceOrig": 0.0},
            {"amount": 5000.01, "newbalanceOrig": -0.01},
        ),
        (
            CASH_IN | {"oldbalanceOrg": 0.0, "newbalanceOrig": 1000.0},
            {"oldbalanceOrg": 999.99, "newbalanceOrig": -0.01},
        ),
    ],
    "origin_balance": [
        ({"newbalanceOrig": 4000.01}, {"newbalanceOrig": 4000.02}),
        ({"newbalanceOrig": 3999.99}, {"newbalanceOrig": 3999.98}),
        (CASH_IN, CASH_IN | {"newbalanceOrig": 4000.0}),
    ],
    "destination_balance": [
        (TRANSFER | {"newbalanceDest": 1000.01}, TRANSFER | {"newbalanceDest": 1000.02}),
        (TRANSFER | {"newbalanceDest": 999.99}, TRANSFER | {"newbalanceDest": 999.98}),
        (CASH_IN, CASH_IN | {"newbalanceDest": 2000.0}),
        ({"newbalanceDest": 7.0}, TRANSFER | {"newbalanceDest": 7.0}),  # a merchant's balances are nobody's business
    ],
}
CASES = [(flag, good, bad) for flag, pairs in BOUNDARIES.items() for good, bad in pairs]


def test_every_check_has_a_boundary() -> None:
    of_own_types = {"no_amount", "no_rate", "kept_fields"}  # see test_own.py, test_money.py and test_parser.py
    assert BOUNDARIES.keys() | of_own_types == {check.flag for check in CHECKS}
    assert len(BOUNDARIES) + len(of_own_types) == len(CHECKS)


@pytest.mark.parametrize(("flag", "good", "bad"), CASES)
def test_a_check_fails_beyond_its_boundary_and_not_at_it(
    transaction: Make, flag: str, good: dict[str, Any], bad: dict[str, Any]
) -> None:
    assert quality_flags(transaction(**good), NOW) == ()
    assert quality_flags(transaction(**bad), NOW) == (flag,)


def test_several_flags_come_in_the_order_of_the_list(transaction: Make) -> None:
    odd = transaction(type="TRANSFER", nameDest="C123456789", amount=9000.0, occurred_at="2020-01-01T00:00:00Z")
    assert quality_flags(odd, NOW) == ("stale", "self_transfer", "overdraft", "origin_balance", "destination_balance")


def test_without_a_time_there_is_nothing_to_doubt(transaction: Make) -> None:
    assert quality_flags(transaction(), NOW) == ()


def decided(transaction: BuiltInTransaction, quality: tuple[str, ...]) -> Decision:
    prediction = Prediction(0.4, "v", "model")
    return decide(
        transaction, prediction, first_policy(), NOW, NOW, degraded=(), quality=quality, velocity={}, aggregates={}
    )


def test_flags_travel_with_the_decision_and_change_nothing_else_in_it(transaction: Make) -> None:
    every = tuple(check.flag for check in CHECKS)
    plain, flagged = decided(transaction(), ()), decided(transaction(), every)
    assert (flagged.quality, replace(flagged, quality=())) == (every, plain)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"step": None}, "wrong_kind"),
    ({"step": -1}, "out_of_range"),
    ({"step": 10**9}, ""),
    ({"step": 10**9 + 1}, "out_of_range"),
    ({"amount": -1}, "out_of_range"),
    ({"amount": 10**15 - 1}, ""),
    ({"amount": 10**15}, "out_of_range"),
    ({"amount": 10**28}, "out_of_range"),
    ({"amount": "1"}, "wrong_kind"),
    ({"amount": True}, "wrong_kind"),
    ({"type": "PAYMENTS"}, "unknown_type"),
    ({"nameOrig": ""}, "bad_text"),
    ({"nameOrig": "C" * 64}, ""),
    ({"nameOrig": "C" * 65}, "bad_text"),
    ({"nameOrig": "C\n"}, "bad_text"),
    ({"nameOrig": "\ud800"}, "bad_text"),
    ({"nameOrig": 7}, "wrong_kind"),
    ({"occurred_at": "2026-11-24"}, "bad_time"),
    ({"occurred_at": "1969-12-31T23:59:59Z"}, "out_of_range"),
    ({"currency": "EUR"}, "unknown_field"),
]


def why(sent: object) -> tuple[str, ...]:
    try:
        read_transaction(sent, "")
    except InvalidInput as exc:
        return reasons(exc.faults)
    return ()


@pytest.mark.parametrize(("changes", "reason"), REFUSED)
def test_what_is_refused_has_a_reason_of_the_list(
    sent: Callable[..., dict[str, Any]], changes: dict[str, Any], reason: str
) -> None:
    whole = {name: int(value) if isinstance(value, float) else value for name, value in sent().items()}
    assert why(whole | changes) == ((reason,) if reason else ())


@pytest.mark.parametrize("body", [None, [], 7, "x"])
def test_what_is_no_object_is_of_the_wrong_kind(body: object) -> None:
    assert why(body) == ("wrong_kind",)


def test_an_empty_transaction_has_one_reason_for_all_its_faults() -> None:
    assert why({}) == ("missing",)


def test_reasons_stand_once_each_in_order_of_name() -> None:
    found = [Fault("", "", code) for code in ("rfc3339", "missing", "less_than", "greater_than", "missing")]
    assert reasons(found) == ("bad_time", "missing", "out_of_range")


def test_a_fault_that_the_list_does_not_know_is_counted_all_the_same() -> None:
    assert "brand_new" not in REASONS
    assert reasons([Fault("", "", "brand_new")]) == (OTHER,)
