"""What scoring needs from the outside world. `aws/` has the real ones, tests the fakes.

Every store and queue call is bounded: it answers or raises in the seconds that `budget.py` gives it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from fraudshield.decision import Decision, ScoredTransaction
from fraudshield.errors import Fault, StoreUnavailable, TransactionConflict
from fraudshield.policy import Policy
from fraudshield.prediction import Explanation, Prediction, PredictorFacts
from fraudshield.transaction import Transaction
from fraudshield.velocity import Movements, Side

if TYPE_CHECKING:
    from fraudshield.arrival import Arrival
    from fraudshield.batch.job import Job, JobFile, Progress, Status
    from fraudshield.batch.summary import Summary
    from fraudshield.destination import Destinations
    from fraudshield.label import History, Label
    from fraudshield.later_prediction import KeptPrediction, PostedPrediction
    from fraudshield.refusal import Refusal
    from fraudshield.stored import Stored
    from fraudshield.transaction_list import Page
    from fraudshield.transaction_query import TransactionsQuery

Kept = Decision | TransactionConflict | StoreUnavailable


class Predictor(Protocol):
    """The model, or the rules where there is none."""

    degraded: tuple[str, ...]
    facts: PredictorFacts

    def predict(self, transaction: Transaction, features: tuple[float, ...]) -> Prediction:
        """The risk; never raises."""

    def explain(self, transaction: Transaction, features: tuple[float, ...]) -> Explanation:
        """Why; never raises."""


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """The policy to decide by, and what was missing when it was looked up."""

    policy: Policy
    degraded: tuple[str, ...] = ()


class PolicySource(Protocol):
    """Where the policy in force comes from."""

    def current(self) -> PolicyInForce:
        """Never raises: with the store gone it is the last one known, and says so."""


Reach = Mapping[Side, timedelta]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A transaction and when it happened."""

    transaction: Transaction
    at: datetime


class VelocitySource(Protocol):
    """What the accounts of a transaction did before it."""

    def histories(self, occurrences: Sequence[Occurrence], reach: Reach) -> list[Movements | None]:
        """One for each, in order, as far back as `reach` says for each side; None where it could not be read in time.

        Never raises. At most `velocity.ROWS` movements a side, the newest; the transaction itself is left out.
        """


class PolicyStore(Protocol):
    """All versions of the policy."""

    def newest(self) -> Policy | None:
        """None where none was ever stored. Raises StoreUnavailable."""

    def add(self, policy: Policy) -> None:
        """Raises PolicyConflict where its version is taken, StoreUnavailable."""


class TransactionStore(Protocol):
    """Transactions with their first decision, written once each."""

    def add(self, scored: Sequence[ScoredTransaction], stop_at: float) -> list[Kept]:
        """Store each that is new; one result per input, in order. Never raises.

        The result is the decision that is stored now: the one given, or for a repeated transaction
        its first one; a conflict where the id is taken by another content; or StoreUnavailable.
        No write starts after `stop_at` (`time.monotonic()` seconds).
        """

    def find(self, transaction_id: str) -> ScoredTransaction | None:
        """The stored one; None too where it was stored without a decision. Raises StoreUnavailable."""


class Records(Protocol):
    """What is kept under one transaction_id: the transaction, with or without a decision, and what stands beside it."""

    def store(self, transaction: Transaction, now: datetime) -> bool:
        """Keep it as it came; false where it is there already. Raises TransactionConflict, StoreUnavailable."""

    def find(self, transaction_id: str) -> "Stored":
        """Raises NotFound, StoreUnavailable."""

    def append(self, posted: "PostedPrediction", now: datetime) -> bool:
        """Keep it beside its transaction; false where it is there already. Raises NotFound, StoreUnavailable."""

    def predictions(
        self, transaction_id: str, limit: int, after: str | None
    ) -> "tuple[Sequence[KeptPrediction], str | None]":
        """Up to `limit` of them, newest first and the first decision last; where to go on `after`.

        Raises NotFound, StoreUnavailable.
        """


class TransactionList(Protocol):
    """Transactions by time, account or expected loss, a page at a time."""

    def page(self, asked: "TransactionsQuery") -> "Page":
        """What is asked for. A list read page by page loses and repeats nothing that was there when it began.

        Raises Malformed for a cursor that is not this list's, StoreUnavailable.
        """


class ParkingQueue(Protocol):
    """Where decisions wait that were answered but could not be stored."""

    def park(self, scored: Sequence[ScoredTransaction]) -> None:
        """All of them, within `budget.PARK_S`. Raises QueueUnavailable when any may be missing."""


