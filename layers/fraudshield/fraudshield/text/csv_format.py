"""The format of a CSV, by its first bytes: packed or plain, its line ends and columns, and where its first row begins.

Whatever reads a CSV reads it by this: the command, jobs, labels. What is refused is refused in one set of words.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from fraudshield.errors import Fault, Malformed
from fraudshield.text.csv_line import NOT_CSV, read_cells
from fraudshield.text.encoding import FOUND, NOT_UTF8, is_intact
from fraudshield.text.fault import SHOWN
from fraudshield.text.gzip_text import GZIP, MOST_BYTES, gunzip, start_of

SAMPLE_BYTES = 1 << 20  # what is looked at; the header must end within it
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LINE_END = re.compile(rb"\r*\n|\r")  # CR CR LF is what Windows writes of a CR LF that was written as text
NOT_TEXT = (  # by their first bytes, as they are registered; the longer ones first
    (b"\xff\xfe\x00\x00", "UTF-32 text", "save it as UTF-8"),
    (b"\xff\xfe", "UTF-16 text", "save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text", "save it as UTF-8"),
    (b"PK\x03\x04", "a zip archive (or a spreadsheet)", "unpack it, or save the spreadsheet as CSV"),
    (b"PK\x07\x08", "a zip archive (or a spreadsheet)", "unpack it, or save the spreadsheet as CSV"),
    (b"PK\x05\x06", "an empty zip archive", "upload the CSV itself"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a spreadsheet (or another document) of old Office", "save it as CSV"),
    (b"\x89PNG", "a PNG image", "expected a CSV"),
    (b"%PDF", "a PDF document", "expected a CSV"),
    (b"\xff\xd8\xff", "a JPEG image", "expected a CSV"),
    (b"PAR1\x15", "a Parquet file", "write it as CSV"),
    (b"Obj\x01", "an Avro file", "write it as CSV"),
    (b"\x1f\xef\xbf\xbd", "gzip that was read as text on its way", "send it with Content-Encoding: gzip"),
    (b"BZh", "a bzip2 archive", "unpack it, or pack it with gzip"),
    (b"\xfd7zXZ", "an xz archive", "unpack it, or pack it with gzip"),
    (b"(\xb5/\xfd", "a zstd archive", "unpack it, or pack it with gzip"),
    (b"\x04\x22\x4d\x18", "an lz4 archive", "unpack it, or pack it with gzip"),
    (b"\xff\x06\x00\x00sNaPpY", "a snappy archive", "unpack it, or pack it with gzip"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it, or pack it with gzip"),
    (b"Rar!\x1a\x07", "a rar archive", "unpack it, or pack it with gzip"),
)
PACKED_TWICE = ((GZIP, "gzip once more", "pack it once"),)
SEPARATORS = ((";", "semicolons"), ("\t", "tabs"), ("|", "bars"))


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """How to read a CSV. `body` is where its first row starts: a byte of the unpacked text."""

    names: tuple[str, ...]
    body: int
    line_end: bytes
    gzip: bool


def detect_csv(sample: bytes, name: str) -> CsvFormat:
    """Detects the format of a file that starts with `sample` (all of it, or `SAMPLE_BYTES`); `name` is for messages.

    Raises:
        Malformed: the file is no CSV with a header; the message says what was found, where, and what was expected.
    """
    packed = sample.startswith(GZIP)
    return _format(start_of(sample, name, SAMPLE_BYTES) if packed else sample, name, packed=packed)


def open_csv(
    pieces: Iterable[bytes], name: str, most_bytes: int = MOST_BYTES, advice: str = "cut it in two"
) -> tuple[CsvFormat, Iterator[bytes]]:
    """Returns the format of a file that comes in pieces, and the bytes of its rows, unpacked.

    No more pieces are taken than the header needs.

    Raises:
        Malformed: as `detect_csv`; and, of a gzip, while the rows are read.
        TooLarge: a gzip has more than `most_bytes`; raised while the rows are read.
    """
    first, rest = _head(filter(None, pieces))
    packed = first.startswith(GZIP)
    if packed:
        _, text = _started(gunzip(chain([first], rest), most_bytes, advice), name)
        first, rest = _head(text)
    found = _format(first, name, packed=packed)
    return found, chain([first[found.body :]], rest)


def described(names: Sequence[str]) -> str:
    """Describes a header that lacks columns: what line 1 has, or by what it is separated."""
    text = ",".join(names)
    if len(names) == 1:
        for separator, said in SEPARATORS:
            if separator in text:
                return f"line 1 is separated by {said}, expected commas"
    return f"line 1 has {text[:SHOWN]!r}"


def _head(pieces: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Takes pieces until the first line ends in them; returns them as one, and the iterator."""
    held = b""
    while len(held) < SAMPLE_BYTES and not _has_line(held) and (piece := next(pieces, b"")):
        held += piece
    return held, pieces


