"""The format of a file: packed or plain, its line ends and columns, and where its first row begins."""

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fraudshield.batch.header import Header, read_header
from fraudshield.errors import Malformed, TooLarge

SAMPLE_BYTES = 1 << 20  # what is looked at; the header must end within it
GZIP = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LINE_END = re.compile(rb"\r\n|\n|\r")
NOT_TEXT = (  # by their first bytes, as they are registered; the longer ones first
    (b"\xff\xfe\x00\x00", "UTF-32 text", "save it as UTF-8"),
    (b"\xff\xfe", "UTF-16 text", "save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text", "save it as UTF-8"),
    (b"PK\x03\x04", "a zip archive (or a spreadsheet)", "unpack it, or save the spreadsheet as CSV"),
    (b"PK\x05\x06", "an empty zip archive", "upload the CSV itself"),
    (b"\x89PNG", "a PNG image", "expected a CSV"),
    (b"%PDF", "a PDF document", "expected a CSV"),
    (b"\xff\xd8\xff", "a JPEG image", "expected a CSV"),
    (b"BZh", "a bzip2 archive", "unpack it, or pack it with gzip"),
    (b"\xfd7zXZ", "an xz archive", "unpack it, or pack it with gzip"),
    (b"(\xb5/\xfd", "a zstd archive", "unpack it, or pack it with gzip"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it, or pack it with gzip"),
)


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
    if not sample:
        raise Malformed(f"{name} is empty (0 bytes); expected a CSV with column names in line 1", code="empty_file")
    _refuse_what_is_no_text(sample, name)
    packed = sample.startswith(GZIP)
    text = _unpacked(sample, name) if packed else sample
    if packed:
        _refuse_what_is_no_text(text, f"what is packed in {name}")
    start = len(BYTE_ORDER_MARK) if text.startswith(BYTE_ORDER_MARK) else 0
    end = LINE_END.search(text, start)
    if end is None and len(text) >= SAMPLE_BYTES:
        raise Malformed(f"{name} has no line end in its first {SAMPLE_BYTES:,} bytes", code="not_csv")
    line = text[start : end.start()] if end else text[start:]
    header = read_header(_decoded(line, start, name), name)
    return FileFormat(header, end.end() if end else len(text), b"\r" if end and end[0] == b"\r" else b"\n", packed)


def _refuse_what_is_no_text(sample: bytes, name: str) -> None:
    for magic, found, advice in NOT_TEXT:
        if sample.startswith(magic):
            raise Malformed(f"{name} is not a CSV: found {found}; {advice}", code="not_csv")


def _decoded(line: bytes, start: int, name: str) -> str:
    if b"\0" in line:
        at = start + line.index(b"\0")
        raise Malformed(
            f"{name} is not a CSV: found a NUL at byte {at}, as in UTF-16 text or a program; expected UTF-8 text",
            code="not_csv",
        )
    try:
        return line.decode()
    except UnicodeDecodeError as exc:
        found = f"byte 0x{line[exc.start]:02x} at byte {start + exc.start}"
        raise Malformed(f"{name} is not UTF-8: line 1 has {found}; save it as UTF-8", code="not_utf8") from exc


def _unpacked(sample: bytes, name: str) -> bytes:
    """Unpacks the start of the text, as far as the sample reaches."""
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(sample, SAMPLE_BYTES)
    except zlib.error as exc:
        raise Malformed(f"{name} starts like gzip and cannot be unpacked: {exc}", code="gzip_damaged") from exc


MOST_BYTES = 2 << 30  # unpacked: about 25 million rows, four minutes of one chunk
STEP_BYTES = 1 << 20  # unpacked at a time, whatever the packed bytes promise


def gunzip(blocks: Iterable[bytes], most_bytes: int = MOST_BYTES) -> Iterator[bytes]:
    """Yields the unpacked bytes, a mebibyte at a time; of several members one after the other, as gzip does.

    Raises:
        TooLarge: the text has more than `most_bytes`; raised when they have been unpacked.
        Malformed: the gzip is damaged, or cut before its end.
    """
    member, total, left = _member(), 0, b""
    for block in blocks:
        left += block
        while left:
            if member.eof:
                left = left.lstrip(b"\0")  # what some pad members with
                member = _member() if left else member
                continue
            unpacked, left = _step(member, left)
            total += len(unpacked)
            if total > most_bytes:
                raise TooLarge(
                    f"The gzip unpacks to over {most_bytes:,} bytes, which one chunk cannot hold; upload it unpacked",
                    code="gzip_too_large",
                )
            if unpacked:
                yield unpacked
    if not member.eof:
        raise Malformed(f"The gzip is cut: it ends after {total:,} unpacked bytes, in the middle", code="gzip_cut")


def _member() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)


def _step(member: "zlib._Decompress", packed: bytes) -> tuple[bytes, bytes]:
    """Returns unpacked bytes, and what is left of the packed ones."""
    try:
        unpacked = member.decompress(packed, STEP_BYTES)
    except zlib.error as exc:
        raise Malformed(f"The gzip is damaged: {exc}", code="gzip_damaged") from exc
    return unpacked, member.unused_data if member.eof else member.unconsumed_tail