class IngestQueue(Protocol):
    """Where transactions wait that were taken in and are still to be scored."""

    def send(self, arrivals: "Sequence[Arrival]", give_up_at: float) -> list[bool]:
        """Whether each is durably queued, in order, known by `give_up_at` (`time.monotonic()` seconds). Never raises.

        One that is late may be queued all the same: sending it again changes nothing.
        """


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Counters of one day (UTC) and one source, by name."""

    day: date
    source: str
    counters: Mapping[str, int]


class QualityLedger(Protocol):
    """How good the data is that came in: what was refused, and what was odd about the rest."""

    def note(self, refusals: "Sequence[Refusal]") -> None:
        """Count those of one call and keep a few of them. Never raises: late or lost, it was only a count."""

    def note_once(self, refusal: "Refusal") -> None:
        """Count and keep it, however often it is told. Raises StoreUnavailable."""

    def refused(self, first: date, last: date) -> list[DayCounts]:
        """Of what was refused on these days, oldest first: see `refusal.tally`. Raises StoreUnavailable."""

    def stored(self, first: date, last: date) -> list[DayCounts]:
        """Of what was stored and occurred on these days, oldest first: see `delta`. Raises StoreUnavailable."""

    def recent(self, most: int) -> "list[Refusal]":
        """Kept ones, newest first; their faults without details. Raises StoreUnavailable."""


Counters = Mapping[str, Decimal]  # by name; see delta.py


@dataclass(frozen=True, slots=True)
class Slice:
    """What was counted of a day (`2026-11-24`) or an hour (`2026-11-24T10`) by a source and a model version."""

    at: str
    source: str
    version: str
    counters: Counters


class Aggregates(Protocol):
    """Counts of what was stored. They follow the table's stream, so they may lag behind it a little."""

    def days(self, first: date, last: date) -> Iterator[date]:
        """The days (of `occurred_at`, UTC) that have transactions, newest first, both ends included.

        Read as far as the caller goes. What was stored a moment ago may be missing: whoever lists
        transactions looks at today and yesterday whatever this says. Raises StoreUnavailable.
        """

    def totals(self) -> Mapping[str, Counters]:
        """All that was counted, by source. One read. Raises StoreUnavailable."""

    def day(self, day: date) -> Mapping[str, Counters]:
        """What was counted of one day, by source. One read. Raises StoreUnavailable."""

    def histogram(self) -> Mapping[str, Counters]:
        """How many amounts fell in each band, in some parts that belong together. One read. Raises StoreUnavailable."""

    def extremes(self) -> Mapping[str, Mapping[str, str]]:
        """`least` and `most` amount, `earliest` and `latest` instant, by source. One read. Raises StoreUnavailable."""

    def slices(self, series: str, first: str, last: str) -> Iterator[Slice]:
        """Of a series that is kept by day or hour, from the first to the last of those, both included, in order.

        Reads grow with the time between them and not with what was counted. Raises StoreUnavailable.
        """

    def destinations(self, first: str, last: str) -> "Iterator[tuple[str, Destinations]]":
        """Source and list of the dearest flagged destinations, day by day, both included. Raises StoreUnavailable."""

    def as_of(self) -> datetime | None:
        """When the newest change was made that is counted; None before the first. Raises StoreUnavailable."""


class Erasures(Protocol):
    """Which accounts are to be forgotten. Who asks must know the name: there is no list of them."""

    def erased_at(self, accounts: Collection[str]) -> Mapping[str, datetime]:
        """When each was last erased; those that never were are missing. Raises StoreUnavailable."""

    def pseudonym(self, account: str) -> str:
        """What stands for it in the transactions of others: the same for ever."""


class Labelled(StrEnum):
    """What recording a label did."""

    NEW = "new"
    KNOWN = "known"  # the same label was there already


Labelling = Labelled | Fault


class LabelStore(Protocol):
    """Labels beside their transactions: each write changes history and label in force together, or neither.

    Every call raises NotFound where there is no such transaction, StoreUnavailable.
    """

    def history(self, transaction_id: str) -> "History":
        """All labels that the transaction ever had."""

    def add(self, transaction_id: str, label: "Label", by: str) -> "History":
        """Record one; the history with it. Safe to repeat: the same label is recorded once."""

    def take_back(self, transaction_id: str, undone_at: datetime, request_id: str) -> "History":
        """Take back the one in force; the history then. Nothing happens twice under one `request_id`.

        Raises NotFound where none is in force.
        """

    def add_many(self, labels: "Sequence[tuple[str, Label]]", by: str, stop_at: float) -> list[Labelling]:
        """Record many, those of one transaction in order; one result each, in order. Raises nothing.

        None starts after `stop_at` (`time.monotonic()` seconds) less the time that one may take.
        """


