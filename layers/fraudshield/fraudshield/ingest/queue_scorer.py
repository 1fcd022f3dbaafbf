"""Scoring transactions from the queue: each is stored with its decision, or not, and why. A repeated message
changes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fraudshield.erasure.erasure import Received, keepable
from fraudshield.erasure.port import Erasures
from fraudshield.errors import Malformed, StoreUnavailable, TransactionConflict, Unavailable
from fraudshield.ingest.port import QualityLedger
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.request import conflict
from fraudshield.scoring.scoring import DecisionResult, Scorer
from fraudshield.transaction.queued import QueuedTransaction, read_message
from fraudshield.transaction.source import Source


@dataclass(frozen=True, slots=True)
class SenderErased:
    """The sender was erased after the transaction was received: nothing of it is stored."""


SOURCE: Source = "queue"
Settled = DecisionResult | TransactionConflict | SenderErased
Failed = Malformed | Unavailable  # the message comes again, and ends among the dead letters


class StaysQueued:
    """The parking of the queue's scorer: a decision that could not be stored needs none, its message stays queued."""

    def park(self, scored: Sequence[ScoredTransaction]) -> None:
        """Does nothing."""


@dataclass(frozen=True, slots=True)
class QueueScorer:
    """Scores messages of the queue. Its `scorer` parks with `StaysQueued`."""

    scorer: Scorer
    erasures: Erasures
    ledger: QualityLedger

    def settle(self, messages: Sequence[str], arrived: float) -> list[Settled | Failed]:
        """Scores the messages; one result for each, in order. `arrived` is that of `Scorer.score`. Never raises."""
        read = [_read(one) for one in messages]
        settled = self._settle([one for one in read if isinstance(one, QueuedTransaction)], arrived)
        return [next(settled) if isinstance(one, QueuedTransaction) else one for one in read]

    def _settle(self, queued: Sequence[QueuedTransaction], arrived: float) -> Iterator[Settled | Failed]:
        try:
            kept = keepable([Received(one.transaction, one.received_at) for one in queued], self.erasures)
        except StoreUnavailable as exc:
            yield from [exc] * len(queued)
            return
        to_score = [one for one in kept if one is not None]
        times = [one.received_at for one, there in zip(queued, kept, strict=True) if there is not None]
        results = iter(self.scorer.score(to_score, arrived, times))
        for message, one in zip(queued, kept, strict=True):
            yield SenderErased() if one is None else self._stored(message, next(results))

    def _stored(self, queued: QueuedTransaction, result: DecisionResult | TransactionConflict) -> Settled | Failed:
        if isinstance(result, TransactionConflict):
            return self._noted(queued, result)
        if not result.persisted:
            return StoreUnavailable("The store did not take the decision; the message comes again")
        return result

    def _noted(self, queued: QueuedTransaction, error: TransactionConflict) -> Settled | Failed:
        """Notes the conflict in the ledger, where the sender can read of it: no response is open any more."""
        try:
            self.ledger.note_once(conflict(queued, SOURCE, error))
        except StoreUnavailable as exc:
            return exc
        return error


def _read(message: str) -> QueuedTransaction | Malformed:
    try:
        return read_message(message)
    except Malformed as exc:
        return exc
