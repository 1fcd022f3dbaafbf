"""The plan of a job: the model and policy that it is scored by, and how its file is cut into chunks."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from fraudshield.batch.byte_range import CHUNK_BYTES, ByteRange, ranges
from fraudshield.batch.format import FileFormat
from fraudshield.batch.header import header_of
from fraudshield.batch.job import JOBS, NO_HISTORY, HistoryFrom, Job, StoreWhat
from fraudshield.batch.own.row import OwnLayout
from fraudshield.batch.port import Files, JobStore, PinnedPlan
from fraudshield.errors import JobEnded, NotFound
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.event_type.payment import NAME as PAYMENT
from fraudshield.event_type.port import EventTypes
from fraudshield.policy.policy import Policy
from fraudshield.predictor.artifact import Model
from fraudshield.rate.rate import NO_RATES, Rates
from fraudshield.text import strict_json
from fraudshield.text.csv_format import SAMPLE_BYTES, CsvFormat, detect_csv
from fraudshield.text.json_text import json_text

ReadRange = Callable[[int, int], bytes]


class PlannedChunk(BaseModel):
    """A range of the file; the state machine's map hands one to each worker."""

    model_config = ConfigDict(frozen=True)

    job_id: str
    plan_id: str
    index: int
    start: int
    end: int


class Plan(BaseModel):
    """A plan is stored beside the parts of its job. `body` is where the first row starts, in the unpacked text.

    Some event types have no model. `slots` are those of the event type, which are no
    part of its document.
    """

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
    history: HistoryFrom = NO_HISTORY
    event_type: EventType | None = None  # None is the built-in one
    slots: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    model_version: str | None = None
    model_sha256: str | None = None
    manifest_sha256: str | None = None  # of a published model, by which it is found again; None is the release's
    model_event_type: str = PAYMENT  # whose model it is
    model_aggregates: tuple[str, ...] = ()  # which it reads
    policy: Policy
    rates: Rates = NO_RATES  # of an event type that reports in a currency
    chunks: tuple[tuple[int, int], ...]

    @property
    def format(self) -> FileFormat:
        """The format of the file."""
        return FileFormat(header_of(self.names, self.key), self.body, self.line_end.encode(), self.gzip)

    @property
    def own_type(self) -> EventType | None:
        """The event type with its slots; None for the built-in one."""
        return self.event_type and self.event_type.model_copy(update={"slots": self.slots})

    @property
    def aggregates(self) -> frozenset[str]:
        """The names of those that the policy or the model reads."""
        return self.policy.asked(self.decided_at).aggregates | {*self.model_aggregates}

    @property
    def planned(self) -> Iterator[PlannedChunk]:
        """The plan's chunks, in the file's order."""
        for index, (start, end) in enumerate(self.chunks):
            yield PlannedChunk(job_id=self.job_id, plan_id=self.plan_id, index=index, start=start, end=end)


def folder(job_id: str, plan_id: str) -> str:
    """The prefix of the keys of a plan and of the parts made by it."""
    return f"{JOBS}{job_id}/{plan_id}/"


def cut(
    job: Job, read: ReadRange, chunk_bytes: int, event_type: EventType | None = None
) -> tuple[CsvFormat, list[ByteRange]]:
    """Returns the file's format and its chunks; a gzip is one chunk, and so is a file without rows.

    Raises:
        Malformed, TooLarge: the file cannot be scored; the message says what was found and expected.
    """
    size, name = job.file.size, job.file.name
    found = detect_csv(read(0, min(size, SAMPLE_BYTES)) if size else b"", name)
    if event_type is None:
        header_of(found.names, name)
    else:
        OwnLayout.of(event_type, found.names, name)
    if found.gzip:
        return found, [ByteRange(0, size)]
    chunks = list(ranges(size, found.body, found.line_end, read, chunk_bytes))
    return found, chunks or [ByteRange(found.body, found.body)]


