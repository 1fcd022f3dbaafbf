"""The format of a file of transactions."""

from dataclasses import dataclass

from fraudshield.batch.header import Header, header_of
from fraudshield.text.csv_format import CsvFormat, detect_csv


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How to read a file. `body` is where its first row starts: a byte of the unpacked text."""

    header: Header
    body: int
    line_end: bytes
    gzip: bool


def detect_format(sample: bytes, name: str) -> FileFormat:
    """Detects the format of a file that starts with `sample` (all of it, or `SAMPLE_BYTES`); `name` is for messages.

    Raises:
        Malformed: the file is no CSV of transactions; the message says what was found, where, and what was expected.
    """
    return transactions_format(detect_csv(sample, name), name)


def transactions_format(found: CsvFormat, name: str) -> FileFormat:
    """The format of a CSV whose columns are those of transactions. Raises Malformed."""
    return FileFormat(header_of(found.names, name), found.body, found.line_end, found.gzip)
