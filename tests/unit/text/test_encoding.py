"""Text that was not UTF-8 is refused by the one rule: in a body, in parameters, in a line of a file."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.errors import Malformed
from fraudshield.text.encoding import NOT_UTF8, is_intact
from fraudshield.text.query import PageQuery, read_query
from fraudshield.text.strict_json import parse, parse_sent

SPOILT = "G\ufffdrtner"


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"name": SPOILT}, ensure_ascii=False),
        json.dumps({"name": SPOILT}),
        json.dumps([{"a": [{SPOILT: 1}]}], ensure_ascii=False),
        json.dumps([{"a": [{SPOILT: 1}]}]),
        '"\\uFFFD"',
        '"\\\\\\ufFfd"',
    ],
)
def test_a_body_with_the_trace_of_unread_bytes_is_refused(body: str) -> None:
    with pytest.raises(Malformed, match=r"not UTF-8: found U\+FFFD.* at line 1, byte") as refused:
        parse_sent(body.encode())
    assert refused.value.code == "not_json"


def test_it_is_told_where_they_stood() -> None:
    with pytest.raises(Malformed, match="at line 2, byte 4"):
        parse_sent('{\n "a\ufffd": 1}'.encode())


@pytest.mark.parametrize("body", ['"\\\\ufffd"', '"\\\\\\\\ufffd"', '"ufffd"', '"\\ufffc"', '"\\u00e4"', '"\ufffc"'])
def test_what_only_looks_alike_is_text(body: str) -> None:
    assert parse_sent(body.encode()) == json.loads(body)


@given(text=st.text(alphabet=st.sampled_from('\\uUfFdD\ufffd"a\u00e4')), escaped=st.booleans())
def test_a_text_is_read_back_or_was_not_intact(text: str, escaped: bool) -> None:
    body = json.dumps({text: [text]}, ensure_ascii=escaped).encode()
    if is_intact(text):
        assert parse_sent(body) == {text: [text]}
    else:
        with pytest.raises(Malformed, match="not UTF-8"):
            parse_sent(body)
    assert parse(body) == {text: [text]}  # as it may be stored already


@pytest.mark.parametrize("pair", [("cursor", SPOILT), (SPOILT, "1")])
def test_a_parameter_with_the_trace_of_unread_bytes_is_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(Malformed) as refused:
        read_query([("limit", "7"), pair], PageQuery)
    assert refused.value.code == "invalid_parameter"
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(f"?{pair[0]}", NOT_UTF8)]
