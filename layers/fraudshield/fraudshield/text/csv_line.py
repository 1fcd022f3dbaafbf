"""The lines of a CSV: each is one row of cells, and one that cannot be read is refused alone.

A cell has no line break in it, quoted or not: a file is cut and read at line ends, by many workers at once.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from fraudshield.errors import Fault
from fraudshield.text.encoding import FOUND, NOT_UTF8, is_intact

MOST_LINE_BYTES = 1 << 20
LINE_END_BYTES = 16  # of a line that is being read: more carriage returns than anything writes
ODD = re.compile('["\r\n\0]')  # with none of these a line is cells between commas
TOO_LONG = Fault("", f"The line is over {MOST_LINE_BYTES:,} bytes long", "line_too_long")
REPLACED = Fault("", f"The line is not UTF-8: {FOUND} in it; save the file as UTF-8", NOT_UTF8)
NOT_CSV = "The line is not CSV: "
SAID = (  # what Python's reader says of a line, and what is wrong with it
    ("unexpected end of data", "a quote is still open at the line's end, and a cell has no line break"),
    ("expected after", "a quote is closed in the middle of a cell"),
    ("new-line character", "a line break of another kind stands in it"),
    ("field larger", f"a cell is over {csv.field_size_limit():,} characters long"),
)
Cells = Sequence[str]


def decoded_lines(content: bytes, line_end: bytes) -> list[str | Fault]:
    """Decodes whole lines, without their ends. The last one may lack its end."""
    content = _with_one_end(content, line_end)
    texts: list[str | Fault]
    try:
        text = content.decode()
    except UnicodeDecodeError:
        texts = [_decoded(line) for line in content.split(line_end)]
    else:
        lines = text.split(line_end.decode())
        texts = [*lines] if is_intact(text) else [line if is_intact(line) else REPLACED for line in lines]
    if not texts[-1]:
        texts.pop()
    return texts


def lines(pieces: Iterable[bytes], line_end: bytes) -> Iterator[str | Fault]:
    """Yields the lines of a text that comes in pieces, without their ends, as soon as each is whole."""
    held, passed_over = b"", False
    for piece in pieces:
        *whole, held = (held + piece).split(line_end)
        for line in whole:
            yield TOO_LONG if passed_over else _line(line, line_end)
            passed_over = False
        if passed_over or len(held) > MOST_LINE_BYTES + LINE_END_BYTES:
            held, passed_over = b"", True
    if passed_over or held:
        yield TOO_LONG if passed_over else _line(held, line_end)


def is_plain(line: str) -> bool:
    """Whether the line is cells between commas, without quotes and whatever else needs a closer look."""
    return len(line) <= MOST_LINE_BYTES and not ODD.search(line)


def read_row(line: str | Fault, width: int) -> Cells | Fault:
    """Splits a line into as many cells as line 1 has; none where it is empty, or every cell is."""
    if isinstance(line, Fault) or not line:
        return line or ()
    cells = read_cells(line)
    if isinstance(cells, Fault):
        return cells
    if not any(cells):
        return ()
    return wrong_length(cells, width) or cells


def wrong_length(cells: Cells, width: int) -> Fault | None:
    """A fault where these are not as many cells as line 1 has."""
    return (
        Fault("", f"{len(cells)} cells, expected {width} as in line 1", "row_length") if len(cells) != width else None
    )


def read_cells(line: str) -> Cells | Fault:
    """Splits a line into its cells."""
    if len(line) * 4 > MOST_LINE_BYTES and len(line.encode(errors="surrogatepass")) > MOST_LINE_BYTES:
        return TOO_LONG
    if not ODD.search(line):
        return line.split(",")
    if "\0" in line:
        return Fault("", f"The line has a NUL at character {line.index(chr(0)) + 1}; expected text", "not_text")
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error as exc:
        said = next((ours for theirs, ours in SAID if theirs in str(exc)), "its quotes cannot be read")
        return Fault("", f"{NOT_CSV}{said}; expected one row a line", "not_csv")


def _with_one_end(content: bytes, line_end: bytes) -> bytes:
    if line_end == b"\r":
        return content.replace(b"\r\n", b"\r").removeprefix(b"\n")  # a block may begin between the two
    content = content.replace(b"\r\n", b"\n")
    if b"\r\n" in content or content.endswith(b"\r"):  # CR CR LF; or the file ends between the two
        return b"\n".join(line.rstrip(b"\r") for line in content.split(b"\n"))
    return content


def _line(line: bytes, line_end: bytes) -> str | Fault:
    line = line.removeprefix(b"\n") if line_end == b"\r" else line.rstrip(b"\r")
    return TOO_LONG if len(line) > MOST_LINE_BYTES else _decoded(line)


def _decoded(line: bytes) -> str | Fault:
    try:
        text = line.decode()
    except UnicodeDecodeError as exc:
        found = f"byte 0x{line[exc.start]:02x} at character {len(line[: exc.start].decode()) + 1}"
        return Fault("", f"The line is not UTF-8: found {found}; save the file as UTF-8", NOT_UTF8)
    return text if is_intact(text) else REPLACED
