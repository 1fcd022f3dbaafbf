"""Files without erased accounts: their rows and names are removed, and nothing else is changed."""

import pytest

from fraudshield.batch.sweep.redaction import Redaction
from fraudshield.text.csv_format import detect_csv
from fraudshield.text.mention import Mentions
from tests.chunk import HEADER, row


def redacted(text: str | bytes, *gone: str) -> tuple[str, Redaction]:
    whole = text.encode() if isinstance(text, str) else text
    found = detect_csv(whole, "a.csv")
    made = Redaction(found, Mentions(lambda name: name in gone, lambda _: "C-erased-1"))
    return b"".join(made.rows([whole[found.body :]])).decode(errors="surrogateescape"), made


def test_the_rows_of_an_account_go_and_in_others_to_it_stands_a_pseudonym() -> None:
    text, made = redacted(HEADER + row(nameOrig="C7") + row(nameDest="C7") + row(), "C7")
    assert text == row(nameDest="C-erased-1") + row()
    assert (made.removed, made.renamed, made.changed) == (1, 1, True)


def test_a_file_that_names_nobody_stays_byte_for_byte() -> None:
    body = row() + '"a",b\n' + "\n" + '"open\n' + row(nameOrig='"C,1"') + row()[:-1]
    text, made = redacted(HEADER + body, "C7")
    assert (text, made.changed) == (body, False)


@pytest.mark.parametrize("line", ["x,C7\n", '"open,C7,y\n', "C7\n", '"C7",z\n'])
def test_a_line_that_is_no_row_goes_where_it_names_one(line: str) -> None:
    text, made = redacted(HEADER + line + row(), "C7")
    assert (text, made.removed) == (row(), 1)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\r\r\n"])
def test_line_ends_stay_as_they_are(end: str) -> None:
    text, _ = redacted((HEADER + row(nameOrig="C7") + row(nameDest="C7") + row()).replace("\n", end), "C7")
    assert text == (row(nameDest="C-erased-1") + row()).replace("\n", end)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\r\r\n"])
def test_a_name_in_the_last_column_is_known_whatever_its_line_ends_in(end: str) -> None:
    header = HEADER.replace(",nameOrig", "").strip() + ",nameOrig" + end
    text, made = redacted(header + row().strip().replace(",C1,", ",") + ",C7" + end, "C7")
    assert (text, made.removed) == ("", 1)


def test_a_name_that_was_made_safe_for_spreadsheets_is_known() -> None:
    text, made = redacted(HEADER + row(nameOrig="'=C7"), "=C7")
    assert (text, made.removed) == ("", 1)


def test_bytes_that_are_no_text_stay() -> None:
    odd = row(transaction_id="\u00e9").encode("latin-1")
    text, _ = redacted(HEADER.encode() + odd + row(nameOrig="C7").encode(), "C7")
    assert text.encode(errors="surrogateescape") == odd


def test_a_line_that_is_too_long_to_be_read_goes() -> None:
    text, made = redacted(HEADER + "x" * (5 << 20) + "\n" + row(), "C7")
    assert (text, made.removed) == (row(), 1)


WIDE = HEADER.strip() + ",memo,isFraud\n"


def wide(memo: str, **changes: str) -> str:
    return f"{row(**changes).strip()},{memo},0\n"


@pytest.mark.parametrize(
    ("memo", "kept"), [("C7", "C-erased-1"), ("for C7", "for C-erased-1"), ('"C7, again"', '"C-erased-1, again"')]
)
def test_a_name_in_a_column_that_passes_through_gets_the_pseudonym(memo: str, kept: str) -> None:
    text, made = redacted(WIDE + wide(memo) + wide("nothing"), "C7")
    assert (text, made.renamed) == (wide(kept) + wide("nothing"), 1)


@pytest.mark.parametrize("column", ["step", "type", "amount", "oldbalanceOrg", "newbalanceOrig", "newbalanceDest"])
def test_a_name_in_a_shifted_cell_gets_the_pseudonym(column: str) -> None:
    text, _ = redacted(HEADER + row(**{column: "C7"}) + row(), "C7")
    assert text == row(**{column: "C-erased-1"}) + row()


@pytest.mark.parametrize("name", ["PAYMENT", "1", "1000.00"])
def test_an_account_that_is_called_like_an_amount_or_type_leaves_those_alone(name: str) -> None:
    text, made = redacted(HEADER + row(), name)
    assert (text, made.changed) == (row(), False)


def test_an_id_is_a_name_only_as_a_whole() -> None:
    text, _ = redacted(HEADER + row(transaction_id="C7-1") + row(transaction_id="C7"), "C7")
    assert text == row(transaction_id="C7-1") + row(transaction_id="C-erased-1")


def test_a_line_that_is_no_row_goes_where_it_mentions_one_among_other_words() -> None:
    text, made = redacted(HEADER + "remember to call C7 back\n" + row(), "C7")
    assert (text, made.removed) == (row(), 1)


def test_a_column_that_is_called_like_an_account_is_renamed_and_no_other() -> None:
    found = detect_csv((HEADER.strip() + ",C7\n").encode(), "a.csv")
    made = Redaction(found, Mentions(lambda name: name in {"C7", "amount"}, lambda _: "C-erased-1"))
    assert made.head((HEADER.strip() + ",C7\n").encode()).decode() == HEADER.strip() + ",C-erased-1\n"


def test_our_own_refusals_do_not_repeat_the_name() -> None:
    text, _ = redacted("line,field,code,reason\n7,amount,decimal_type,\"Input should be a number, found 'C7'\"\n", "C7")
    assert text == "7,amount,decimal_type,\"Input should be a number, found 'C-erased-1'\"\n"
