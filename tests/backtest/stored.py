"""Stored decisions for tests on history, written as the store writes them.

A payment's risk and what became of it follow from its number, so that a test can count again without the product.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from fraudshield.policy.policy import Policy, first_policy
from fraudshield.predictor.prediction import Prediction
from fraudshield.scoring.decision import ScoredTransaction, decide
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.conftest import README_TRANSACTION
from tests.store import engine_rows

ACCOUNTS = 5  # payments have a sender in common, on average
SECOND = timedelta(seconds=1)
MONEY = {name: Decimal(repr(one)) for name, one in README_TRANSACTION.items() if isinstance(one, float)}


def risk_of(number: int) -> float:
    """From 0 to 0.9999, spread evenly and in no order."""
    return number * 7919 % 10_000 / 10_000


def is_fraud(number: int) -> bool:
    """One in two hundred, of the risky ones more."""
    return number % 200 == 0 or (risk_of(number) > 0.97 and number % 7 == 0)


def stored(number: int, first_at: datetime, policy: Policy) -> ScoredTransaction:
    """The payment of this number as `policy` decided it."""
    at = first_at + number * SECOND
    said = {"transaction_id": f"p{number}", "nameOrig": f"C{number // ACCOUNTS}", "nameDest": f"M{number % 97}"}
    payment = BuiltInTransaction.model_construct(**{**README_TRANSACTION, **MONEY, **said, "occurred_at": at})
    decision = decide(
        payment, Prediction(risk_of(number), "m-1", "model"), policy, at, at, (), (), velocity={}, aggregates={}
    )
    return ScoredTransaction(payment, at, at, (0.5,) * 4, replace(decision, reasons=()))


def items(payments: int, first_at: datetime, policy: Policy) -> Iterator[Any]:
    """Their items, with the labels of those that turned out to be fraud."""
    for number in range(payments):
        item: Any = to_item(stored(number, first_at, policy), "api")
        if is_fraud(number):
            item |= {"label": {"S": "fraud"}, "labelled_at": item["decided_at"]}
        yield item


def seed(database: Path, table: str, payments: int, policy: Policy | None = None) -> datetime:
    """Writes so many into the engine's file, a second apart, the last one just now; returns when the first one was."""
    first_at = (datetime.now(UTC) - (payments + 60) * SECOND).replace(microsecond=0)
    engine_rows.write(database, table, items(payments, first_at, policy or first_policy()))
    return first_at