def _has_line(text: bytes) -> bool:
    """Whether a line ends in the text; carriage returns behind which nothing came yet may be half of an end."""
    end = LINE_END.search(text)
    return end is not None and (end[0].endswith(b"\n") or bool(text[end.end() :].strip(b"\r")))


def _started(text: Iterator[bytes], name: str) -> tuple[bytes, Iterator[bytes]]:
    """Unpacks the first bytes, so that what only starts like gzip is refused by the file's name."""
    try:
        first = next(text, b"")
    except Malformed as exc:
        if exc.code == "gzip_cut":
            raise
        raise Malformed(f"{name} starts like gzip and cannot be unpacked: {exc}", code=exc.code) from exc
    return first, chain([first], text)


def _format(text: bytes, name: str, *, packed: bool) -> CsvFormat:
    where = f"what is packed in {name}" if packed else name
    if not text:
        raise Malformed(f"{where} is empty (0 bytes); expected a CSV with column names in line 1", code="empty_file")
    for magic, found, advice in (*NOT_TEXT, *PACKED_TWICE):
        if text.startswith(magic):
            raise Malformed(f"{where} is not a CSV: found {found}; {advice}", code="not_csv")
    start = _behind_marks(text)
    end = LINE_END.search(text, start)
    if end is None and len(text) >= SAMPLE_BYTES:
        raise Malformed(f"{name} has no line end in its first {SAMPLE_BYTES:,} bytes", code="not_csv")
    line = text[start : end.start()] if end else text[start:]
    body = end.end() if end else len(text)
    return CsvFormat(
        _names(_decoded(line, start, name), name), body, b"\r" if end and end[0] == b"\r" else b"\n", packed
    )


def _behind_marks(text: bytes) -> int:
    """Where the text begins; whatever writes a mark before text that has one already leaves two."""
    start = 0
    while text.startswith(BYTE_ORDER_MARK, start):
        start += len(BYTE_ORDER_MARK)
    return start


def _names(line: str, name: str) -> tuple[str, ...]:
    names = read_cells(line)
    if isinstance(names, Fault):
        raise Malformed(f"{name} is not a CSV: line 1: {names.detail.removeprefix(NOT_CSV)}", code=names.code)
    if not any(names):
        raise Malformed(
            f"{name} is empty, or its first line is; expected the names of its columns there", code="no_header"
        )
    return tuple(names)


def _decoded(line: bytes, start: int, name: str) -> str:
    if b"\0" in line:
        at = start + line.index(b"\0")
        raise Malformed(
            f"{name} is not a CSV: found a NUL at byte {at}, as in UTF-16 text or a program; expected UTF-8 text",
            code="not_csv",
        )
    try:
        text = line.decode()
    except UnicodeDecodeError as exc:
        found = f"byte 0x{line[exc.start]:02x} at byte {start + exc.start}"
        raise Malformed(f"{name} is not UTF-8: line 1 has {found}; save it as UTF-8", code=NOT_UTF8) from exc
    if not is_intact(text):
        raise Malformed(f"{name} is not UTF-8: {FOUND} in line 1; save it as UTF-8", code=NOT_UTF8)
    return text
