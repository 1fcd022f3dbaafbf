"""What all chunks of a job have in common, pinned once: the file's form, the model, the policy, the times."""

from collections.abc import Callable, Iterator
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from fraudshield.batch.byte_range import ByteRange, ranges
from fraudshield.batch.form import SAMPLE_BYTES, Form, form
from fraudshield.batch.header import header_of
from fraudshield.batch.job import JOBS, Job, StoreWhat
from fraudshield.policy import Policy

ReadRange = Callable[[int, int], bytes]


class PlannedChunk(BaseModel):
    """A range of the file; the map of the state machine hands one to each worker."""

    model_config = ConfigDict(frozen=True)

    job_id: str
    plan_id: str
    index: int
    start: int
    end: int


class Plan(BaseModel):
    """Kept beside the job's parts. `body` is where the first row starts, in the unpacked text."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    job_id: str
    plan_id: str
    bucket: str
    key: str
    version: str
    size: int
    origin: str
    names: tuple[str, ...]
    body: int
    line_end: str
    gzip: bool
    received_at: datetime
    decided_at: datetime
    store: StoreWhat
    model_version: str
    model_sha256: str
    policy: Policy
    chunks: tuple[tuple[int, int], ...]

    @property
    def form(self) -> Form:
        """How to read the file."""
        return Form(header_of(self.names, self.key), self.body, self.line_end.encode(), self.gzip)

    @property
    def planned(self) -> Iterator[PlannedChunk]:
        """Its chunks, in the file's order."""
        for index, (start, end) in enumerate(self.chunks):
            yield PlannedChunk(job_id=self.job_id, plan_id=self.plan_id, index=index, start=start, end=end)


def folder(job_id: str, plan_id: str) -> str:
    """Where a plan and the parts made by it lie."""
    return f"{JOBS}{job_id}/{plan_id}/"


def cut(job: Job, read: ReadRange, chunk_bytes: int) -> tuple[Form, list[ByteRange]]:
    """The file's form and its chunks; a gzip is one, and so is a file without rows.

    Raises:
        Malformed, TooLarge: the file cannot be scored; says what was found and expected.
    """
    size, name = job.file.size, job.file.name
    found = form(read(0, min(size, SAMPLE_BYTES)) if size else b"", name)
    if found.gzip:
        return found, [ByteRange(0, size)]
    chunks = list(ranges(size, found.body, found.line_end, read, chunk_bytes))
    return found, chunks or [ByteRange(found.body, found.body)]
