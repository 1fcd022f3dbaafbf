"""One file, one reading: the command, a dropped file and an upload's job score the same rows and refuse the same."""

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from fraudshield.batch.job import Job
from fraudshield.errors import InvalidInput
from fraudshield.text.csv_cell import safe
from fraudshield.transaction.built_in import BuiltInTransaction
from infra.cli.transaction_file import TransactionFile
from tests.chunk import HEADER, row
from tests.job_run import Batch
from tests.stack import Stack, client

ROWS = row(transaction_id="1") + row(transaction_id="2")
TEXT = HEADER + ROWS


@dataclass(frozen=True)
class Reading:
    """Ids of the scored rows, in order; of each refusal its line, field, code and reason; or why all was refused."""

    scored: tuple[str, ...] = ()
    refused: tuple[tuple[int, str, str, str], ...] = ()
    failed: str = ""


def by_the_command(_: Batch, content: bytes, name: str) -> Reading:
    try:
        rows = list(TransactionFile(io.BytesIO(content), name))
    except InvalidInput as exc:
        return Reading(failed=str(exc))
    scored = tuple(one.content.transaction_id for one in rows if isinstance(one.content, BuiltInTransaction))
    refused = (
        (one.line, safe(fault.pointer.lstrip("/")), fault.code, safe(fault.detail))
        for one in rows
        if isinstance(one.content, tuple)
        for fault in one.content
    )
    return Reading(scored, tuple(refused))


def by_a_drop(batch: Batch, content: bytes, name: str) -> Reading:
    return of(batch, batch.score(content, f"incoming/{abs(hash(content))}/{name}"))


def by_an_upload(batch: Batch, content: bytes, name: str) -> Reading:
    key = batch.send("POST", "/uploads", {"file_name": name}).json["s3_key"]
    client("s3").put_object(Bucket=batch.stack.bucket, Key=key, Body=content)
    sent = batch.send("POST", "/jobs", {"job_type": "process_csv", "data": {"s3_key": key}})
    return of(batch, batch.run(sent.json["job_id"]))


def of(batch: Batch, job: Job) -> Reading:
    if job.status == "failed":
        return Reading(failed=str(job.error_message))
    return Reading(tuple(one["transaction_id"] for one in batch.scored(job)), tuple(batch.rejects(job)))


READERS = (by_the_command, by_a_drop, by_an_upload)


@pytest.fixture(scope="module")
def batch(lasting_files: Stack) -> Batch:
    return Batch(lasting_files)


def packed(*members: str | bytes) -> bytes:
    return b"".join(gzip.compress(one.encode() if isinstance(one, str) else one) for one in members)


def zipped() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("payments.csv", TEXT)
    return archive.getvalue()


def with_column(name: str, *cells: str) -> str:
    """The two rows with one column more."""
    lines = zip(TEXT.splitlines(), (name, *cells), strict=True)
    return "".join(f"{line},{cell}\n" for line, cell in lines)


