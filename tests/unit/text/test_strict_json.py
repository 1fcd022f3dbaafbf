"""JSON to the letter: what is not, is refused with a reason; what is, is read without loss."""

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.errors import Malformed
from fraudshield.text.strict_json import parse

NOT_JSON: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "Expecting value"),
    "a word": (b"hello", "line 1, column 1"),
    "half an object": (b'{"a": 1', "line 1, column 8"),
    "two values": (b"1 2", "Extra data"),
    "a comma too many": (b"[1,]", "Expecting value|trailing comma"),
    "single quotes": (b"{'a': 1}", "property name"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "byte order mark"),
    "utf-16": ('{"a": 1}'.encode("utf-16"), "byte 0 cannot be read"),
    "utf-16 without a mark": ('{"a": 1}'.encode("utf-16-le"), "property name"),
    "half a character": (b'"\xc3"', "byte 1 cannot be read"),
    "NaN": (b'{"a": NaN}', "NaN is not a number"),
    "Infinity": (b"[Infinity]", "Infinity is not a number"),
    "-Infinity": (b"-Infinity", "-Infinity is not a number"),
    "a raw NUL": (b'"a\x00b"', "Invalid control character"),
    "an unending number": (b"1" * 5000, "too many digits"),
    "an exponent without end": (b"1e" + b"9" * 30, "too many digits"),
    "a deep nest": (b"[" * 100_000, "nested too deeply"),
    "a deep and closed nest": (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
}


@pytest.mark.parametrize("case", NOT_JSON)
def test_what_is_not_json_is_refused_with_a_reason(case: str) -> None:
    body, reason = NOT_JSON[case]
    with pytest.raises(Malformed, match=reason) as refused:
        parse(body)
    assert refused.value.code == "not_json"


@pytest.mark.parametrize("body", [b'{"a": 1, "a": 1}', b'[{"b": {"a": 1, "c": 2, "a": 3}}]', b'{"a": 1, "\\u0061": 2}'])
def test_a_key_that_stands_twice_is_refused_wherever_it_stands(body: bytes) -> None:
    with pytest.raises(Malformed, match="'a' stands twice") as refused:
        parse(body)
    assert refused.value.code == "duplicate_key"


def test_the_same_key_in_two_objects_is_fine() -> None:
    assert parse(b'[{"a": 1}, {"a": 2}]') == [{"a": 1}, {"a": 2}]


def test_integers_stay_integers_and_all_else_is_decimal() -> None:
    parsed = parse(b"[1, 1.0, 1e2]")
    assert parsed == [1, Decimal("1.0"), Decimal("1e2")]
    assert [isinstance(number, int) for number in parsed if isinstance(parsed, list)] == [True, False, False]


def test_the_longest_integer_that_python_reads_is_read() -> None:
    assert parse(b"1" * 4300) == int("1" * 4300)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(values)
def test_whatever_was_written_is_read_back(value: Any) -> None:
    assert parse(json.dumps(value).encode()) == value


@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(Malformed):
        parse(body)
