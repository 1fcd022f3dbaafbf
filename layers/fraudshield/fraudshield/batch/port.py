"""What batch needs of its stores: jobs, files and sums; and of those who run and announce jobs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fraudshield.batch.job import Job, JobFile, JobProgress, Status
from fraudshield.batch.tally import Summary


@dataclass(frozen=True, slots=True)
class PinnedPlan:
    """The plan, model and policy that a job is run by; they stay the same to its end."""

    plan_id: str
    chunks: int
    model_version: str | None
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
    """Stores jobs and their progress; each change is made once, however often sent. All raise StoreUnavailable."""

    def create(self, job: Job) -> tuple[Job, bool]:
        """Stores the job unless its file has one; returns the stored job, and whether it is new."""

    def find(self, job_id: str) -> Job:
        """Finds a job by its id. Raises NotFound."""

    def begin(self, job: Job, pinned: PinnedPlan, at: datetime) -> Job:
        """Sets the job running by this plan, unless it has changed since `job` was read; returns the stored job."""

    def note_chunk(self, job_id: str, plan_id: str, index: int, progress: JobProgress) -> None:
        """Adds a chunk's progress to the job's, once. Raises JobEnded where the job runs by another plan."""

    def note_failure(self, job_id: str, plan_id: str, index: int, reason: str) -> None:
        """Stores why a chunk was given up."""

    def failures(self, job_id: str, plan_id: str) -> Mapping[int, str]:
        """Returns the reasons by number of the chunk."""

    def end(self, job_id: str, ending: JobEnd) -> tuple[Job, bool]:
        """Ends the job unless it has ended; returns the stored job, and whether this call ended it. Raises NotFound."""

    def restart(self, job: Job) -> Job:
        """Sets a failed or cancelled job pending again, in its next attempt; returns the stored job."""

    def page(self, status: Status | None, limit: int, after: object) -> tuple[Sequence[Job], object]:
        """Lists jobs, newest first; returns also where the next page starts (plain JSON), None at the end."""

    def counts(self) -> Mapping[str, int]:
        """Counts jobs by status, and the rows of those that completed."""


class JobRunner(Protocol):
    """Starts and stops the executions of jobs."""

    def start(self, job: Job) -> None:
        """Starts the job's execution; repeating it changes nothing. Raises RunnerUnavailable."""

    def stop(self, job: Job) -> None:
        """Stops the job's execution; one that has ended already is no error. Raises RunnerUnavailable."""


class JobAnnouncer(Protocol):
    """Tells subscribers that a job has ended."""

    def announce(self, job: Job) -> None:
        """Announces the end of the job, at least once. Raises QueueUnavailable."""


class JobSummaries(Protocol):
    """Adds the rows of files to the aggregates."""

    def add(self, summary: Summary) -> None:
        """Counts the summary, once for each job. Raises StoreUnavailable: then only some of it may be counted yet."""


class Rewrites(Protocol):
    """Knows which versions of files erasures wrote: no new files, and received when what they replace was.

    The object carries a random token; what it stands for is stored where only our functions write. Whoever sends
    files can set metadata and S3 copies it with an object, so nothing that an object says of itself is believed.
    Both raise StoreUnavailable.
    """

    def begin(self, key: str, token: str, received_at: datetime) -> None:
        """Notes that a version of the object is about to be written, which carries the token."""

    def end(self, key: str, token: str, version: str) -> None:
        """Notes which version was written; another one that carries the token is a new file."""

    def received_at(self, key: str, token: str, version: str) -> datetime | None:
        """Returns when the file was received that this version replaces; None where no erasure wrote it."""

    def before_tokens(self, key: str, written_at: datetime) -> bool:
        """Whether an erasure by an earlier release, whose files carry no token, rewrote this object at this time."""


class ObjectWriter(Protocol):
    """Writes an object from parts, in order. The object becomes visible when `close` returns, and not before."""

    def write(self, content: bytes) -> None:
        """Appends these bytes."""

    def append(self, key: str, size: int) -> None:
        """Appends the content of another object."""

    def close(self) -> None:
        """Finishes the upload; the object becomes visible."""

    def abandon(self) -> None:
        """Aborts the upload; the object never becomes visible."""


class Files(Protocol):
    """Reads and writes the objects of one bucket. Every method raises FilesUnavailable."""

    def find(self, key: str, version: str | None = None) -> JobFile:
        """Finds the newest version of an object, or the given one. Raises NotFound."""

    def read(self, file: JobFile, start: int, end: int) -> bytes:
        """Returns the bytes from `start` up to `end`. Raises NotFound."""

    def stream(self, file: JobFile, start: int, end: int) -> Iterator[bytes]:
        """Yields the bytes from `start` up to `end`, a mebibyte at a time. Raises NotFound."""

    def get(self, key: str) -> bytes | None:
        """Returns a whole small object; None where there is none."""

    def put(self, key: str, content: bytes) -> JobFile:
        """Writes a whole object."""

    def writer(self, key: str, received_at: datetime | None = None) -> ObjectWriter:
        """Begins an object that is written from parts; with `received_at` an erasure rewrites a file received then."""

    def keys(self, prefix: str, after: str) -> Iterator[str]:
        """Yields the keys that begin with `prefix`, in order, from the one after `after` on."""

    def remove_old(self, key: str) -> None:
        """Removes every version of an object but the newest."""

    def remove_replaced(self, prefix: str, until: datetime) -> None:
        """Removes every version below `prefix` that was written by then, and that another or a deletion replaced."""

    def remove(self, prefix: str) -> None:
        """Removes every version of every object whose key begins with `prefix`."""

    def url(self, key: str, seconds: int) -> str:
        """Returns a link by which the object may be read for so many seconds."""

    def upload_url(self, key: str, seconds: int) -> str:
        """Returns a link by which the object may be written for so many seconds, up to 5 GB."""
