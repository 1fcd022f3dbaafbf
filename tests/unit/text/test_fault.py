"""Faults say where, what was expected and what was found, and never more than a sender can read."""

from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fraudshield.errors import Fault
from fraudshield.text.fault import MOST, SHOWN, faults_of, kind


class Parcel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    weight: int
    tags: list[int] = []
    labels: Annotated[tuple[int, ...], Field(min_length=2)] = (1, 2)


def faults(sent: Any, pointer: str = "") -> tuple[Fault, ...]:
    with pytest.raises(ValidationError) as refused:
        Parcel.model_validate(sent)
    return faults_of(refused.value, pointer)


def test_a_fault_points_at_its_field_below_the_given_place() -> None:
    [fault] = faults({"weight": 1, "tags": [1, "x"]}, "/parcels/3")
    assert fault.pointer == "/parcels/3/tags/1"
    assert fault.detail.endswith(", found 'x'")


def test_a_missing_field_was_not_found() -> None:
    assert faults({}) == (Fault("/weight", "Field required", "missing"),)


def test_a_pointer_escapes_what_means_something_in_pointers() -> None:
    [fault] = faults({"weight": 1, "a/b~c": 2})
    assert fault.pointer == "/a~1b~0c"


@pytest.mark.parametrize(("labels", "pointers"), [([1], ["/labels"]), (["x", 2], ["/labels/0"])])
def test_a_list_is_too_short_only_when_too_little_was_sent(labels: list[object], pointers: list[str]) -> None:
    assert [fault.pointer for fault in faults({"weight": 1, "labels": labels})] == pointers


@pytest.mark.parametrize(("length", "shown"), [(SHOWN - 2, SHOWN), (SHOWN - 1, SHOWN + 3), (10_000, SHOWN + 3)])
def test_a_long_value_is_cut(length: int, shown: int) -> None:
    [fault] = faults({"weight": "x" * length})
    assert len(fault.detail.partition("found ")[2]) == shown


def test_a_long_key_is_cut() -> None:
    [fault] = faults({"weight": 1, "k" * 1000: 2})
    assert fault.pointer == "/" + "k" * SHOWN


@pytest.mark.parametrize(("value", "words"), [({"a": 1}, "an object"), ([1], "a list"), ([], "an empty list")])
def test_a_structure_is_named_and_not_repeated(value: object, words: str) -> None:
    [fault] = faults({"weight": value})
    assert fault.detail.endswith(f", found {words}")


@pytest.mark.parametrize("count", [MOST - 1, MOST, MOST + 1, 1000])
def test_the_first_faults_are_told(count: int) -> None:
    assert len(faults({"weight": 1, **{f"k{i}": i for i in range(count)}})) == min(count, MOST)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "an object"),
        ([], "an empty list"),
        ([0], "a list"),
        ("", "an empty text"),
        ("x", "a text"),
        (True, "true or false"),
        (None, "nothing"),
        (0, "a number"),
        (Decimal("0.1"), "a number"),
    ],
)
def test_every_json_value_has_a_name(value: object, words: str) -> None:
    assert kind(value) == words
