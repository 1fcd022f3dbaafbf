"""Where jobs and their files are kept, and who runs and announces them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fraudshield.batch.job import Job, JobFile, JobProgress, Status
from fraudshield.batch.tally import Summary


@dataclass(frozen=True, slots=True)
class PinnedPlan:
    """What is pinned when a job begins."""

    plan_id: str
    chunks: int
    model_version: str
    policy_version: int


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a job ended."""

    status: Status
    at: datetime
    progress: JobProgress | None = None
    results: Mapping[str, int] | None = None
    error_code: str | None = None
    error_message: str | None = None


class JobStore(Protocol):
    """Jobs and their progress: every change happens once, however often it is asked for. All raise StoreUnavailable."""

    def create(self, job: Job) -> tuple[Job, bool]:
        """The job of its file, and whether it is new; another that is there already stays as it is."""

    def find(self, job_id: str) -> Job:
        """Raises NotFound."""

    def begin(self, job: Job, pinned: PinnedPlan, at: datetime) -> Job:
        """It runs by this plan, unless the stored job is not as `job` any more: what is stored then."""

    def note_chunk(self, job_id: str, plan_id: str, index: int, progress: JobProgress) -> None:
        """Add what a chunk did, once. Raises JobEnded where the job goes by another plan."""

    def note_failure(self, job_id: str, plan_id: str, index: int, reason: str) -> None:
        """Why a chunk was given up."""

    def failures(self, job_id: str, plan_id: str) -> Mapping[int, str]:
        """Reasons by chunk."""

    def end(self, job_id: str, ending: JobEnd) -> tuple[Job, bool]:
        """The job as it is then, and whether this ended it: one that has ended stays as it is. Raises NotFound."""

    def restart(self, job: Job) -> Job:
        """A failed or cancelled job is pending again, in its next attempt; what is stored then."""

    def page(self, status: Status | None, limit: int, after: object) -> tuple[Sequence[Job], object]:
        """Newest first; where to go on (plain JSON), None at the end."""

    def counts(self) -> Mapping[str, int]:
        """Jobs by status, and rows of those that completed."""


class JobRunner(Protocol):
    """Runs jobs."""

    def start(self, job: Job) -> None:
        """Safe to repeat. Raises RunnerUnavailable."""

    def stop(self, job: Job) -> None:
        """Safe to repeat; one that runs no more is no error. Raises RunnerUnavailable."""


class JobAnnouncer(Protocol):
    """Tells whoever wants to know that a job has ended."""

    def announce(self, job: Job) -> None:
        """At least once. Raises QueueUnavailable."""


class JobSummaries(Protocol):
    """What the rows of files add to the aggregates."""

    def add(self, summary: Summary) -> None:
        """Count it, once for each job. Raises StoreUnavailable: not all of it may be counted yet."""


class ObjectWriter(Protocol):
    """An object that grows out of pieces, in order; it is there when `close` returns and not before."""

    def write(self, content: bytes) -> None:
        """Put this next."""

    def append(self, key: str, size: int) -> None:
        """Put the content of another object next."""

    def close(self) -> None:
        """It is whole."""

    def abandon(self) -> None:
        """It is never to be."""


class Files(Protocol):
    """The objects of one bucket. Every call raises FilesUnavailable."""

    def find(self, key: str, version: str | None = None) -> JobFile:
        """The newest version, or that one. Raises NotFound."""

    def read(self, file: JobFile, start: int, end: int) -> bytes:
        """The bytes from the first up to the second. Raises NotFound."""

    def stream(self, file: JobFile, start: int, end: int) -> Iterator[bytes]:
        """The same, a mebibyte at a time. Raises NotFound."""

    def get(self, key: str) -> bytes | None:
        """A whole small object; None where there is none."""

    def put(self, key: str, content: bytes) -> JobFile:
        """Write a whole object."""

    def writer(self, key: str, received_at: datetime | None = None) -> ObjectWriter:
        """Begin one that grows out of pieces; it takes the place of one that came at `received_at`, where it does."""

    def keys(self, prefix: str, after: str) -> Iterator[str]:
        """All that begin so, in order, behind `after`."""

    def remove_old(self, key: str) -> None:
        """Every version but the newest."""

    def remove(self, prefix: str) -> None:
        """Everything that begins so."""

    def url(self, key: str, seconds: int) -> str:
        """Whoever has it may read the object for so long."""

    def upload_url(self, key: str, seconds: int) -> str:
        """Whoever has it may write the object for so long, up to 5 GB."""
