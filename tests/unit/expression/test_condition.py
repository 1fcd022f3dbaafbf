"""What conditions say of a payment: held, not held, or not evaluated and why."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.expression.expression import condition, feature
from fraudshield.expression.names import ListQuestion
from fraudshield.expression.reading import AtLeast, NotEvaluated, Unread
from tests.unit.expression.agreement import held
from tests.unit.expression.random_value import ENVIRONMENT

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
PAYMENT: dict[str, Any] = {
    "amount": Decimal("1000.01"),
    "fee": Decimal("0.10"),
    "balance": 0.3,
    "items": 7,
    "kind": "TRANSFER",
    "payee": "Bob",
    "known": False,
    "paid_at": NOON,
    "opened_at": NOON - timedelta(hours=72),
}


@pytest.mark.parametrize(
    "text",
    [
        "true || true && false",
        "!(false && false || true && false)",
        "not known",
        "not known and not known",
        "not kind == 'PAYMENT'",
        "!known == true",
        "1 + 2 * 3 == 7",
        "10 - 3 - 2 == 5",
        "8 / 4 / 2 == 1",
        "2 * 3 % 4 == 2",
        "-2 * -3 == 6",
        "--2 == 2",
        "5 / 2 == 2.5",
        "-7 % 3 == -1",
        "known ? false : known ? false : true",
        "(known ? 1 : 2) == 2",
        "1 < 2 == true",
        'kind in ["TRANSFER", "CASH_OUT",]',
        "items in [1, 7]",
        "!(items in [])",
        "amount in [1000.01]",
        'payee.lowerAscii() == "bob"',
        'payee.startsWith("B") && payee.endsWith("ob") && payee.contains("o")',
        "payee == \"B\\u006fb\" && payee == 'Bob'",
        r'"\"\'\\\n\r\t" == ' + r"'" + r'"\'\\\n\r\t' + r"'",
        'size("müller") == 6 && size("日本") == 2',
        "abs(-3) == 3 && min(3, 1, 2) == 1 && max(1, 3) == 3",
        'paid_at - opened_at == duration("72h")',
        'paid_at - opened_at <= duration("72h") && opened_at - paid_at < duration("-71h59m59.999999s")',
        '(paid_at - opened_at) / duration("1h") == 72',
        'hour(paid_at) == 14 && hour(paid_at, "UTC") == 12',
        'weekday(paid_at) == 3 && weekday(paid_at, "Pacific/Kiritimati") == 4',
        "payee.lowerAscii() in lists.blocked && !(payee in lists.blocked)",
        "has(kind) && !has(ratio)",
        "1e3 == 1000 && .5 == 0.5",
        "\tknown\n==\r\nfalse ",
    ],
)
def test_it_holds(text: str) -> None:
    assert held(text, PAYMENT) is True


@pytest.mark.parametrize("text", ["ratio > 1 && known", "known && ratio > 1", "!(ratio > 1 || !known)"])
def test_what_is_missing_does_not_matter_where_another_side_decides(text: str) -> None:
    assert held(text, PAYMENT) is False


@pytest.mark.parametrize(
    "text",
    [
        "ratio > 1",
        "!(ratio > 1)",
        "ratio > 1 || known",
        "!known && ratio > 1",
        "ratio in []",
        "ratio > 1 ? true : true",
    ],
)
def test_what_is_missing_leaves_no_value(text: str) -> None:
    assert held(text, PAYMENT) == held(text, {**PAYMENT, "ratio": None}) == NotEvaluated("missing", "ratio")


def test_only_the_chosen_side_needs_a_value() -> None:
    assert held("known ? ratio > 1 : true", PAYMENT) is True


@pytest.mark.parametrize(
    ("text", "values", "code", "words"),
    [
        ("payee == 'A'", {"payee": None}, "missing", "payee is missing"),
        ("count_1h > 5", {"count_1h": Unread()}, "unread", "count_1h could not be read"),
        ("has(amount)", {"amount": Unread("no_rate")}, "no_rate", "amount is in a currency that has no rate"),
        ("1 / (items - 7) > 0", {}, "division_by_zero", "a division by zero"),
        ("items % (items - 7) > 0", {}, "division_by_zero", "a division by zero"),
        ("balance * 1e110 * 1e110 * 1e110 > 0", {}, "overflow", "a number is too large for a float64"),
        ("balance > 0", {"balance": float("inf")}, "overflow", "a number is too large for a float64"),
        ("balance > 0", {"balance": float("nan")}, "overflow", "a number is too large for a float64"),
        ("items > 0", {"items": 10**400}, "overflow", "a number is too large for a float64"),
        ("payee in lists.absent", {}, "list_unread", "the list absent could not be read"),
        ("count_1h < 2000", {"count_1h": AtLeast(1000)}, "history_capped", "count_1h counts more payments than"),
    ],
)
def test_the_reason_is_said(text: str, values: dict[str, Any], code: str, words: str) -> None:
    found = held(text, PAYMENT | values)
    assert isinstance(found, NotEvaluated)
    assert found.code == code
    assert found.detail.startswith(words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count_1h > 999", True),
        ("count_1h >= 1000", True),
        ("count_1h < 1000", False),
        ("999 >= count_1h", False),
        ("count_1h == 5", False),
        ("count_1h != 5", True),
        ("sum_1h > amount", True),
    ],
)
def test_a_capped_count_decides_what_it_can(text: str, expected: bool) -> None:
    assert held(text, PAYMENT | {"count_1h": AtLeast(1000), "sum_1h": AtLeast(Decimal(5000))}) is expected


@pytest.mark.parametrize("text", ["count_1h > 1000", "count_1h == 1000", "count_1h + 1 > 5", "count_1h == count_1h"])
def test_a_capped_count_decides_nothing_else(text: str) -> None:
    assert held(text, {"count_1h": AtLeast(1000)}) == NotEvaluated("history_capped", "count_1h")


LONG = Decimal("9007199254740993")  # 2 ** 53 + 1, which no float64 is


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("amount == 9007199254740992", {"amount": LONG}, False),
        ("amount > 9007199254740992", {"amount": LONG}, True),
        ("9007199254740992 < amount", {"amount": LONG}, True),
        ("amount > fee", {"amount": LONG, "fee": LONG - 1}, True),
        ("amount in [9007199254740992]", {"amount": LONG}, False),
        ("amount == -0.1", {"amount": Decimal("-0.1")}, True),
        ("amount + 0 == 9007199254740992", {"amount": LONG}, True),  # arithmetic is float64
        ("amount == items", {"amount": LONG, "items": int(LONG) - 1}, True),  # and so is what is not money
        ("fee + fee + fee == 0.3", {"fee": Decimal("0.1")}, False),
    ],
)
def test_bare_money_is_compared_as_decimals_and_nothing_else_is(
    text: str, values: dict[str, Any], expected: bool
) -> None:
    assert held(text, values) is expected


def test_a_feature_is_a_float64_a_truth_value_or_a_text() -> None:
    assert repr(feature("amount", ENVIRONMENT).evaluate(PAYMENT)) == "1000.01"
    assert repr(feature("-items * 0", ENVIRONMENT).evaluate(PAYMENT)) == "-0.0"
    assert feature("kind", ENVIRONMENT).evaluate(PAYMENT) == "TRANSFER"
    assert feature("known", ENVIRONMENT).evaluate(PAYMENT) is False


def test_names_that_are_used_are_read_off_the_tree() -> None:
    text = (
        "amount > 5 && has(ratio) && payee.lowerAscii() in lists.blocked && payee in lists.trusted || count_1h > risk"
    )
    names = condition(text, ENVIRONMENT).names
    assert names.fields == {"amount", "ratio", "payee"}
    assert names.aggregates == {"count_1h"}
    assert names.lists == {ListQuestion("blocked", "payee", lower=True), ListQuestion("trusted", "payee")}
    assert names.risk
    assert not condition("known", ENVIRONMENT).names.risk


def test_the_text_shows_what_was_read() -> None:
    text = 'amount > 1e3 && payee == "Bob" && has(ratio) && paid_at - opened_at > duration("1h") && count_1h > balance'
    values = PAYMENT | {"count_1h": AtLeast(1000), "amount": Decimal("1E+3"), "balance": 1e22}
    assert condition(text, ENVIRONMENT).text_with_values(values, masked={"payee"}) == (
        'amount=1000 > 1e3 && payee=*** == "Bob" && has(ratio=missing) && paid_at=2026-07-01T12:00:00Z - '
        'opened_at=2026-06-28T12:00:00Z > duration("1h") && count_1h>=1000 > balance=10000000000000000000000'
    )


def test_the_text_shows_texts_in_quotes_and_what_was_not_read() -> None:
    rule = condition('payee == "amount" && known && amount > 5 && items > 5', ENVIRONMENT)
    values: dict[str, Any] = {"payee": 'a"\n', "known": True, "amount": Unread("no_rate"), "items": 7}
    assert rule.text_with_values(values) == (
        r'payee="a\"\n" == "amount" && known=true && amount=no_rate > 5 && items=7 > 5'
    )
