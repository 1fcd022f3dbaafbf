"""What the expressions of these tests are about: fields of every kind, and payments in which some are missing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from fraudshield.expression.names import Environment, Kind
from fraudshield.expression.reading import AtLeast, Unread

FIELDS = {
    "amount": Kind.MONEY,
    "fee": Kind.MONEY,
    "balance": Kind.NUMBER,
    "ratio": Kind.NUMBER,
    "items": Kind.INTEGER,
    "kind": Kind.CATEGORY,
    "payee": Kind.TEXT,
    "known": Kind.BOOLEAN,
    "paid_at": Kind.INSTANT,
    "opened_at": Kind.INSTANT,
}
AGGREGATES = {"count_1h": Kind.INTEGER, "sum_1h": Kind.MONEY}
ENVIRONMENT = Environment(FIELDS, AGGREGATES, frozenset({"trusted", "blocked", "absent"}), "Europe/Berlin", risk=True)
KINDS = {**FIELDS, **AGGREGATES, "risk": Kind.NUMBER}
LISTS = {"trusted": frozenset({"ann", "Bob", "müller", ""}), "blocked": frozenset({"bob", "c1"})}

MONEY = [Decimal(one) for one in ("0", "-5", "10.99", "1000", "1000.00", "1000.01", "12345678901234.5", "0.1", "0.3")]
LONG_MONEY = [
    Decimal(one) for one in ("1000.00000000000000001", "9007199254740993", "9007199254740992", "0.30000000000000004")
]
NUMBERS = [0.0, -0.0, 1.0, 2.5, -3.75, 0.1, 0.2, 0.3, 999.0, 1e6]
WIDE_NUMBERS = [1e-120, 1e110, -1e119, 7e100, 4503599627370497.5]
INTEGERS = [0, 1, 2, 7, -3, 60, 1000]
TEXTS = [
    "",
    "ann",
    "Bob",
    "bob",
    "BOB",
    "c1",
    "C1",
    "müller",
    "MÜLLER",
    'a "b"',
    "it's",
    "a\\b",
    "\t",
    "日本",
    "x" * 20,
]
KIND_TEXTS = ["TRANSFER", "CASH_OUT", "PAYMENT"]
INSTANTS = [
    datetime(2026, 3, 29, 0, 59, 59, 999_999, UTC),  # the last moment before summer time in Berlin
    datetime(2026, 3, 29, 1, 0, 0, 0, UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 30, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
    datetime(2024, 2, 29, 12, tzinfo=UTC),
]
CHOICES: dict[str, list[Any]] = {
    "amount": MONEY,
    "fee": MONEY,
    "balance": NUMBERS,
    "ratio": NUMBERS,
    "items": INTEGERS,
    "kind": KIND_TEXTS,
    "payee": TEXTS,
    "known": [True, False],
    "paid_at": INSTANTS,
    "opened_at": INSTANTS,
    "count_1h": INTEGERS,
    "sum_1h": MONEY,
    "risk": [0.0, 0.25, 0.5, 0.999],
}
WIDE: dict[str, list[Any]] = {
    **CHOICES,
    "amount": MONEY + LONG_MONEY,
    "fee": MONEY + LONG_MONEY,
    "sum_1h": MONEY + LONG_MONEY,
    "balance": NUMBERS + WIDE_NUMBERS,
    "ratio": NUMBERS + WIDE_NUMBERS,
}


def payment(random: Random, *, wide: bool, missing: float = 0.15) -> dict[str, Any]:
    """Values of a payment; with `wide` also what CEL does not know: long decimals, huge numbers, what was not read."""
    choices = WIDE if wide else CHOICES
    values = {name: random.choice(of) for name, of in choices.items() if random.random() >= missing}
    if random.random() < 0.2:
        values[random.choice(list(choices))] = None
    if wide and random.random() < 0.3:
        values[random.choice(["amount", "sum_1h", "payee", "known"])] = Unread("no_rate")
    if wide and random.random() < 0.5:
        values["count_1h"] = AtLeast(random.choice(INTEGERS))
        values["sum_1h"] = AtLeast(random.choice(MONEY + LONG_MONEY))
    return values


def near(random: Random, instant: datetime) -> datetime:
    """An instant within two days of another."""
    return instant + timedelta(microseconds=random.randrange(-172_800_000_000, 172_800_000_000))
