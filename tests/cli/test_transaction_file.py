"""A CSV as a stream of transactions and refusals."""

import io
from decimal import Decimal
from pathlib import Path

import pytest

from fraudshield.errors import Malformed
from fraudshield.text.csv_line import MOST_LINE_BYTES
from fraudshield.transaction.built_in import BuiltInTransaction
from infra.cli.transaction_file import TransactionFile, TransactionRow
from tests.cli.command import DRAINED, GOOD, HEADER

PAYSIM = Path(__file__).parents[1] / "data" / "paysim" / "first-5000.csv"


def read(text: str | bytes) -> list[TransactionRow]:
    return list(TransactionFile(io.BytesIO(text.encode() if isinstance(text, str) else text), "payments.csv"))


def one(text: str | bytes) -> BuiltInTransaction:
    [row] = read(text)
    assert isinstance(row.content, BuiltInTransaction)
    return row.content


def refused(row: TransactionRow) -> list[tuple[str, str]]:
    assert isinstance(row.content, tuple)
    return [(fault.pointer, fault.detail) for fault in row.content]


def good(**changes: str) -> str:
    cells = dict(zip(HEADER.strip().split(","), GOOD.strip().split(","), strict=True)) | changes
    return HEADER + ",".join(cells.values()) + "\n"


def test_a_row_is_a_transaction_with_exact_amounts() -> None:
    assert one(good(amount="0.1")).amount == Decimal("0.1")


def test_columns_may_come_in_any_order() -> None:
    names, cells = HEADER.strip().split(","), GOOD.strip().split(",")
    turned = ",".join(reversed(names)) + "\n" + ",".join(reversed(cells)) + "\n"
    assert one(turned) == one(HEADER + GOOD)


def test_a_transaction_without_an_id_is_called_after_its_line() -> None:
    without = "\n".join(line.partition(",")[2] for line in (HEADER + GOOD + DRAINED).splitlines())
    assert [row.content.transaction_id for row in read(without) if isinstance(row.content, BuiltInTransaction)] == [
        "line-2",
        "line-3",
    ]
    assert one(good(transaction_id="")).transaction_id == "line-2"


def test_a_column_no_transaction_has_stays_in_the_cells() -> None:
    [row] = read(HEADER.strip() + ",isFraud\n" + GOOD.strip() + ",1\n")
    assert row.cells[-1] == "1"
    assert isinstance(row.content, BuiltInTransaction)


@pytest.mark.parametrize(
    "text", ["\ufeff" + HEADER + GOOD, (HEADER + GOOD).replace("\n", "\r\n"), HEADER + "\n" + GOOD]
)
def test_a_byte_order_mark_windows_line_ends_and_blank_lines_are_taken(text: str) -> None:
    assert one(text) == one(HEADER + GOOD)


def test_the_paysim_files_columns_are_taken() -> None:
    with PAYSIM.open("rb") as file:
        rows = list(TransactionFile(file, PAYSIM.name))
    assert len(rows) == 5000
    assert all(isinstance(row.content, BuiltInTransaction) for row in rows)


@pytest.mark.parametrize("spelled", ["1000", "1000.0", "1000.00", "1e3", "1E+3"])
def test_a_number_may_be_spelled_as_in_json(spelled: str) -> None:
    assert one(good(amount=spelled)).amount == 1000


@pytest.mark.parametrize(
    "spelled",
    [
        "nan",
        "inf",
        "Infinity",
        "1_000",
        "\uff11\uff12",
        "\u0661",
        "+1",
        "01",
        "1.",
        ".5",
        " 1",
        "1 ",
        "0x1",
        "1e1000",
        "",
        "1;5",
    ],
)
def test_a_number_in_any_other_spelling_is_refused(spelled: str) -> None:
    [row] = read(good(amount=spelled))
    assert refused(row) == [("/amount", f"Input should be a number such as 1000.00, found {spelled!r}")]


@pytest.mark.parametrize("amount", ["1" * 29, "-0.01", "1e15"])
def test_an_amount_out_of_bounds_is_refused(amount: str) -> None:
    [row] = read(good(amount=amount))
    assert [pointer for pointer, _ in refused(row)] == ["/amount"]