SCORED: dict[str, bytes | str] = {
    "LF": TEXT,
    "CR LF": TEXT.replace("\n", "\r\n"),
    "CR": TEXT.replace("\n", "\r"),
    "CR CR LF": TEXT.replace("\n", "\r\r\n"),
    "CR CR LF and no end": TEXT.replace("\n", "\r\r\n")[:-3],
    "ends that change": HEADER + ROWS.replace("\n", "\r\n", 1),
    "CR, then CR LF": HEADER.replace("\n", "\r") + ROWS.replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + TEXT,
    "two byte order marks": "\ufeff\ufeff" + TEXT,
    "packed with a byte order mark": packed("\ufeff" + TEXT),
    "a pandas index": "".join(f"{at - 1 if at else ''},{line}\n" for at, line in enumerate(TEXT.splitlines())),
    "gzip with padding": packed(TEXT) + bytes(100),
    "numbers as encoders write them": HEADER
    + row(transaction_id="1", step="1.0")
    + row(transaction_id="2", amount="1e3"),
    "gzip": packed(TEXT),
    "gzip of several members": packed(HEADER, ROWS[:50], ROWS[50:]),
    "gzip with an empty first member": packed("", TEXT),
    "gzip with a header cut by a member": packed(TEXT[:20], TEXT[20:]),
    "gzip with CR CR LF cut by a member": packed(*TEXT.replace("\n", "\r\r\n").partition("\r")),
    "one unnamed column": with_column("", "", ""),
    "two unnamed columns": with_column(",", ",", ","),
    "two columns of one name": with_column("note,note", "a,b", "c,d"),
    "rows of commas": TEXT + ",,,,,,,,,\n" * 3,
    "commas of another number": HEADER + ",,,\n" + ROWS + ",,,,,,,,,,,,,\n",
    "rows of quoted nothing": TEXT + '"","","","","","","","","",""\n',
    "empty lines": HEADER + "\n\n" + ROWS + "\n\n",
    "all in quotes": "".join(f'"{line}"\n'.replace(",", '","') for line in TEXT.splitlines()),
}
REFUSED_ALONE: dict[str, tuple[bytes | str, list[tuple[int, str]]]] = {  # content; line and code of each refusal
    "no UTF-8": ((HEADER + row(nameOrig="Ren\u00e9") + ROWS).encode("latin-1"), [(2, "not_utf8")]),
    "no UTF-8 in what passes through": (
        with_column("note", "tea", "tea").encode() + row().strip().encode() + b",caf\xe9\n",
        [(4, "not_utf8")],
    ),
    "U+FFFD": (HEADER + row(nameOrig="Ren\ufffd") + ROWS, [(2, "not_utf8")]),
    "a line break in quotes": (
        with_column("note", "tea", "tea") + row().strip() + ',"two\nlines"\n',
        [(4, "not_csv"), (5, "row_length")],
    ),
    "an open quote": (HEADER + '"3,1,PAYMENT\n' + ROWS, [(2, "not_csv")]),
    "a quote inside": (HEADER + row(nameOrig='"C"1') + ROWS, [(2, "not_csv")]),
    "a lone CR": (HEADER + row(nameOrig="C\r1") + ROWS, [(2, "not_csv")]),
    "NUL": (HEADER + row(nameOrig="C\0") + ROWS, [(2, "not_text")]),
    "a short row": (HEADER + "1,2\n" + ROWS, [(2, "row_length")]),
    "a blank": (HEADER + " \n" + ROWS, [(2, "row_length")]),
    "a long line": (HEADER + "x" * 1_100_000 + "\n" + ROWS, [(2, "line_too_long")]),
    "a whole number with a fraction": (HEADER + row(step="15e-1") + ROWS, [(2, "int_type")]),
    "a number": (HEADER + row(amount="1,5") + row(amount="x") + ROWS, [(2, "row_length"), (3, "money_type")]),
    "a formula": (HEADER + row(type="=cmd") + ROWS, [(2, "literal_error")]),
}
REFUSED: dict[str, tuple[bytes | str, str]] = {  # content; what is said
    "nothing": (b"", "a.csv is empty (0 bytes); expected a CSV with column names in line 1"),
    "gzip of nothing": (packed(""), "what is packed in a.csv is empty (0 bytes)"),
    "an empty first line": ("\r\n" + TEXT, "a.csv is empty, or its first line is"),
    "a first line of commas": (",,,\n" + TEXT, "a.csv is empty, or its first line is"),
    "zip": (zipped(), "a.csv is not a CSV: found a zip archive (or a spreadsheet); unpack it"),
    "UTF-16": (TEXT.encode("utf-16"), "a.csv is not a CSV: found UTF-16 text; save it as UTF-8"),
    "big-endian UTF-16": (b"\xfe\xff" + TEXT.encode("utf-16-be"), "a.csv is not a CSV: found UTF-16 text; save it"),
    "a zip of several volumes": (b"PK\x07\x08" + zipped(), "a.csv is not a CSV: found a zip archive"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), "found a NUL at byte 1, as in UTF-16 text"),
    "packed UTF-16": (packed(TEXT.encode("utf-16")), "what is packed in a.csv is not a CSV: found UTF-16 text"),
    "packed twice": (packed(packed(TEXT)), "found gzip once more; pack it once"),
    "Latin-1 header": (("R\u00e9f," + HEADER).encode("latin-1"), "line 1 has byte 0xe9 at byte 1; save it as UTF-8"),
    "semicolons": (TEXT.replace(",", ";"), "line 1 is separated by semicolons, expected commas"),
    "tabs": (TEXT.replace(",", "\t"), "line 1 is separated by tabs, expected commas"),
    "one of our columns twice": (with_column("step", "1", "1"), "a.csv has the column 'step' twice"),
    "a missing column": (HEADER.replace("amount", "sum"), "a.csv has no column amount; line 1 has"),
    "an open quote in line 1": (HEADER.replace("\n", ',"open\n'), "line 1: a quote is still open at the line's end"),
    "a damaged gzip": (b"\x1f\x8b" + bytes(60), "starts like gzip and cannot be unpacked: The gzip is damaged"),
    "no end in sight": (b"a" * 1_100_000, "a.csv has no line end in its first 1,048,576 bytes"),
}


def readings(batch: Batch, content: bytes | str) -> list[Reading]:
    whole = content.encode() if isinstance(content, str) else content
    return [reader(batch, whole, "a.csv") for reader in READERS]


@pytest.mark.parametrize("case", SCORED)
def test_every_reader_scores_the_two_rows(batch: Batch, case: str) -> None:
    assert readings(batch, SCORED[case]) == [Reading(("1", "2"))] * len(READERS)


@pytest.mark.parametrize("case", REFUSED_ALONE)
def test_every_reader_refuses_the_same_lines_in_the_same_words(batch: Batch, case: str) -> None:
    content, refused = REFUSED_ALONE[case]
    first, *others = readings(batch, content)
    assert others == [first] * len(others)
    assert first.scored == ("1", "2")
    assert [(line, code) for line, _, code, _ in first.refused] == refused


@pytest.mark.parametrize("case", REFUSED)
def test_every_reader_refuses_the_same_files_in_the_same_words(batch: Batch, case: str) -> None:
    content, said = REFUSED[case]
    first, *others = readings(batch, content)
    assert others == [first] * len(others)
    assert said in first.failed


@pytest.mark.parametrize("kept", [2, 5, 9, 30])
def test_a_gzip_that_is_cut_before_its_first_line_ends_is_refused_in_the_same_words(batch: Batch, kept: int) -> None:
    first, *others = readings(batch, packed(TEXT)[:kept])
    assert others == [first] * len(others)
    assert "The gzip is cut: it ends after" in first.failed


@pytest.mark.parametrize("reader", READERS)
def test_a_cut_gzip_is_refused_as_one(batch: Batch, reader: Callable[[Batch, bytes, str], Reading]) -> None:
    assert "The gzip is cut: it ends after" in reader(batch, packed(HEADER + ROWS * 50)[:-20], "a.csv.gz").failed


@pytest.mark.parametrize("key", ["_SUCCESS", "run1/_SUCCESS", "run1_$folder$", "run1/", "run1/.part-0.csv.crc"])
def test_a_marker_opens_no_job(batch: Batch, key: str) -> None:
    with pytest.raises(AssertionError):  # there is no notice of it
        batch.drop(b"", f"incoming/{key}")
    listed = batch.send("GET", "/jobs?limit=1000").json["jobs"]
    assert not [job for job in listed if job["file"] == f"incoming/{key}"]
