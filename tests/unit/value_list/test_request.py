"""A file of values: read line by line, a bad line fails alone."""

import pytest

from fraudshield.errors import InvalidInput, Malformed, TooLarge
from fraudshield.value_list.request import EntryLine, RefusedEntryLine, read_entries, read_entry, read_list
from tests.value_lists.fake import MADE_AT, list_of

CARD = "4242424242424242"


def read(lines: str, header: str = "value,note,expires_at", name: str = "mules") -> list[EntryLine | RefusedEntryLine]:
    return read_entries(f"{header}\n{lines}\n".encode(), list_of(name), MADE_AT)


def test_a_line_is_a_value_with_a_note_and_an_end_that_may_be_left_out() -> None:
    first, second = read("C1,Told by the bank,2027-01-01T00:00:00+01:00\n'+4912345,,")
    assert isinstance(first, EntryLine)
    assert isinstance(second, EntryLine)
    assert (first.addition.value, first.addition.note) == ("C1", "Told by the bank")
    assert str(first.addition.expires_at) == "2026-12-31 23:00:00+00:00"
    assert (second.addition.value, second.addition.note, second.addition.expires_at) == ("+4912345", "", None)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (",a note,", "string_too_short"),
        (f"{'x' * 513},,", "string_too_long"),
        ("C1,,2026-11-24T10:00:00Z", "not_ahead"),
        ("C1,,tomorrow", "rfc3339"),
        ("C1,a", "row_length"),
        ("C0,,", "value_twice"),
        ('C1,"a,', "not_csv"),
    ],
)
def test_a_bad_line_says_why(line: str, code: str) -> None:
    _, bad = read(f"C0,,\n{line}")
    assert isinstance(bad, RefusedEntryLine)
    assert (bad.number, bad.fault.code) == (3, code)


def test_a_list_of_cards_takes_no_card_number_and_does_not_repeat_it() -> None:
    [bad] = read(f"{CARD},,", name="stolen_cards")
    assert isinstance(bad, RefusedEntryLine)
    assert bad.fault.code == "card_number"
    assert CARD not in bad.fault.detail
    [good] = read(f"{CARD},,")
    assert isinstance(good, EntryLine)


@pytest.mark.parametrize("header", ["note", "value,value", "value,reason", "value;note"])
def test_another_header_is_refused(header: str) -> None:
    with pytest.raises(Malformed):
        read("C1", header)


@pytest.mark.parametrize("body", ["value,note,expires_at\n,,\n", "value\n", ""])
def test_a_file_without_a_line_is_refused(body: str) -> None:
    with pytest.raises(Malformed):
        read_entries(body.encode(), list_of(), MADE_AT)


def test_ten_thousand_lines_are_taken_and_no_more() -> None:
    lines = "\n".join(f"C{number},," for number in range(10_000))
    assert len(read(lines)) == 10_000
    with pytest.raises(TooLarge):
        read(f"{lines}\nC,,")


@pytest.mark.parametrize("body", [{"value": ""}, {"value": 7}, {"value": "C1", "note": None}, {"value": "C1", "x": 1}])
def test_an_entry_that_cannot_be_is_refused(body: object) -> None:
    with pytest.raises(InvalidInput):
        read_entry(body)


def test_a_list_needs_a_kind() -> None:
    with pytest.raises(InvalidInput):
        read_list({"description": "Mules"})
