"""Damaged files: a bad row is refused with its line, its field and the reason, and takes no other with it."""

import csv
import io

import pytest

from fraudshield.text.csv_line import MOST_LINE_BYTES
from tests.chunk import DRAINED, GOOD, HEADER, row, score


@pytest.mark.parametrize(
    "spelled",
    [
        *("NaN", "nan", "inf", "-Infinity", "1e999", "1_000", "\uff11\uff12", "\u0661", "+1", "01", "-01.5", "1."),
        *(".5", "-.5", " 1", "1 ", "0x1", "", "1 234", "--1", "1-1", "1.2.3", "-", "\u00a01"),
    ],
)
@pytest.mark.parametrize("column", ["amount", "newbalanceDest"])
def test_a_number_in_any_other_spelling_is_refused_beside_good_rows(column: str, spelled: str) -> None:
    made = score(HEADER + row() + row(transaction_id="t2", **{column: spelled}) + row(transaction_id="t3"))
    [(line, field, code, reason)] = made.refused
    assert (line, field) == (2, column)
    assert code in ("money_type", "money_digits")
    assert repr(spelled) in reason or code == "money_digits"
    assert [one["transaction_id"] for one in made.rows] == ["t1", "t3"]


def test_a_number_with_thousands_separators_is_refused_by_its_cells_or_its_spelling() -> None:
    made = score(HEADER + row(amount="1,234.50") + row(amount='"1,234.50"'))
    assert made.refused == [
        (1, "", "row_length", "11 cells, expected 10 as in line 1"),
        (2, "amount", "money_type", "Input should be a number such as 1000.00, found '1,234.50'"),
    ]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"step": "1.5"}, "step", "int_type"),
        ({"step": "1.0000000000000000000000000001"}, "step", "int_type"),
        ({"step": "0.999999999999999999"}, "step", "int_type"),
        ({"step": "-1"}, "step", "greater_than_equal"),
        ({"step": "1000000001"}, "step", "less_than_equal"),
        ({"type": "payment"}, "type", "literal_error"),
        ({"amount": "-0.01"}, "amount", "greater_than_equal"),
        ({"amount": "1000000000000000"}, "amount", "less_than"),
        ({"oldbalanceOrg": "-1000000000000000"}, "oldbalanceOrg", "greater_than"),
        ({"nameOrig": ""}, "nameOrig", "string_too_short"),
        ({"nameDest": "C" * 65}, "nameDest", "string_too_long"),
        ({"nameDest": "C\t1"}, "nameDest", "string_pattern_mismatch"),
        ({"nameDest": "C\x7f1"}, "nameDest", "string_pattern_mismatch"),
        ({"nameDest": "x" * 200_000}, "nameDest", "string_too_long"),
        ({"transaction_id": "t" * 129}, "transaction_id", "string_too_long"),
    ],
)
def test_a_value_out_of_bounds_is_refused_by_its_field(change: dict[str, str], field: str, code: str) -> None:
    made = score(HEADER + row() + row(**{"transaction_id": "t2"} | change))
    assert [(line, where, found) for line, where, found, _ in made.refused] == [(2, field, code)]


@pytest.mark.parametrize("step", ["1.0", "1e0", "1.00000000000000000000000000000", "10E-1"])
def test_a_step_with_nothing_behind_its_point_is_a_whole_number(step: str) -> None:
    plain, other = score(HEADER + row(step="1")), score(HEADER + row(step=step))
    assert other.refused == []
    assert other.tally == plain.tally


@pytest.mark.parametrize(
    "residue", ["1.4210854715202004e-14", "1.1641532182693481E-10", "0.00000000011641532182693481"]
)
def test_what_a_float_leaves_of_an_emptied_account_is_a_balance(residue: str) -> None:
    made = score(HEADER + row(**DRAINED | {"newbalanceOrig": residue, "newbalanceDest": residue}))
    assert made.refused == []
    assert residue in made.scored


def test_every_fault_of_a_row_is_told_and_the_row_counts_once() -> None:
    made = score(HEADER + row(amount="x", type="y"))
    assert [(line, field) for line, field, _, _ in made.refused] == [(1, "type"), (1, "amount")]
    assert (made.tally.rows, made.tally.rejected) == (1, 1)
    assert made.tally.faults == {"literal_error": 1, "money_type": 1}


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ('t2,1,PAYMENT,1,"C1,5,4,M2,0,0\n', "not_csv", "a quote is still open at the line's end"),
        ('t2,1,PAYMENT,1,"C1"x,5,4,M2,0,0\n', "not_csv", "expected one row a line"),
        ("t2,1,PAYMENT,1\n", "row_length", "4 cells, expected 10"),
        ("t2,1,PAYMENT,1,C\0,5,4,M2,0,0\n", "not_text", "a NUL at character 17"),
        ("t2,1,PAYMENT,1,C\r1,5,4,M2,0,0\n", "not_csv", "expected one row a line"),
        (" \n", "row_length", "1 cells"),
    ],
)
def test_a_line_that_is_no_row_takes_no_other_with_it(line: str, code: str, said: str) -> None:
    made = score(HEADER + row() + line + row(transaction_id="t3"))
    [(number, _, found, reason)] = made.refused
    assert (number, found) == (2, code)
    assert said in reason
    assert len(made.rows) == 2


