"""Damaged files, from the drop to the end of their jobs: no job hangs, no row is lost, and the reason is told."""

import gzip
import zlib
from collections.abc import Callable, Iterator

import pytest

from tests.chunk import DRAINED, HEADER, row
from tests.job_run import Batch
from tests.stack import Stack

ROWS = row(transaction_id="1") + row(transaction_id="2")
BAD = {
    "NaN": "NaN",
    "inf": "inf",
    "thousands": '"1,234.50"',
    "fullwidth": "\uff11\uff12",
}


@pytest.fixture(scope="module")
def batch(lasting_files: Stack) -> Batch:
    return Batch(lasting_files)


REFUSED: dict[str, tuple[bytes, str, str, str]] = {  # content, name, code, what is said
    "empty": (b"", "a.csv", "empty_file", "a.csv is empty (0 bytes); expected a CSV with column names in line 1"),
    "UTF-16": ((HEADER + ROWS).encode("utf-16"), "a.csv", "not_csv", "found UTF-16 text; save it as UTF-8"),
    "UTF-16 without a mark": ((HEADER + ROWS).encode("utf-16-le"), "a.csv", "not_csv", "found a NUL at byte 1"),
    "Latin-1 header": (("R\u00e9f," + HEADER).encode("latin-1"), "a.csv", "not_utf8", "byte 0xe9 at byte 1"),
    "zip": (b"PK\x03\x04" + bytes(60), "a.csv", "not_csv", "found a zip archive"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(60), "a.csv", "not_csv", "found a PNG image; expected a CSV"),
    "missing column": (HEADER.replace("amount,", "").encode(), "a.csv", "missing_columns", "no column amount"),
    "column twice": (("type," + HEADER + ROWS).encode(), "a.csv", "duplicate_column", "the column 'type' twice"),
    "semicolons": (HEADER.replace(",", ";").encode(), "a.csv", "missing_columns", "separated by semicolons"),
    "tabs": (HEADER.replace(",", "\t").encode(), "a.csv", "missing_columns", "separated by tabs"),
    "gzip cut": (gzip.compress((HEADER + ROWS * 50).encode())[:-20], "a.csv.gz", "chunks_failed", "The gzip is cut"),
    "gzip damaged": (b"\x1f\x8b" + bytes(60), "a.csv.gz", "gzip_damaged", "cannot be unpacked"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_none_of_ours_fails_and_says_what_was_found(batch: Batch, case: str) -> None:
    content, name, code, said = REFUSED[case]
    job = batch.score(content, f"incoming/{case}/{name}")
    assert (job.status, job.error_code) == ("failed", code)
    assert job.error_message is not None
    assert said in job.error_message


SCORED: dict[
    str, tuple[bytes | str, list[str], list[tuple[int, str]]]
] = {  # content, ids that are scored, line and code of each refusal
    "header only": (HEADER, [], []),
    "header without an end": (HEADER.strip(), [], []),
    "byte order mark": ("\ufeff" + HEADER + ROWS, ["1", "2"], []),
    "CRLF": ((HEADER + ROWS).replace("\n", "\r\n"), ["1", "2"], []),
    "CR": ((HEADER + ROWS).replace("\n", "\r"), ["1", "2"], []),
    "Latin-1 row": ((HEADER + row(nameOrig="Ren\u00e9") + ROWS).encode("latin-1"), ["1", "2"], [(2, "not_utf8")]),
    "gzip without its name": (gzip.compress((HEADER + ROWS).encode()), ["1", "2"], []),
    "extra columns": (
        HEADER.replace("\n", ",risk\n") + ROWS.replace("\n", ",9\n"),
        ["1", "2"],
        [],
    ),
    "reordered columns": (
        "\n".join(",".join(reversed(line.split(","))) for line in (HEADER + ROWS).splitlines()),
        ["1", "2"],
        [],
    ),
    "unclosed quote": (HEADER + '"3,1,PAYMENT\n' + ROWS, ["1", "2"], [(2, "not_csv")]),
    "NUL": (HEADER + "3,1,PAY\0MENT,1,C1,1,1,M1,0,0\n" + ROWS, ["1", "2"], [(2, "not_text")]),
    "200 KB field": (HEADER + row(nameDest="x" * 200_000) + ROWS, ["1", "2"], [(2, "string_too_long")]),
    "id twice": (HEADER + ROWS + row(transaction_id="1"), ["1", "2"], [(4, "duplicate_id")]),
    "cut in a row": ((HEADER + ROWS)[:-20], ["1"], [(3, "row_length")]),
    "cut in a character": ((HEADER + ROWS + row(nameDest="M\u00e9")).encode()[:-12], ["1", "2"], [(4, "not_utf8")]),
    **{
        f"amount {case}": (HEADER + row(transaction_id="3", amount=text) + ROWS, ["1", "2"], [(2, "money_type")])
        for case, text in BAD.items()
    },
    "amount 1e999": (HEADER + row(transaction_id="3", amount="1e999") + ROWS, ["1", "2"], [(2, "money_digits")]),
}


@pytest.mark.parametrize("case", SCORED)
def test_good_rows_are_scored_whatever_stands_beside_them(batch: Batch, case: str) -> None:
    content, ids, refused = SCORED[case]
    job = batch.score(content, f"incoming/{case}.csv")
    assert (job.status, job.error_message) == ("completed", None)
    assert [one["transaction_id"] for one in batch.scored(job)] == ids
    assert [(line, code) for line, _, code, _ in batch.rejects(job)] == refused
    assert (job.progress.rows, job.progress.rejected) == (len(ids) + len(refused), len(refused))


@pytest.mark.parametrize("name", ["a b.csv", "Zahlungen M\u00e4rz.csv", "x+y&z=%20.csv", "\u652f\u4ed8.csv"])
def test_a_key_may_have_any_characters(batch: Batch, name: str) -> None:
    job = batch.score(HEADER + ROWS, f"incoming/{name}")
    assert (job.status, job.file.key) == ("completed", f"incoming/{name}")


@pytest.mark.long
def test_a_gzip_bomb_is_refused_before_it_is_held(batch: Batch) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join([packer.compress(HEADER.encode()), *_packed(packer, 2100), packer.flush()])
    assert len(bomb) < 3_000_000
    job = batch.score(bomb, "incoming/bomb.csv.gz")
    assert (job.status, job.error_code) == ("failed", "chunks_failed")
    assert job.error_message is not None
    assert "unpacks to over 2,147,483,648 bytes" in job.error_message


def _packed(packer: "zlib._Compress", mebibytes: int) -> Iterator[bytes]:
    return (packer.compress(bytes(1 << 20)) for _ in range(mebibytes))


def test_the_columns_of_the_result_are_the_inputs_and_then_ours(batch: Batch) -> None:
    job = batch.score(HEADER.replace("\n", ",risk,=note\n") + row(**DRAINED).replace("\n", ",9,+1\n"), "incoming/z.csv")
    [one] = batch.scored(job)
    assert list(one)[:10] == HEADER.strip().split(",")
    assert (one["input_risk"], one["'=note"]) == ("9", "'+1")
    assert float(one["risk"]) > 0


def test_a_line_that_ends_in_no_chunk_is_said(batch: Batch, chunks_of: Callable[[int], None]) -> None:
    chunks_of(4096)
    job = batch.score(HEADER + "x" * 50_000, "incoming/endless.csv")
    assert (job.status, job.error_code) == ("failed", "not_csv")
