"""The sweep of files after an erasure: rows of the account go, others get its pseudonym."""

import csv
import io
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from fraudshield.batch.byte_range import blocks
from fraudshield.batch.format import SAMPLE_BYTES, FileFormat, detect_format, gunzip
from fraudshield.batch.job import INCOMING, INLINE, JOBS, RESULTS, SCORED_FILE, UPLOADS, JobFile
from fraudshield.batch.port import Files, JobStore
from fraudshield.erasure.port import Erasures
from fraudshield.errors import Malformed, NotFound

SENDER, RECIPIENT = "nameOrig", "nameDest"
GUARD = "'"  # before what a spreadsheet would take for a formula
IsErased = Callable[[str], bool]  # whether this account is to be forgotten
Pseudonym = Callable[[str], str]


@dataclass
class Redaction:
    """Rewrites the rows of one file as they stream; counts what it changed. A line that is no row is looked through."""

    format: FileFormat
    is_erased: IsErased
    pseudonym: Pseudonym
    removed: int = 0
    renamed: int = 0

    def rows(self, stream: Iterable[bytes]) -> Iterator[bytes]:
        """The rows that stay, byte for byte but for the pseudonyms. A line too long to be held is dropped, unread."""
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
        """Whether the file named one of them."""
        return bool(self.removed or self.renamed)

    def _line(self, line: bytes) -> bytes | None:
        """None where the row is one of theirs."""
        text = line.decode(errors="surrogateescape")
        cells = _cells(text.removesuffix("\r"))
        places = self.format.header.places
        if cells is None or len(cells) != len(self.format.header.names):
            named = any(self._names_erased(cell) for cell in (cells or text.replace('"', ",").split(",")))
            self.removed += named
            return None if named else line
        if self._names_erased(cells[places[SENDER]]):
            self.removed += 1
            return None
        if self._names_erased(cells[places[RECIPIENT]]):
            self.renamed += 1
            cells[places[RECIPIENT]] = self.pseudonym(_name(cells[places[RECIPIENT]]))
            return _joined(cells, text.endswith("\r")).encode(errors="surrogateescape")
        return line

    def _names_erased(self, cell: str) -> bool:
        return bool(cell) and (self.is_erased(cell) or (cell.startswith(GUARD) and self.is_erased(_name(cell))))


def _name(cell: str) -> str:
    return cell.removeprefix(GUARD)


def _cells(text: str) -> list[str] | None:
    """None for a line that is not CSV."""
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error:
        return None


def _joined(cells: list[str], carriage: bool) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r" if carriage else "").writerow(cells)
    return written.getvalue()


PendingErasures = Mapping[str, datetime]  # marks of accounts, and when each was erased
PREFIXES = (INCOMING, INLINE, JOBS, RESULTS, UPLOADS)  # in the order of their keys


@dataclass(frozen=True, slots=True)
class SweptFile:
    """What became of one file: rewritten, or not readable and so left as it was; else it named nobody."""

    key: str
    rewritten: bool = False
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Sweep:
    """Safe to repeat: what was rewritten names nobody any more. One at a time, or they overwrite each other's."""

    files: Files
    jobs: JobStore
    erasures: Erasures
    mark: Callable[[str], str]

    def waits(self, pending: PendingErasures) -> bool:
        """Whether a job still runs whose file came before one of the erasures: what it writes is to be seen too."""
        last = max(pending.values())
        active = [job for status in ("pending", "running") for job in self.jobs.page(status, 1000, None)[0]]
        return any(job.file.received_at <= last for job in active)

    def run(self, pending: PendingErasures, after: str) -> Iterator[SweptFile]:
        """Every file behind the key `after`, in order, once it is done with."""
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
        """Of a job that has ended: whoever pending for it again begins anew. Raises NotFound where the job is gone."""
        job = self.jobs.find(key.removeprefix(JOBS).partition("/")[0])
        if any(job.file.received_at <= erased_at for erased_at in pending.values()):
            self.files.remove(key)

    def _received_at(self, file: JobFile) -> datetime:
        """Of a result that is when its input came. Raises NotFound for what is no scored file."""
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
                return SweptFile(file.key)
            writer.close()
        except BaseException:
            writer.abandon()
            raise
        self.files.remove_old(file.key)
        return SweptFile(file.key, rewritten=True)

    def _content(self, file: JobFile, found: FileFormat, sample: bytes, redaction: Redaction) -> Iterator[bytes]:
        """The head as it is, then the rows."""
        if not found.gzip:
            yield sample[: found.body]
            yield from redaction.rows(self.files.stream(file, found.body, file.size))
            return
        text = _head_first(gunzip(self.files.stream(file, 0, file.size)), found.body)
        yield next(text)
        yield from redaction.rows(text)


def _head_first(text: Iterator[bytes], length: int) -> Iterator[bytes]:
    """The first bytes by themselves, then the rest."""
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
