"""Values as attributes of DynamoDB: what is stored has one spelling, whoever wrote it."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest

from fraudshield.dynamo.record import attributes, from_attributes


class Colour(StrEnum):
    RED = "red"


# As every item was written by hand before: the type, and the text that DynamoDB is sent.
SPELLED: list[tuple[Any, dict[str, Any]]] = [
    ("text", {"S": "text"}),
    ("", {"S": ""}),
    (Colour.RED, {"S": "red"}),
    (0, {"N": "0"}),
    (1_764_000_000, {"N": "1764000000"}),
    (-7, {"N": "-7"}),
    (True, {"BOOL": True}),
    (False, {"BOOL": False}),
    (b"\x1f\x8b", {"B": b"\x1f\x8b"}),
    ({"one"}, {"SS": ["one"]}),
    (["a", "b"], {"L": [{"S": "a"}, {"S": "b"}]}),
    ([], {"L": []}),
    ({"m": {"n": 2}}, {"M": {"m": {"M": {"n": {"N": "2"}}}}}),
]
DECIMALS = ["0", "0.00", "10.50", "1E+3", "1.5E+20", "1E-7", "0.0000001", "-0.10", "99999999999999999999.99"]


@pytest.mark.parametrize(("value", "attribute"), SPELLED)
def test_a_value_is_spelled_as_it_always_was(value: Any, attribute: dict[str, Any]) -> None:
    assert attributes({"name": value}) == {"name": attribute}


@pytest.mark.parametrize("text", DECIMALS)
def test_a_decimal_keeps_its_digits_and_has_no_exponent(text: str) -> None:
    value = Decimal(text)
    assert attributes({"one": value, "deep": {"x": [value]}}) == {
        "one": {"N": format(value, "f")},
        "deep": {"M": {"x": {"L": [{"N": format(value, "f")}]}}},
    }


@pytest.mark.parametrize("value", [*(value for value, _ in SPELLED), *map(Decimal, DECIMALS)])
def test_what_was_stored_reads_as_it_was(value: Any) -> None:
    assert from_attributes(attributes({"name": value})) == {"name": value}


def test_bytes_read_as_bytes() -> None:
    assert type(from_attributes({"body": {"B": b"x"}})["body"]) is bytes


def test_what_is_none_is_not_written() -> None:
    assert attributes({"there": 1, "missing": None}) == {"there": {"N": "1"}}


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="Float"):
        attributes({"risk": 0.1})
