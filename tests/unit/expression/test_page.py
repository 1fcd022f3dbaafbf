"""docs/expressions.md: every example is run, and every code that it lists is one, and the other way round."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fraudshield.expression.expression import condition, feature
from fraudshield.expression.fault import InvalidExpression
from fraudshield.expression.names import Environment, Kind

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/expressions.md").read_text(encoding="utf-8")
SOURCES = "".join(path.read_text() for path in (ROOT / "layers/fraudshield/fraudshield/expression").glob("*.py"))
ENVIRONMENT = Environment(
    fields={
        "amount": Kind.MONEY,
        "oldbalanceOrg": Kind.MONEY,
        "type": Kind.CATEGORY,
        "nameOrig": Kind.TEXT,
        "nameDest": Kind.TEXT,
        "device_id": Kind.TEXT,
        "currency": Kind.CATEGORY,
        "email": Kind.TEXT,
        "occurred_at": Kind.INSTANT,
        "opened_at": Kind.INSTANT,
    },
    aggregates={"count_1h": Kind.INTEGER, "mean_30d": Kind.MONEY},
    lists=frozenset({"stolen_devices", "trusted"}),
    risk=True,
)
AT = datetime(2026, 7, 4, 23, 30, tzinfo=UTC)  # Sunday, half past one in Berlin
PAYMENT: dict[str, Any] = {
    "amount": Decimal("6000"),
    "oldbalanceOrg": Decimal("6000.00"),
    "type": "TRANSFER",
    "nameOrig": "C1",
    "nameDest": "M2",
    "device_id": "d-1",
    "currency": "GBP",
    "email": "Ann@Example.com",
    "occurred_at": AT,
    "opened_at": AT - timedelta(hours=36),
    "count_1h": 3,
    "mean_30d": Decimal("100"),
    "risk": 0.9,
}
LISTS = {"stolen_devices": {"d-1"}, "trusted": {"C9"}}


def unescaped(cell: str) -> str:
    return cell.replace("\\|", "|")


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


RULES = [unescaped(cell) for cell in re.findall(r"(?m)^\| `(.+?)` \|", section("Examples"))]
FEATURES = re.findall(r"`([^`]+)`", section("Examples").partition("three features:")[2])
CODES = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"(?m)^\| (`[a-z_`, ]+) \|", section("Errors")))))


def test_there_are_ten_examples_and_three_features() -> None:
    assert (len(RULES), len(FEATURES)) == (10, 3)


@pytest.mark.parametrize("text", RULES)
def test_an_example_holds_for_the_payment_that_it_is_about(text: str) -> None:
    assert condition(text, ENVIRONMENT).evaluate(PAYMENT, LISTS) is True


def test_the_features_are_numbers() -> None:
    assert [feature(text, ENVIRONMENT).evaluate(PAYMENT) for text in FEATURES] == [1.0, 5900.0, 1.5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("has(email) && email == 'a'", False),
        ("1 == 1.0", True),
        ("5 / 2 == 2.5", True),
        ("0.1 + 0.2 == 0.3", False),
        ("count_1h > 500 || true", True),
    ],
)
def test_what_the_page_says_of_a_text_is_so(text: str, expected: bool) -> None:
    assert condition(text, ENVIRONMENT).evaluate({}) is expected


def test_the_error_that_is_shown_is_the_one_that_is_given() -> None:
    with pytest.raises(InvalidExpression) as refused:
        condition("amuont > 5", ENVIRONMENT)
    [fault] = refused.value.places
    shown = f'"position": {fault.position}, "detail": "{fault.detail}", "code": "{fault.code}"'
    assert f'{{{shown}, "suggestion": "{fault.suggestion}"}}' in PAGE


def test_every_code_is_listed() -> None:
    assert {code for code in CODES if f'"{code}"' not in SOURCES} == set()
    given = re.findall(r'(?:fail\(text, [^"]*?|fault\((?:[^"]|\n)*?)"([a-z_]+)"', SOURCES)
    assert set(given) - CODES == set()
    assert len(set(given)) >= 12
