"""What a test on history needs of the outside."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from fraudshield.audit.audit import AuditEntry
from fraudshield.backtest.backtest import Backtest
from fraudshield.backtest.compared import StoredPayment


class BacktestStore(Protocol):
    """Tests on history. Every call raises StoreUnavailable."""

    def create(self, backtest: Backtest, entry: AuditEntry) -> None:
        """Stores a test with the audit log's entry of it. Raises TooManyBacktests."""

    def find(self, backtest_id: str) -> Backtest:
        """Raises NotFound."""

    def newest(self, event_type: str) -> Sequence[Backtest]:
        """The newest tests of an event type's policy, newest first, without the ones of the last second perhaps."""

    def comparisons(self, event_type: str) -> Sequence[Backtest]:
        """The newest comparisons of its models, newest first, without the ones of the last second perhaps."""

    def begin(self, backtest_id: str, parts: int) -> None:
        """Sets it running, with so many parts to count; one that has ended stays as it is."""

    def note_part(self, backtest_id: str, index: int) -> None:
        """Notes that a part has been counted, once however often it is said."""

    def complete(self, backtest_id: str, answer: Mapping[str, Any], at: datetime) -> None:
        """Ends it with its answer, unless it has ended."""

    def fail(self, backtest_id: str, code: str, message: str, at: datetime) -> None:
        """Ends it without one, unless it has ended."""


class BacktestRunner(Protocol):
    """Starts the execution of a test."""

    def start(self, backtest: Backtest) -> None:
        """Starts it; where it runs already nothing happens. Raises RunnerUnavailable."""


class Place(NamedTuple):
    """Where a stored payment is in the time index."""

    occurred_at: str
    transaction_id: str


class StoredDecisions(Protocol):
    """The stored decisions, by the time index. Every call raises StoreUnavailable."""

    def places(self, day_shard: str, first: str, last: str) -> Iterator[Place]:
        """Payments that happened from `first` to `last`, both as stored and included, in the order of time.

        Of payments that are decided and came by the API or the queue, of the event types that were asked for.
        """

    def payments(self, transaction_ids: Sequence[str]) -> Sequence[StoredPayment]:
        """Those of these that are still there and decided."""


class PartFiles(Protocol):
    """The objects of a test. Every call raises FilesUnavailable."""

    def get(self, key: str) -> bytes | None:
        """A whole object; None where there is none."""

    def put_new(self, key: str, content: bytes) -> None:
        """Writes an object, unless there is one under its key: that one stays."""

    def lines(self, key: str) -> Iterator[str]:
        """The lines of an object, of which little is held at a time. Raises NotFound."""
