"""The format of a file, by its first bytes."""

import gzip
import zipfile
from io import BytesIO

import pytest

from fraudshield.batch.format import detect_format
from fraudshield.errors import Malformed
from fraudshield.text.csv_format import SAMPLE_BYTES
from tests.chunk import GOOD, HEADER, row

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def refused(sample: bytes) -> tuple[str, str]:
    with pytest.raises(Malformed) as caught:
        detect_format(sample, "payments.csv")
    return caught.value.code, str(caught.value)


def zipped() -> bytes:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo("payments.csv"), HEADER + row())  # of 1980: the bytes are a test's name
    return archive.getvalue()


@pytest.mark.parametrize(
    ("sample", "body", "line_end"),
    [
        (HEADER + row(), len(HEADER), b"\n"),
        ((HEADER + row()).replace("\n", "\r\n"), len(HEADER) + 1, b"\n"),
        ((HEADER + row()).replace("\n", "\r"), len(HEADER), b"\r"),
        ("\ufeff" + HEADER + row(), len(HEADER) + 3, b"\n"),
        (HEADER, len(HEADER), b"\n"),
        (HEADER.strip(), len(HEADER) - 1, b"\n"),
    ],
)
def test_the_body_starts_behind_the_header(sample: str, body: int, line_end: bytes) -> None:
    found = detect_format(sample.encode(), "payments.csv")
    assert (found.body, found.line_end, found.gzip) == (body, line_end, False)
    assert found.header.names == tuple(GOOD)


@pytest.mark.parametrize("name", ["payments.csv.gz", "payments.csv"])
def test_gzip_is_known_by_its_bytes_whatever_the_name(name: str) -> None:
    found = detect_format(gzip.compress((HEADER + row()).encode()), name)
    assert found.gzip
    assert found.body == len(HEADER)


def test_a_name_that_ends_in_gz_makes_no_gzip() -> None:
    assert not detect_format((HEADER + row()).encode(), "payments.csv.gz").gzip


@pytest.mark.parametrize(
    ("sample", "code", "said"),
    [
        (b"", "empty_file", "payments.csv is empty (0 bytes); expected a CSV with column names in line 1"),
        (b"\n" + HEADER.encode(), "no_header", "payments.csv is empty, or its first line is"),
        (HEADER.encode("utf-16"), "not_csv", "found UTF-16 text; save it as UTF-8"),
        (HEADER.encode("utf-16-be"), "not_csv", "found a NUL at byte 0, as in UTF-16 text"),
        (HEADER.replace("step", "st\u00e9p").encode("latin-1"), "not_utf8", "line 1 has byte 0xe9 at byte 17"),
        (zipped(), "not_csv", "found a zip archive (or a spreadsheet)"),
        (PNG, "not_csv", "found a PNG image; expected a CSV"),
        (gzip.compress(PNG, mtime=0), "not_csv", "what is packed in payments.csv is not a CSV: found a PNG image"),
        (b"\x1f\x8bnonsense", "gzip_damaged", "cannot be unpacked"),
        (b"a" * SAMPLE_BYTES, "not_csv", "no line end in its first 1,048,576 bytes"),
        (HEADER.replace(",", ";").encode(), "missing_columns", "line 1 is separated by semicolons, expected commas"),
        (HEADER.replace(",", "\t").encode(), "missing_columns", "line 1 is separated by tabs, expected commas"),
        (HEADER.replace("amount", "sum").encode(), "missing_columns", "no column amount; line 1 has"),
        (HEADER.replace("\n", ",step\n").encode(), "duplicate_column", "has the column 'step' twice"),
        (HEADER.replace("\n", ',"open\n').encode(), "not_csv", "line 1: a quote is still open at the line's end"),
        (HEADER.replace("\n", ",x" * 1000 + "\n").encode(), "too_many_columns", "1010 columns, at most 1000"),
        (
            HEADER.replace("\n", "".join(f",x{i}" for i in range(1000)) + "\n").encode(),
            "too_many_columns",
            "1010 columns, at most 1000",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "sample",
)
def test_what_is_no_csv_of_transactions_is_refused_with_what_was_found(sample: bytes, code: str, said: str) -> None:
    found, text = refused(sample)
    assert found == code
    assert said in text
