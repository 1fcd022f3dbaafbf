"""A file of labels is read line by line; a bad line fails alone, a bad file as a whole."""

import gzip

import pytest

from fraudshield.errors import Malformed, TooLarge
from fraudshield.label.file import LabelLine, RefusedLine, read_lines
from fraudshield.label.label import Label
from fraudshield.label.port import LabelResult
from fraudshield.label.response import labels_response
from fraudshield.text.csv_table import MOST_LINES
from tests.fakes import NOW

HEADER = "transaction_id,label,source,labelled_at"


def read(*lines: str, header: str = HEADER, ending: str = "\n") -> list[LabelLine | RefusedLine]:
    return read_lines(ending.join([header, *lines]).encode(), NOW)


def codes(lines: list[LabelLine | RefusedLine]) -> list[str]:
    """Of the bad ones; empty for a good one."""
    return [line.fault.code if isinstance(line, RefusedLine) else "" for line in lines]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_line_is_a_label_with_its_number(ending: str) -> None:
    lines = read("t1,fraud,chargeback,2026-11-24T09:00:00Z", "", "t2,genuine,,", "", ending=ending)
    assert lines == [
        LabelLine(2, "t1", Label("fraud", "chargeback", NOW.replace(hour=9))),
        LabelLine(4, "t2", Label("genuine", "import", NOW)),
    ]


@pytest.mark.parametrize("header", ["label,transaction_id", "\ufefflabel, transaction_id", '"label","transaction_id"'])
def test_columns_come_in_any_order_and_two_are_enough(header: str) -> None:
    assert read("fraud,t1", header=header) == [LabelLine(2, "t1", Label("fraud", "import", NOW))]


@pytest.mark.parametrize(
    "header",
    ["", "transaction_id", "t1,fraud", f"{HEADER},note", "transaction_id,label,label", "transaction_id;label"],
)
def test_a_file_without_the_header_is_refused_whole(header: str) -> None:
    with pytest.raises(Malformed, match="columns"):
        read("t1,fraud", header=header)


def test_a_header_with_an_open_quote_is_refused() -> None:
    with pytest.raises(Malformed, match="line 1: a quote is still open"):
        read("t1,fraud", header='"a')


def test_columns_without_a_name_are_passed_over() -> None:
    assert read("t1,fraud,,x", header="transaction_id,label,,") == [LabelLine(2, "t1", Label("fraud", "import", NOW))]


def test_a_row_of_commas_is_an_empty_line() -> None:
    assert [line.number for line in read(",,,", "t1,fraud,,", '"",,,', "t2,fraud,,", ",")] == [3, 5]


def test_an_id_is_read_as_it_stands() -> None:
    assert [
        line.transaction_id for line in read(" lead,fraud,,", "trail ,fraud,,", "x\u00a0,fraud,,", "'-7,fraud,,")
    ] == [
        " lead",
        "trail ",
        "x\u00a0",
        "'-7",
    ]


def test_a_line_that_is_no_utf8_is_refused_alone() -> None:
    for spoilt in (b"\xff", "\ufffd".encode()):
        lines = read_lines(f"{HEADER}\nt1,fraud,,\n".encode() + spoilt + b",fraud,,\nt2,fraud,,\n", NOW)
        assert codes(lines) == ["", "not_utf8", ""]


def test_a_file_may_be_packed() -> None:
    text = f"{HEADER}\nt1,fraud,,\n".encode()
    assert read_lines(gzip.compress(text), NOW) == read_lines(text, NOW)
    with pytest.raises(TooLarge, match="unpacks to over 1,048,576 bytes"):
        read_lines(gzip.compress(text + b"x" * (1 << 20)), NOW)


def test_a_file_without_a_line_is_refused() -> None:
    with pytest.raises(Malformed, match="no line"):
        read("", "  ")


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(Malformed, match="is not UTF-8: line 1 has byte 0xff at byte 1"):
        read_lines(b"t\xff", NOW)


@pytest.mark.parametrize(("lines", "taken"), [(MOST_LINES, True), (MOST_LINES + 1, False)])
def test_ten_thousand_lines_are_taken_and_no_more(lines: int, *, taken: bool) -> None:
    many = ["t1,fraud,,"] * lines
    if taken:
        assert len(read(*many)) == lines
    else:
        with pytest.raises(TooLarge, match="10001 lines"):
            read(*many)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("t1,perhaps,,", "literal_error"),
        ("t1,,,", "missing"),
        ("t1,fraud,rumour,", "literal_error"),
        ("t1,fraud,,yesterday", "rfc3339"),
        ("t1,fraud,,2027-11-24T10:00:00Z", "ahead_of_now"),
        (",fraud,,", "string_too_short"),
        (f"{'t' * 129},fraud,,", "string_too_long"),
        ("t\x00,fraud,,", "not_text"),
        ("t1,fraud", "not_csv"),
        ("t1,fraud,,,", "not_csv"),
        ('"t1,fraud,,', "not_csv"),
        ('"t"1,fraud,,', "not_csv"),
        ("G\ufffdrtner,fraud,,", "not_utf8"),
    ],
)
def test_a_bad_line_fails_alone(line: str, code: str) -> None:
    assert codes(read("t0,fraud,,", line, "t2,fraud,,")) == ["", code, ""]


def test_an_id_may_hold_commas_and_what_unicode_calls_a_line_separator() -> None:
    assert [line.transaction_id for line in read('"a,b",fraud,,', "a\u2028b,fraud,,")] == ["a,b", "a\u2028b"]


def test_an_id_is_read_as_it_stands_with_the_blanks_around_it() -> None:
    found = read(" lead,fraud,,", "trail ,fraud,,", "x\u00a0, fraud ,,")
    assert [line.transaction_id for line in found] == [" lead", "trail ", "x\u00a0"]
    assert codes(found) == ["", "", ""]


def test_a_line_in_another_encoding_is_refused_alone() -> None:
    lines = f"{HEADER}\nt1,fraud,,\nG\u00e4rtner,fraud,,\nt2,fraud,,".encode("latin-1")
    assert codes(read_lines(lines, NOW)) == ["", "not_utf8", ""]


def test_the_response_names_lines_as_the_file_counts_them() -> None:
    lines = read("t1,fraud,,", "t2,perhaps,,", "t3,genuine,,", "t4,fraud,,")
    fault = read(",fraud,,")[0]
    assert isinstance(fault, RefusedLine)
    response = labels_response(lines, [LabelResult.NEW, LabelResult.KNOWN, fault.fault])
    assert [error["line"] for error in response["errors"]] == [3, 5]
    assert [error["transaction_id"] for error in response["errors"]] == ["t2", "t4"]
    assert {name: response[name] for name in ("status", "lines", "labelled", "unchanged", "failed")} == {
        "status": "partial",
        "lines": 4,
        "labelled": 1,
        "unchanged": 1,
        "failed": 2,
    }
