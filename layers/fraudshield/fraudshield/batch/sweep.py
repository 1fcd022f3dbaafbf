"""The sweep of files after an erasure: rows sent by the account are removed, in others its pseudonym replaces it."""

import csv
import io
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from fraudshield.batch.byte_range import blocks
from fraudshield.batch.format import FileFormat, detect_format
from fraudshield.batch.job import INCOMING, INLINE, JOBS, RESULTS, SCORED_FILE, UPLOADS, JobFile
from fraudshield.batch.port import Files, JobStore
from fraudshield.erasure.port import Erasures
from fraudshield.errors import Fault, Malformed, NotFound
from fraudshield.text.csv_format import SAMPLE_BYTES
from fraudshield.text.csv_line import read_cells
from fraudshield.text.gzip_text import gunzip

SENDER, RECIPIENT = "nameOrig", "nameDest"
GUARD = "'"  # before what a spreadsheet would take for a formula
PREFIXES = (INCOMING, INLINE, JOBS, RESULTS, UPLOADS)  # in the order of their keys
IsErased = Callable[[str], bool]  # whether this account was erased
Pseudonym = Callable[[str], str]
PendingErasures = Mapping[str, datetime]  # marks of accounts, and when each was erased


@dataclass(frozen=True, slots=True)
class SweptFile:
    """The result for one file: rewritten, or left because it cannot be read; else it named no erased account."""

    key: str
    rewritten: bool = False
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Sweep:
    """Rewrites files without erased accounts. A sweep may be repeated, but only one may run at a time."""

    files: Files
    jobs: JobStore
    erasures: Erasures
    mark: Callable[[str], str]

    def waits(self, pending: PendingErasures) -> bool:
        """Whether to wait: a job still runs whose file was received before an erasure; its results are swept too."""
        last = max(pending.values())
        active = [job for status in ("pending", "running") for job in self.jobs.page(status, 1000, None)[0]]
        return any(job.file.received_at <= last for job in active)

    def run(self, pending: PendingErasures, after: str) -> Iterator[SweptFile]:
        """Sweeps every file after the key `after`, in order, and yields each result."""
        for prefix in PREFIXES:
            for key in self.files.keys(prefix, after):
                yield self._one(key, pending)

    def _one(self, key: str, pending: PendingErasures) -> SweptFile:
        try:
            if key.startswith(JOBS):
                self._forget_part(key, pending)
                return SweptFile(key)
            file = self.files.find(key)
            received_at = self._received_at(file)
            marks = {mark for mark, erased_at in pending.items() if received_at <= erased_at}
            return self._looked_through(file, marks) if marks else SweptFile(key)
        except NotFound:
            return SweptFile(key)
        except Malformed:
            return SweptFile(key, unread=True)

    def _forget_part(self, key: str, pending: PendingErasures) -> None:
        """Removes a part of an ended job; a restart scores its chunk again. Raises NotFound where the job is gone."""
        job = self.jobs.find(key.removeprefix(JOBS).partition("/")[0])
        if any(job.file.received_at <= erased_at for erased_at in pending.values()):
            self.files.remove(key)

    def _received_at(self, file: JobFile) -> datetime:
        """When the file was received; of a result, when its input was. Raises NotFound for rejects and summaries."""
        if not file.key.startswith(RESULTS):
            return file.received_at
        job_id, _, name = file.key.removeprefix(RESULTS).partition("/")
        if name != SCORED_FILE:
            raise NotFound("Refusals and summaries name no account")
        return self.jobs.find(job_id).file.received_at

    def _looked_through(self, file: JobFile, marks: Collection[str]) -> SweptFile:
        if not file.size:
            return SweptFile(file.key)
        sample = self.files.read(file, 0, min(file.size, SAMPLE_BYTES))
        found = detect_format(sample, file.name)
        redaction = Redaction(found, lambda name: self.mark(name) in marks, self.erasures.pseudonym)
        writer = self.files.writer(file.key, file.received_at)
        try:
            for content in _packed(self._content(file, found, sample, redaction), found.gzip):
                writer.write(content)
            if not redaction.changed:
                writer.abandon()
                if file.rewritten:  # perhaps by a sweep that ended before its next step
                    self.files.remove_old(file.key)
                return SweptFile(file.key)
            writer.close()
        except BaseException:
            writer.abandon()
            raise
        self.files.remove_old(file.key)
        return SweptFile(file.key, rewritten=True)

    def _content(self, file: JobFile, found: FileFormat, sample: bytes, redaction: "Redaction") -> Iterator[bytes]:
        """Yields the header as it is, then the rows."""
        if not found.gzip:
            yield sample[: found.body]
            yield from redaction.rows(self.files.stream(file, found.body, file.size))
            return
        text = _head_first(gunzip(self.files.stream(file, 0, file.size)), found.body)
        yield next(text)
        yield from redaction.rows(text)


def _head_first(text: Iterator[bytes], length: int) -> Iterator[bytes]:
    """Yields the first `length` bytes by themselves, then the rest."""
    held = b""
    while len(held) < length:
        held += next(text)
    yield held[:length]
    yield held[length:]
    yield from text


def _packed(content: Iterable[bytes], gzip: bool) -> Iterator[bytes]:
    if not gzip:
        yield from content
        return
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    for block in content:
        yield packer.compress(block)
    yield packer.flush()


@dataclass
class Redaction:
    """Rewrites the rows of one file as they stream, and counts its changes. Lines that are no rows are searched too."""

    format: FileFormat
    is_erased: IsErased
    pseudonym: Pseudonym
    removed: int = 0
    renamed: int = 0

    def rows(self, stream: Iterable[bytes]) -> Iterator[bytes]:
        """Yields the rows that stay, unchanged but for pseudonyms. A line longer than a block is removed unread."""
        end = self.format.line_end
        for block in blocks(stream, end, self.format.body):
            if block.too_long:
                self.removed += 1
                continue
            *lines, last = block.content.split(end)
            kept = [kept + end for line in lines if (kept := self._line(line)) is not None]
            if last and (rest := self._line(last)) is not None:
                kept.append(rest)
            yield b"".join(kept)

    @property
    def changed(self) -> bool:
        """Whether the file named an erased account."""
        return bool(self.removed or self.renamed)

    def _line(self, line: bytes) -> bytes | None:
        """Rewrites a line; None where an erased account sent it. Carriage returns around it are of its end."""
        whole = line.decode(errors="surrogateescape")
        text = whole.strip("\r\n")
        before, _, after = whole.partition(text) if text else (whole, "", "")
        cells = _cells(text)
        positions = self.format.header.positions
        if cells is None or len(cells) != len(self.format.header.names):
            named = any(self._names_erased(cell) for cell in (cells or text.replace('"', ",").split(",")))
            self.removed += named
            return None if named else line
        if self._names_erased(cells[positions[SENDER]]):
            self.removed += 1
            return None
        if self._names_erased(cells[positions[RECIPIENT]]):
            self.renamed += 1
            cells[positions[RECIPIENT]] = self.pseudonym(_name(cells[positions[RECIPIENT]]))
            return (before + _joined(cells) + after).encode(errors="surrogateescape")
        return line

    def _names_erased(self, cell: str) -> bool:
        return bool(cell) and (self.is_erased(cell) or (cell.startswith(GUARD) and self.is_erased(_name(cell))))


def _name(cell: str) -> str:
    return cell.removeprefix(GUARD)


def _cells(text: str) -> list[str] | None:
    """Splits a line into cells; None where it is not CSV."""
    cells = read_cells(text)
    return None if isinstance(cells, Fault) else list(cells)


def _joined(cells: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(cells)
    return written.getvalue()