def test_latin_1_rows_are_refused_and_say_so_the_others_are_scored() -> None:
    made = score((HEADER + row(nameOrig="Ren\u00e9") + row(transaction_id="t2")).encode("latin-1"))
    [(line, _, code, reason)] = made.refused
    assert (line, code) == (1, "not_utf8")
    assert "byte 0xe9 at character 25" in reason
    assert len(made.rows) == 1


@pytest.mark.parametrize("header", [HEADER, HEADER.replace("\n", ",note\n")])
def test_a_row_with_the_trace_of_bytes_that_were_not_read_is_refused_alone(header: str) -> None:
    note = ",G\ufffdrtner" if "note" in header else ""
    spoilt = row(nameOrig="C1" if note else "G\ufffdrtner").replace("\n", f"{note}\n")
    made = score(header + spoilt + row(transaction_id="t2").replace("\n", ",\n" if note else "\n"))
    assert made.codes == [(1, "not_utf8")]
    assert len(made.rows) == 1


def test_a_file_cut_in_the_middle_of_a_character_loses_only_that_row() -> None:
    made = score((HEADER + row() + row(transaction_id="t2", nameDest="M\u00e9")).encode()[:-12])
    assert [(line, code) for line, code in made.codes] == [(2, "not_utf8")]


def test_a_file_cut_in_the_middle_of_a_row_loses_only_that_row() -> None:
    made = score((HEADER + row() + row(transaction_id="t2"))[:-20])
    assert made.codes == [(2, "row_length")]


def test_a_line_of_over_a_mebibyte_is_refused_wherever_it_ends() -> None:
    for size in (MOST_LINE_BYTES + 1, 5 * MOST_LINE_BYTES):
        made = score(HEADER + row() + "x" * size + "\n" + row(transaction_id="t2"))
        assert made.codes == [(2, "line_too_long")]
        assert len(made.rows) == 2


def test_empty_lines_are_no_rows_but_count_as_lines() -> None:
    made = score(HEADER + "\n" + row() + "\n\n" + row(amount="x"))
    assert made.codes == [(5, "money_type")]
    assert (made.tally.lines, made.tally.rows) == (5, 2)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\r\r\n"])
def test_other_line_ends_give_the_same_file(end: str) -> None:
    text = HEADER + row() + row(transaction_id="t2", **DRAINED) + row(amount="x")
    plain, other = score(text), score(text.replace("\n", end))
    assert (other.scored, other.rejects, other.tally) == (plain.scored, plain.rejects, plain.tally)


def test_a_byte_order_mark_changes_nothing() -> None:
    assert score("\ufeff" + HEADER + row()).scored == score(HEADER + row()).scored


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1+1", "@x", "\tx", "\uff1dx", '"=1,2"'])
def test_no_cell_of_the_results_is_a_formula(cell: str) -> None:
    text = HEADER.replace("\n", ",=note\n") + row().replace("\n", f",{cell}\n")
    found = list(csv.reader(io.StringIO(score(text).scored, newline="")))
    assert found[0][10] == "'=note"
    assert found[1][10].startswith("'")
    assert found[1][:10] == list(GOOD.values())


def test_a_negative_number_is_no_formula() -> None:
    assert row(oldbalanceOrg="-5.00").strip() in score(HEADER + row(oldbalanceOrg="-5.00")).scored


def test_a_refusal_shows_no_formula() -> None:
    made = score(HEADER + row(type="=cmd"))
    assert not any(cell.startswith("=") for one in made.refused for cell in one[1:])


def test_of_two_rows_with_one_id_the_second_is_refused() -> None:
    made = score(HEADER + row() + row(amount="2") + row(transaction_id="") + row(transaction_id=""))
    assert made.refused == [
        (2, "transaction_id", "duplicate_id", "'t1' stands in an earlier row already; expected each once")
    ]


def test_a_refused_row_takes_no_id() -> None:
    assert score(HEADER + row(amount="x") + row()).codes == [(1, "money_type")]
