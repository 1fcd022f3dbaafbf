"""A job: one file that is scored, from the moment it is received to its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Literal, get_args

from fraudshield.event_type.payment import NAME as PAYMENT

Status = Literal["pending", "running", "completed", "failed", "cancelled"]
JobType = Literal["process_csv", "process_transactions"]
StoreWhat = Literal["flagged", "all", "none"]
HistoryFrom = Literal["file", "store", "none"]
NO_HISTORY: HistoryFrom = "none"
STATUSES: tuple[Status, ...] = get_args(Status)
ENDED: frozenset[Status] = frozenset({"completed", "failed", "cancelled"})
WHOLE = 100.0
NEARLY = 99.0  # the most that a job shows before its last step, which joins the parts
INCOMING, UPLOADS, INLINE, JOBS, RESULTS = "incoming/", "uploads/", "inline/", "jobs/", "results/"
# Below a job's results; the one of decisions that could not be stored is there only where there are some.
SCORED_FILE, REJECTS_FILE, SUMMARY_FILE = "scored.csv", "rejects.csv", "summary.json"
UNSTORED_FILE = "unstored.csv"
TAKEN = (INCOMING, UPLOADS, INLINE)  # where files come in; only the first starts a job by itself


@dataclass(frozen=True, slots=True)
class JobFile:
    """A version of an object. A later version under the same key is another file."""

    bucket: str
    key: str
    version: str
    size: int
    received_at: datetime
    event_type: str = PAYMENT  # of the payments in it; the same object read by another type is another file
    rewritten: bool = False  # by an erasure, as `port.Rewrites` says; it replaces a file received at `received_at`

    def of(self, event_type: str) -> "JobFile":
        """The same file, read as payments of this event type."""
        return replace(self, event_type=event_type)

    @property
    def job_id(self) -> str:
        """The id of the file's job: the same file is the same job, however often it is announced."""
        return f"job-{self._digest[:32]}"

    @property
    def origin(self) -> str:
        """The prefix of the ids that rows without one get."""
        return f"file-{self._digest[:32]}"

    @property
    def name(self) -> str:
        """The last part of the key, for messages."""
        return self.key.rsplit("/", 1)[-1]

    @property
    def _digest(self) -> str:
        parts = (self.bucket, self.key, self.version, *((self.event_type,) if self.event_type != PAYMENT else ()))
        return sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class JobOptions:
    """The sender's options: which decisions are stored, who gets a mail when the job ends, and whose history counts.

    `history` is where the aggregates of the file's event type come from: earlier rows of the file, stored payments, or
    nowhere.
    """

    store: StoreWhat = "flagged"
    notify: str | None = None
    history: HistoryFrom = NO_HISTORY


@dataclass(frozen=True, slots=True)
class JobProgress:
    """The sums over the chunks that have ended; bytes are those of the file as it lies in S3."""

    chunks: int = 0
    chunk_bytes: int = 0
    rows: int = 0
    rejected: int = 0
    flagged: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """A job has a `plan_id` once it is planned and `results` once it has completed; `attempt` counts its executions."""

    file: JobFile
    job_type: JobType
    options: JobOptions
    status: Status
    created_at: datetime
    attempt: int = 1
    started_at: datetime | None = None
    completed_at: datetime | None = None
    plan_id: str | None = None
    chunks: int = 0
    model_version: str | None = None
    policy_version: int | None = None
    progress: JobProgress = field(default_factory=JobProgress)
    results: Mapping[str, int] | None = None
    error_code: str | None = None
    error_message: str | None = None

    @property
    def job_id(self) -> str:
        """The job has the id that its file gives it."""
        return self.file.job_id

    @property
    def ended(self) -> bool:
        """Whether the job has ended; only a restart changes it then."""
        return self.status in ENDED

    @property
    def execution(self) -> str:
        """The name of the job's execution in Step Functions."""
        return f"{self.job_id}-{self.attempt}"

    @property
    def percent(self) -> float:
        """How far the job is, by bytes of the chunks that have ended."""
        if self.status == "completed":
            return WHOLE
        if not self.file.size:
            return 0.0
        return min(NEARLY, round(WHOLE * self.progress.chunk_bytes / self.file.size, 1))

    @property
    def unstored(self) -> int:
        """How many decisions of the completed job could not be stored."""
        return (self.results or {}).get("unstored", 0)

    def result_key(self, name: str) -> str:
        """The key of a result: `scored.csv`, `rejects.csv`, `unstored.csv` or `summary.json`."""
        return f"{RESULTS}{self.job_id}/{name}"