@dataclass(frozen=True, slots=True)
class FilesErased:
    """How far an erasure is in files: keys of those without the account now, and of those that nobody can read."""

    complete: bool = True
    rewritten: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


class FileErasures(Protocol):
    """Has files rewritten without the rows of erased accounts. It is told marks, never names."""

    def ask(self, mark: str, erased_at: datetime) -> FilesErased:
        """Have it done, unless it is under way or done. Raises StoreUnavailable, FilesUnavailable."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How far the erasure of an account is; the counts are over all calls of it. `mark` stands for the name."""

    mark: str
    erased_at: datetime
    complete: bool
    call_again_at: datetime | None
    deleted: int
    pseudonymised: int
    files: FilesErased = FilesErased()


class AccountEraser(Protocol):
    """Forgets accounts."""

    def erase(self, account: str, now: datetime, stop_at: float) -> Erased:
        """Mark the account as erased `now`, then forget what came before, as far as that goes by `stop_at`.

        Called again it goes on; once complete, another call is another erasure. Raises StoreUnavailable.
        """


@dataclass(frozen=True, slots=True)
class Planned:
    """What is pinned when a job begins."""

    plan_id: str
    chunks: int
    model_version: str
    policy_version: int


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ended."""

    status: "Status"
    at: datetime
    done: "Progress | None" = None
    results: Mapping[str, int] | None = None
    error_code: str | None = None
    error_message: str | None = None


class JobStore(Protocol):
    """Jobs and their progress: every change happens once, however often it is asked for. All raise StoreUnavailable."""

    def create(self, job: "Job") -> "tuple[Job, bool]":
        """The job of its file, and whether it is new; another that is there already stays as it is."""

    def find(self, job_id: str) -> "Job":
        """Raises NotFound."""

    def begin(self, job: "Job", planned: Planned, at: datetime) -> "Job":
        """It runs by this plan, unless the stored job is not as `job` any more: what is stored then."""

    def note_chunk(self, job_id: str, plan_id: str, index: int, done: "Progress") -> None:
        """Add what a chunk did, once. Raises JobEnded where the job goes by another plan."""

    def note_failure(self, job_id: str, plan_id: str, index: int, reason: str) -> None:
        """Why a chunk was given up."""

    def failures(self, job_id: str, plan_id: str) -> Mapping[int, str]:
        """Reasons by chunk."""

    def end(self, job_id: str, ending: Ending) -> "tuple[Job, bool]":
        """The job as it is then, and whether this ended it: one that has ended stays as it is. Raises NotFound."""

    def restart(self, job: "Job") -> "Job":
        """A failed or cancelled job is pending again, in its next attempt; what is stored then."""

    def page(self, status: "Status | None", limit: int, after: object) -> "tuple[Sequence[Job], object]":
        """Newest first; where to go on (plain JSON), None at the end."""

    def counts(self) -> Mapping[str, int]:
        """Jobs by status, and rows of those that completed."""


class JobRunner(Protocol):
    """Runs jobs."""

    def start(self, job: "Job") -> None:
        """Safe to repeat. Raises RunnerUnavailable."""

    def stop(self, job: "Job") -> None:
        """Safe to repeat; one that runs no more is no error. Raises RunnerUnavailable."""


class JobAnnouncer(Protocol):
    """Tells whoever wants to know that a job has ended."""

    def announce(self, job: "Job") -> None:
        """At least once. Raises QueueUnavailable."""


class JobSummaries(Protocol):
    """What the rows of files add to the aggregates."""

    def add(self, summary: "Summary") -> None:
        """Count it, once for each job. Raises StoreUnavailable: not all of it may be counted yet."""


class Joining(Protocol):
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

    def find(self, key: str, version: str | None = None) -> "JobFile":
        """The newest version, or that one. Raises NotFound."""

    def read(self, file: "JobFile", start: int, end: int) -> bytes:
        """The bytes from the first up to the second. Raises NotFound."""

    def stream(self, file: "JobFile", start: int, end: int) -> Iterator[bytes]:
        """The same, a mebibyte at a time. Raises NotFound."""

    def get(self, key: str) -> bytes | None:
        """A whole small object; None where there is none."""

    def put(self, key: str, content: bytes) -> "JobFile":
        """Write a whole object."""

    def join(self, key: str, received_at: datetime | None = None) -> Joining:
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