PLAN, CHUNKS = "plan.json", "chunks.json"
ASKING_BYTES = 1 << 20  # of a chunk whose rows each ask the store: about 8,000, of a few queries each


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans a job once: planning it again returns the plan by which it runs.

    `prepare` does what is done for all chunks at once before the first: it writes what they need beside them.
    """

    jobs: JobStore
    files: Files
    model: Callable[[EventType], Model | None]
    policy: Callable[[EventType], Policy]
    types: EventTypes
    rates: Callable[[], Rates]
    now: Callable[[], datetime]
    prepare: Callable[[Plan], None]
    chunk_bytes: int = CHUNK_BYTES
    released: str = ""  # the sha256 of the release's model

    def plan(self, job_id: str) -> Plan:
        """Stores the plan and its list of chunks, and sets the job running.

        Raises:
            JobEnded: the job has ended, by a cancellation say.
            Malformed, TooLarge: the file cannot be scored, or has too many rows to be its own history.
            NotFound: the file is gone.
            UnknownEventType: its event type is none that there is.
            Unavailable: to be tried again.
        """
        job = self.jobs.find(job_id)
        while not job.ended:
            plan = self._known(job) or self._made(job)
            if job.status == "running" and job.plan_id == plan.plan_id:
                return plan
            pinned = PinnedPlan(plan.plan_id, len(plan.chunks), plan.model_version, plan.policy.version)
            job = self.jobs.begin(job, pinned, self.now())
        raise JobEnded(f"The job is {job.status}")

    def _known(self, job: Job) -> Plan | None:
        """Finds the plan of an earlier attempt, unless it is by a release's model and another one is deployed."""
        if job.plan_id is None:
            return None
        plan = find_plan(self.files, job.job_id, job.plan_id)
        if plan is None or plan.manifest_sha256 is not None:
            return plan
        return plan if plan.model_sha256 in (None, self.released) else None

    def _made(self, job: Job) -> Plan:
        event_type = None if job.file.event_type == PAYMENT else self.types.named(job.file.event_type)
        most = min(self.chunk_bytes, ASKING_BYTES) if job.options.history == "store" else self.chunk_bytes
        found, chunks = cut(job, partial(self.files.read, job.file), most, event_type)
        model = self.model(event_type or BUILT_IN)
        plan = Plan(
            job_id=job.job_id,
            plan_id=uuid4().hex,
            bucket=job.file.bucket,
            key=job.file.key,
            version=job.file.version,
            size=job.file.size,
            origin=job.file.origin,
            names=found.names,
            body=found.body,
            line_end=found.line_end.decode(),
            gzip=found.gzip,
            received_at=job.file.received_at,
            decided_at=self.now(),
            store=job.options.store,
            history=job.options.history,
            event_type=event_type,
            slots=event_type.slots if event_type else {},
            model_version=model.version if model else None,
            model_sha256=model.sha256 if model else None,
            manifest_sha256=model.manifest_sha256 if model and model.sha256 != self.released else None,
            model_event_type=model.event_type if model else PAYMENT,
            model_aggregates=tuple(sorted(model.features.aggregates)) if model else (),
            policy=self.policy(event_type or BUILT_IN),
            rates=self.rates() if event_type is not None and event_type.reporting else NO_RATES,
            chunks=tuple((one.start, one.end) for one in chunks),
        )
        self.prepare(plan)
        beside = folder(job.job_id, plan.plan_id)
        policy = plan.policy.model_dump(exclude_none=True)  # whose numbers are exact
        written = plan.model_dump(mode="json", exclude_none=True, exclude={"event_type"}) | {"policy": policy}
        if not plan.rates.version:
            del written["rates"]
        if plan.event_type is not None:
            written["event_type"] = plan.event_type.model_dump()
        self.files.put(beside + PLAN, json_text(written).encode())
        self.files.put(beside + CHUNKS, json.dumps([one.model_dump() for one in plan.planned]).encode())
        return plan


def find_plan(files: Files, job_id: str, plan_id: str) -> Plan | None:
    """Finds a stored plan; None where it has aged out with its parts."""
    found = files.get(folder(job_id, plan_id) + PLAN)
    return None if found is None else Plan.model_validate(strict_json.parse(found))


def read_plan(files: Files, job_id: str, plan_id: str) -> Plan:
    """Reads a stored plan. Raises NotFound."""
    plan = find_plan(files, job_id, plan_id)
    if plan is None:
        raise NotFound(f"The plan of {job_id} is gone")
    return plan