@pytest.mark.parametrize("step", ["1", "1.0", "1e0", "10e-1"])
def test_a_whole_number_is_one_however_it_is_spelled(step: str) -> None:
    assert one(good(step=step)).step == 1


@pytest.mark.parametrize("step", ["1.5", "1e-1", "9" * 5000, "-1", "x"])
def test_a_step_is_a_whole_number_from_0(step: str) -> None:
    [row] = read(good(step=step))
    assert [pointer for pointer, _ in refused(row)] == ["/step"]


def test_every_fault_of_a_row_is_named() -> None:
    [row] = read(good(amount="x", type="pay", nameOrig=""))
    assert [pointer for pointer, _ in refused(row)] == ["/type", "/amount", "/nameOrig"]


@pytest.mark.parametrize(("row", "cells"), [("1,2\n", 2), (GOOD.strip() + ",more\n", 11)])
def test_a_row_of_another_length_is_refused_and_the_next_is_read(row: str, cells: int) -> None:
    bad, next_one = read(HEADER + row + DRAINED)
    assert refused(bad) == [("", f"{cells} cells, expected 10 as in line 1")]
    assert isinstance(next_one.content, BuiltInTransaction)


def test_a_quote_that_never_closes_takes_no_other_line_with_it() -> None:
    first, bad, last = read(HEADER + GOOD + '"' + GOOD + DRAINED)
    assert (bad.line, last.line) == (3, 4)
    assert "a quote is still open at the line's end" in refused(bad)[0][1]
    assert isinstance(first.content, BuiltInTransaction)
    assert isinstance(last.content, BuiltInTransaction)


def test_a_row_with_a_line_break_in_a_cell_is_refused_and_says_why() -> None:
    header, row = HEADER.strip() + ",memo\n", GOOD.strip() + ',"two\nlines"\n'
    first, rest, last = read(header + row + GOOD.strip() + ",memo\n")
    assert [first.line, rest.line, last.line] == [2, 3, 4]
    assert "a cell has no line break" in refused(first)[0][1]
    assert refused(rest) == [("", "1 cells, expected 11 as in line 1")]
    assert isinstance(last.content, BuiltInTransaction)


def test_a_line_number_counts_lines_of_the_file_not_rows() -> None:
    assert [found.line for found in read(HEADER + GOOD + "\n" + GOOD)] == [2, 4]


def test_a_line_of_over_a_mebibyte_is_refused_alone() -> None:
    long, last = read(HEADER + "x" * (MOST_LINE_BYTES + 1) + "\n" + GOOD)
    assert refused(long) == [("", "The line is over 1,048,576 bytes long")]
    assert (long.line, last.line) == (2, 3)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n" + GOOD.encode(), "its first line is"),
        (b"step,type\n", "no column amount, nameOrig"),
        (HEADER.replace(",", ";").encode(), "separated by semicolons, expected commas"),
        (HEADER.replace(",", "\t").encode(), "separated by tabs"),
        ((HEADER.strip() + ",step\n").encode(), "the column 'step' twice"),
        ((HEADER + GOOD).encode("utf-16"), "found UTF-16 text; save it as UTF-8"),
        ("café,".encode("latin-1") + HEADER.encode() + GOOD.encode(), "not UTF-8: line 1 has byte 0xe9 at byte 3"),
        (b'"a', "not a CSV: line 1"),
        (b"x" * MOST_LINE_BYTES, "no line end in its first 1,048,576 bytes"),
        (b"PK\x03\x04\n", "found a zip archive"),
    ],
)
def test_a_file_that_is_no_csv_of_transactions_is_refused_in_one_line(content: bytes, said: str) -> None:
    with pytest.raises(Malformed, match=r"payments\.csv") as error:
        read(content)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_is_read_as_it_is_asked_for() -> None:
    file = io.BytesIO((HEADER + GOOD * 10_000).encode())
    rows = iter(TransactionFile(file, "payments.csv"))
    for _ in range(100):
        next(rows)
    assert file.tell() < 101 * len(GOOD) + len(HEADER)
