"""The sentence of a feature's reason, with its value in it."""

from decimal import Decimal
from typing import Any

import pytest

from fraudshield.event_type.feature import Feature
from fraudshield.event_type.sentence import sentence
from fraudshield.expression.expression import feature
from fraudshield.expression.names import Environment, Kind

NAMES = Environment({"amount": Kind.MONEY, "kind": Kind.CATEGORY, "is_new": Kind.BOOLEAN, "score": Kind.NUMBER})


def said(value: object, of: str = "score", **written: Any) -> str:
    made = Feature.model_validate({"value": of, **written})
    return sentence("x", made, feature(of, NAMES).tree).of(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("place", "value", "text"),
    [
        ("{money}", 1234.5, "1,234.50"),
        ("{money}", Decimal("0.295"), "0.30"),  # as a decimal, where the nearest float64 lies below
        ("{size}", -1234.5, "1,234.50"),
        ("{percent}", 0.98, "98"),
        ("{percent}", 0.9996, "99.9"),
        ("{percent}", 1.0, "100"),
        ("{times}", 1234.4, "1,234"),
        ("{value}", 1234.0, "1,234"),
        ("{value}", 0.123456, "0.1235"),
    ],
)
def test_a_number_is_written_as_the_place_says(place: str, value: float | Decimal, text: str) -> None:
    assert said(value, says=f"It is {place}!") == f"It is {text}!"


def test_the_first_case_that_holds_says_it() -> None:
    cases = [{"when": "value < 0", "says": "less by {size}"}, {"when": "value < 10", "says": "few: {value}"}]
    found = [said(value, says="many: {value}", cases=cases) for value in (-1.0, 5.0, 10.0)]
    assert found == ["less by 1.00", "few: 5", "many: 10"]


def test_an_amount_is_compared_as_a_decimal() -> None:
    cases = [{"when": "value < 0.30000000000000001", "says": "less"}]
    assert said(Decimal("0.3"), "amount", says="no less", cases=cases) == "less"
    assert said(0.3, "score", says="no less", cases=cases) == "no less"


def test_categories_and_conditions_are_said_in_words() -> None:
    assert said("TRANSFER", "kind", says="The type is {value}") == "The type is TRANSFER"
    cases = [{"when": "value", "says": "It is new"}]
    assert [said(one, "is_new", says="It is old", cases=cases) for one in (True, False)] == ["It is new", "It is old"]
    assert said(True, "is_new") == "x is true"


def test_without_a_sentence_its_name_and_value_are_said() -> None:
    assert (said(2.5), said(None)) == ("x is 2.5", "x is missing")
