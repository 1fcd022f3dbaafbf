"""Goes through all files that may name erased accounts, one after the other, as far as time lasts."""

import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from fraudshield.batch.form import SAMPLE_BYTES, Form, form
from fraudshield.batch.gunzip import gunzip
from fraudshield.batch.job import INCOMING, INLINE, JOBS, RESULTS, SCORED_FILE, UPLOADS, JobFile
from fraudshield.batch.redaction import Redaction
from fraudshield.errors import Malformed, NotFound
from fraudshield.ports import Erasures, Files, JobStore

Asks = Mapping[str, datetime]  # marks of accounts, and when each was erased
PREFIXES = (INCOMING, INLINE, JOBS, RESULTS, UPLOADS)  # in the order of their keys


@dataclass(frozen=True, slots=True)
class Swept:
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

    def waits(self, asks: Asks) -> bool:
        """Whether a job still runs whose file came before one of the erasures: what it writes is to be seen too."""
        last = max(asks.values())
        active = [job for status in ("pending", "running") for job in self.jobs.page(status, 1000, None)[0]]
        return any(job.file.received_at <= last for job in active)

    def run(self, asks: Asks, after: str) -> Iterator[Swept]:
        """Every file behind the key `after`, in order, once it is done with."""
        for prefix in PREFIXES:
            for key in self.files.keys(prefix, after):
                yield self._one(key, asks)

    def _one(self, key: str, asks: Asks) -> Swept:
        try:
            if key.startswith(JOBS):
                self._forget_part(key, asks)
                return Swept(key)
            file = self.files.find(key)
            received_at = self._received_at(file)
            marks = {mark for mark, erased_at in asks.items() if received_at <= erased_at}
            return self._looked_through(file, marks) if marks else Swept(key)
        except NotFound:
            return Swept(key)
        except Malformed:
            return Swept(key, unread=True)

    def _forget_part(self, key: str, asks: Asks) -> None:
        """Of a job that has ended: whoever asks for it again begins anew. Raises NotFound where the job is gone."""
        job = self.jobs.find(key.removeprefix(JOBS).partition("/")[0])
        if any(job.file.received_at <= erased_at for erased_at in asks.values()):
            self.files.remove(key)

    def _received_at(self, file: JobFile) -> datetime:
        """Of a result that is when its input came. Raises NotFound for what is no scored file."""
        if not file.key.startswith(RESULTS):
            return file.received_at
        job_id, _, name = file.key.removeprefix(RESULTS).partition("/")
        if name != SCORED_FILE:
            raise NotFound("Refusals and summaries name no account")
        return self.jobs.find(job_id).file.received_at

    def _looked_through(self, file: JobFile, marks: Collection[str]) -> Swept:
        if not file.size:
            return Swept(file.key)
        sample = self.files.read(file, 0, min(file.size, SAMPLE_BYTES))
        found = form(sample, file.name)
        redaction = Redaction(found, lambda name: self.mark(name) in marks, self.erasures.pseudonym)
        joining = self.files.join(file.key, file.received_at)
        try:
            for content in _packed(self._content(file, found, sample, redaction), found.gzip):
                joining.write(content)
            if not redaction.changed:
                joining.abandon()
                return Swept(file.key)
            joining.close()
        except BaseException:
            joining.abandon()
            raise
        self.files.remove_old(file.key)
        return Swept(file.key, rewritten=True)

    def _content(self, file: JobFile, found: Form, sample: bytes, redaction: Redaction) -> Iterator[bytes]:
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
