"""A file that is sent with a call: its columns and numbered lines, bounded by what one call takes."""

from collections.abc import Sequence
from dataclasses import dataclass

from fraudshield.errors import Fault, Malformed, TooLarge
from fraudshield.text import csv_line
from fraudshield.text.csv_format import described, open_csv

NAME = "The file"  # in messages
MOST_LINES = 10_000
MOST_BYTES = 1 << 20  # unpacked: as much as a body may have


@dataclass(frozen=True, slots=True)
class CsvTable:
    """Columns in the file's order, stripped, and its lines by number; the header is line 1, empty lines are left out.

    `found` says the columns in words.
    """

    columns: Sequence[str]
    lines: Sequence[tuple[int, str | Fault]]
    found: str


def read_table(body: bytes, takes: str = "which one call cannot take") -> CsvTable:
    """Reads a file.

    Raises:
        Malformed: no CSV.
        TooLarge: there are more than `MOST_LINES`, or a gzip unpacks to more than `MOST_BYTES`.
    """
    found, rows = open_csv([body], NAME, MOST_BYTES, takes)
    lines = [
        (number, line)
        for number, line in enumerate(csv_line.lines(rows, found.line_end), start=2)
        if isinstance(line, Fault) or line.replace(",", "").strip()
    ]
    if len(lines) > MOST_LINES:
        raise TooLarge(f"{len(lines)} lines in one file, at most {MOST_LINES} are taken", code="too_many_lines")
    return CsvTable([name.strip() for name in found.names], lines, described(found.names))


def no_line() -> Malformed:
    """What is raised for a file that has nothing but its header."""
    return Malformed("The file has no line after its header", code="not_csv")
