"""A CSV is the same rows however its lines end, its cells are quoted, its bytes are packed and arrive."""

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.errors import Fault, Malformed
from fraudshield.text.csv_format import NOT_TEXT, SAMPLE_BYTES, CsvFormat, detect_csv, open_csv
from fraudshield.text.csv_line import LINE_END_BYTES, MOST_LINE_BYTES, TOO_LONG, decoded_lines, lines, read_row
from fraudshield.text.gzip_text import gunzip

Table = list[list[str]]
ENDS = ["\n", "\r\n", "\r", "\r\r\n"]
CELLS = st.text(st.characters(exclude_characters="\r\n\0\ufffd", exclude_categories=["Cs"]), max_size=8)
TABLES = st.integers(2, 4).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=6))
HEADERS = ["step", "type", "", ""]
SPLITS = st.lists(st.integers(0, 400), max_size=5)


def written(table: Table, quoting: int, ends: Sequence[str]) -> bytes:
    """The table as a file whose lines end in each of these in turn."""
    texts = []
    for at, row in enumerate(table):
        line = io.StringIO()
        csv.writer(line, quoting=quoting, lineterminator=ends[at % len(ends)]).writerow(row)  # type: ignore[arg-type]
        texts.append(line.getvalue())
    return "".join(texts).encode()


def pieces(content: bytes, cuts: Sequence[int]) -> Iterator[bytes]:
    """The content, cut at these places; some pieces may be empty."""
    places = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    return (content[start:end] for start, end in pairwise(places))


def members(content: bytes, cuts: Sequence[int]) -> bytes:
    """The content as a gzip whose members end at these places."""
    return b"".join(gzip.compress(piece) for piece in pieces(content, cuts))


def filled(table: Table) -> Table:
    return [row for row in table if any(row)]


def streamed(content: Iterator[bytes]) -> Table:
    """The rows as the command and labels read them."""
    found, rest = open_csv(content, "a.csv")
    return rows_of(found, [*lines(rest, found.line_end)])


def in_blocks(content: bytes, cuts: Sequence[int]) -> Table:
    """The rows as a job reads them: blocks of whole lines behind the header."""
    found = detect_csv(content[:SAMPLE_BYTES], "a.csv")
    text = b"".join(gunzip([content])) if found.gzip else content
    ends = [found.body, *(at + 1 for at in range(found.body, len(text)) if text[at : at + 1] == found.line_end)]
    places = [found.body, *sorted(ends[cut % len(ends)] for cut in cuts), len(text)]
    blocks = [text[start:end] for start, end in pairwise(places)]
    return rows_of(found, [line for block in blocks for line in decoded_lines(block, found.line_end)])


def rows_of(found: CsvFormat, texts: Sequence[str | Fault]) -> Table:
    rows = [read_row(text, len(found.names)) for text in texts]
    assert not [row for row in rows if isinstance(row, Fault)]
    return [list(row) for row in rows if row and not isinstance(row, Fault)]


@given(
    TABLES,
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.one_of(
        st.sampled_from([[end] for end in ENDS]), st.lists(st.sampled_from(["\n", "\r\n", "\r\r\n"]), min_size=1)
    ),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    SPLITS,
    SPLITS,
)
def test_any_line_end_any_quotes_and_any_members_are_the_same_rows(
    table: Table, quoting: int, ends: list[str], mark: bytes, split: list[int], cuts: list[int]
) -> None:
    header = HEADERS[: len(table[0]) if table else 2]
    content = mark + written([header, *table], quoting, ends)
    for whole in (content, content.removesuffix(ends[len(table) % len(ends)].encode())):
        expected = filled(table)
        for file in (whole, members(whole, split)):
            assert streamed(pieces(file, cuts)) == expected
            assert in_blocks(file, split) == expected
            assert detect_csv(file, "a.csv").names == tuple(header)


@given(TABLES, st.integers(0, 300))
def test_a_first_member_that_is_empty_or_ends_in_the_header_changes_nothing(table: Table, at: int) -> None:
    header = HEADERS[: len(table[0]) if table else 2]
    content = written([header, *table], csv.QUOTE_MINIMAL, ["\n"])
    plain = detect_csv(content, "a.csv")
    for cuts in ([0], [0, 0], [at % len(content)]):
        packed = detect_csv(members(content, cuts), "a.csv")
        assert (packed.names, packed.body, packed.line_end, packed.gzip) == (plain.names, plain.body, b"\n", True)


@pytest.mark.parametrize(("magic", "found"), [(magic, found) for magic, found, _ in NOT_TEXT])
def test_what_is_no_text_is_named_packed_or_not_and_streamed_or_not(magic: bytes, found: str) -> None:
    for content in (magic + b",\nmore\n", gzip.compress(magic + b",\nmore\n")):
        with pytest.raises(Malformed) as at_once:
            detect_csv(content, "a.csv")
        with pytest.raises(Malformed) as streaming:
            open_csv(pieces(content, range(9)), "a.csv")
        assert f"found {found}" in str(at_once.value)
        assert str(streaming.value) == str(at_once.value)


def test_a_gzip_that_was_packed_twice_is_named() -> None:
    with pytest.raises(Malformed, match=r"what is packed in a\.csv is not a CSV: found gzip once more; pack it once"):
        detect_csv(gzip.compress(gzip.compress(b"a,b\n")), "a.csv")


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        (
            '1,"open',
            "not_csv",
            "a quote is still open at the line's end, and a cell has no line break; expected one row",
        ),
        ('1,"a"b', "not_csv", "a quote is closed in the middle of a cell"),
        ("1,a\rb", "not_csv", "a line break of another kind stands in it"),
        ('1,"' + "x" * 140_000 + '"', "not_csv", "a cell is over 131,072 characters long"),
        ("1,\0", "not_text", "a NUL at character 3"),
        ("1", "row_length", "1 cells, expected 2 as in line 1"),
        ("x" * (MOST_LINE_BYTES + 1), "line_too_long", "over 1,048,576 bytes"),
    ],
)
def test_a_line_that_is_no_row_says_what_is_wrong_with_it(line: str, code: str, said: str) -> None:
    fault = read_row(line, 2)
    assert isinstance(fault, Fault)
    assert fault.code == code
    assert said in fault.detail


@pytest.mark.parametrize("line", ["", ",", ",,,,", '"",""', '""'])
def test_a_line_without_a_filled_cell_is_an_empty_line(line: str) -> None:
    assert read_row(line, 2) == ()


@pytest.mark.parametrize("end", ENDS)
def test_a_line_that_is_no_utf8_takes_no_other_with_it(end: str) -> None:
    content = end.encode().join([b"a", b"\xff", "\ufffd".encode(), b"b"])
    line_end = b"\r" if end == "\r" else b"\n"
    for texts in (decoded_lines(content, line_end), [*lines([content], line_end)]):
        assert [text if isinstance(text, str) else text.code for text in texts] == ["a", "not_utf8", "not_utf8", "b"]


@given(st.integers(1, 5 * MOST_LINE_BYTES // 2))
def test_a_line_that_is_too_long_is_passed_over_without_being_held(size: int) -> None:
    long = b"x" * (MOST_LINE_BYTES + LINE_END_BYTES + 1)
    cuts = [*accumulate([size] * 3)]
    content = b"a\n" + long + b"\nb\n" + long
    assert [*lines(pieces(content, cuts), b"\n")] == ["a", TOO_LONG, "b", TOO_LONG]
