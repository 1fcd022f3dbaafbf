"""The sweep of files after an erasure: rows sent by the account are removed, in others its pseudonym replaces it."""

import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fraudshield.batch.job import INCOMING, INLINE, JOBS, RESULTS, SUMMARY_FILE, UPLOADS, JobFile
from fraudshield.batch.port import Files, JobStore
from fraudshield.batch.sweep.redaction import Redaction
from fraudshield.erasure.port import Erasures
from fraudshield.errors import Malformed, NotFound
from fraudshield.text.csv_format import SAMPLE_BYTES, CsvFormat, detect_csv
from fraudshield.text.gzip_text import gunzip
from fraudshield.text.mention import Mentions

PREFIXES = (INCOMING, INLINE, JOBS, RESULTS, UPLOADS)  # in the order of their keys
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
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
    senders: Callable[[JobFile, Sequence[str]], Collection[str]]  # the columns, of these, that name who sent a row

    def waits(self, pending: PendingErasures) -> bool:
        """Whether to wait: a job still runs whose file was received before an erasure; its results are swept too."""
        last = max(pending.values())
        active = [job for status in ("pending", "running") for job in self.jobs.page(status, 1000, None)[0]]
        return any(job.file.received_at <= last for job in active)

    def run(self, pending: PendingErasures, after: str) -> Iterator[SweptFile]:
        """Sweeps every file after the key `after`, in order, and yields each result.

        What a sender had replaced or deleted before the erasure goes whole: nobody sees it, and no job reads it.
        """
        for prefix in PREFIXES:
            for key in self.files.keys(prefix, after):
                yield self._one(key, pending)
            self.files.remove_replaced(prefix, max(pending.values()))

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
        """Removes a part of an ended job; a restart scores its chunk again. Those of a job that is gone, too."""
        received_at = self._received_by(key.removeprefix(JOBS).partition("/")[0])
        if any(received_at <= erased_at for erased_at in pending.values()):
            self.files.remove(key)

    def _received_at(self, file: JobFile) -> datetime:
        """When the file was received; of a result, when its input was. Raises NotFound for summaries: sums."""
        if not file.key.startswith(RESULTS):
            return file.received_at
        job_id, _, name = file.key.removeprefix(RESULTS).partition("/")
        if name == SUMMARY_FILE:
            raise NotFound("A summary names no account")
        return self._received_by(job_id)

    def _received_by(self, job_id: str) -> datetime:
        """When the job's file was received; before everything, where nobody knows the job any more."""
        try:
            return self.jobs.find(job_id).file.received_at
        except NotFound:
            return BEFORE_ALL

    def _looked_through(self, file: JobFile, marks: Collection[str]) -> SweptFile:
        if not file.size:
            return SweptFile(file.key)
        sample = self.files.read(file, 0, min(file.size, SAMPLE_BYTES))
        found = detect_csv(sample, file.name)
        mentions = Mentions(lambda name: self.mark(name) in marks, self.erasures.pseudonym)
        redaction = Redaction(found, mentions, self.senders(file, found.names))
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

    def _content(self, file: JobFile, found: CsvFormat, sample: bytes, redaction: Redaction) -> Iterator[bytes]:
        """Yields the header, then the rows."""
        if not found.gzip:
            yield redaction.head(sample[: found.body])
            yield from redaction.rows(self.files.stream(file, found.body, file.size))
            return
        text = _head_first(gunzip(self.files.stream(file, 0, file.size)), found.body)
        yield redaction.head(next(text))
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
