"""Cursors: whatever was not made here, for this list and this filter, opens nothing."""

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.errors import Malformed
from fraudshield.text.cursor import MOST, Cursors

CURSORS = Cursors(b"a secret of the deployment")
ASKED = {"list": "transactions", "type": "TRANSFER"}
POSITION = ["2026-11-24", 7, {"transaction_id": "t-1é", "occurred_at": "2026-11-24T10:00:00.000000Z"}]
CURSOR = CURSORS.seal(ASKED, POSITION)

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


def refusal(cursor: str, asked: dict[str, object] | None = None, cursors: Cursors = CURSORS) -> str:
    """The code under which it is refused."""
    with pytest.raises(Malformed) as raised:
        cursors.open(ASKED if asked is None else asked, cursor)
    return raised.value.code


@given(st.dictionaries(st.text(max_size=8), plain, max_size=4), plain)
def test_what_was_sealed_is_opened_again(asked: dict[str, object], position: object) -> None:
    assert CURSORS.open(asked, CURSORS.seal(asked, position)) == position


def test_a_filter_is_the_same_however_its_parts_are_ordered() -> None:
    assert CURSORS.open(dict(reversed(ASKED.items())), CURSOR) == POSITION


@pytest.mark.parametrize(
    "asked", [{}, {"list": "transactions"}, ASKED | {"type": "DEBIT"}, ASKED | {"list": "predictions"}]
)
def test_a_cursor_of_another_list_or_filter_is_refused(asked: dict[str, object]) -> None:
    assert refusal(CURSOR, asked) == "invalid_cursor"


def test_a_cursor_of_another_deployment_is_refused() -> None:
    assert refusal(CURSOR, cursors=Cursors(b"another secret")) == "invalid_cursor"


@pytest.mark.parametrize("at", range(0, len(CURSOR), 7))
def test_a_cursor_with_one_character_changed_is_refused(at: int) -> None:
    other = "A" if CURSOR[at] != "A" else "B"
    assert refusal(CURSOR[:at] + other + CURSOR[at + 1 :]) == "invalid_cursor"


@pytest.mark.parametrize("length", [0, 1, 2, 42, 43, 44, len(CURSOR) - 1])
def test_a_truncated_cursor_is_refused(length: int) -> None:
    assert refusal(CURSOR[:length]) == "invalid_cursor"


@pytest.mark.parametrize(
    "given", [CURSOR + "=", CURSOR + "A", f" {CURSOR}", f"{CURSOR}\n", "é", "\ud800", "%", "A" * (MOST + 1)]
)
def test_a_cursor_spelled_otherwise_is_refused(given: str) -> None:
    assert refusal(given) == "invalid_cursor"


def test_a_position_that_nobody_signed_is_refused() -> None:
    assert refusal(urlsafe_b64encode(b"\x00" * 32 + b'["2026-11-24"]').decode()) == "invalid_cursor"


@given(st.text(max_size=200))
def test_no_text_at_all_gets_further_than_a_refusal(given: str) -> None:
    assert refusal(given) == "invalid_cursor"


def test_the_secret_is_not_shown() -> None:
    assert "secret of" not in repr(CURSORS)
