"""The one path: a parsed transaction becomes features, a score, a decision, and is stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from fraudshield.aggregate.none import NO_AGGREGATES
from fraudshield.aggregate.port import AggregateSource
from fraudshield.aggregate.value import AggregateValues, unread
from fraudshield.budget import WRITES_STOP_S
from fraudshield.errors import NotPersisted, QueueUnavailable, StoreUnavailable, TransactionConflict
from fraudshield.policy.policy import Outcome, Velocity
from fraudshield.policy.port import PolicyInForce, PolicySource, VelocitySource
from fraudshield.policy.velocity import reach, velocity
from fraudshield.predictor.port import Predictor
from fraudshield.scoring.decision import Decision, ScoredTransaction, decide
from fraudshield.scoring.port import ParkingQueue, TransactionStore
from fraudshield.transaction.features import features
from fraudshield.transaction.occurrence import Occurrence
from fraudshield.transaction.quality import quality_flags
from fraudshield.transaction.transaction import Transaction

VELOCITY_UNREAD = ("velocity_unread",)  # conditions on velocity could not be tested
EXPLAINED_AT_ONCE = 20  # of one request, the riskiest; explaining all of a thousand would take seconds


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """A decision and where it is: stored, or waiting in the parking queue, or neither where it was not to be kept.

    A `test` is an answer that was asked for by name.
    """

    decision: Decision
    persisted: bool
    parked: bool = False
    test: bool = False


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores transactions; it knows nothing of HTTP, AWS or which kind of predictor it asks."""

    predictor: Predictor
    policies: PolicySource
    store: TransactionStore
    parking: ParkingQueue
    accounts: VelocitySource
    clock: Callable[[], datetime] = now
    aggregates: AggregateSource = NO_AGGREGATES

    def score(
        self, transactions: Sequence[Transaction], arrived: float, received_at: Sequence[datetime] | None = None
    ) -> list[DecisionResult | TransactionConflict]:
        """Decide each and store it; one result per transaction, in order. Safe to repeat: the first decision stands.

        `arrived` is when the request came (`time.monotonic()` seconds); the time budget counts from there.
        `received_at` is when each of them was received, where that was not just now.

        Raises:
            NotPersisted: some could be neither stored nor parked. The others are stored; the caller sends all again.
        """
        scored = self.decide(transactions, received_at)
        return self._store(scored, arrived)

    def decide(
        self, transactions: Sequence[Transaction], received_at: Sequence[datetime] | None = None
    ) -> list[ScoredTransaction]:
        """Features, prediction, decision and reasons of each, in order. Nothing is stored."""
        received = received_at or [self.clock()] * len(transactions)
        in_force = self.policies.current()
        occurrences = [Occurrence(one, one.occurred_at or at) for one, at in zip(transactions, received, strict=True)]
        reads = self.aggregates.begin(occurrences, in_force.policy.aggregates, self.clock())
        velocities = self._velocities(occurrences, in_force.policy.velocities)
        each = zip(occurrences, received, velocities, reads.values(), strict=True)
        return self._explain([self._decide_one(in_force, *one) for one in each])

    def _decide_one(
        self,
        in_force: PolicyInForce,
        occurrence: Occurrence,
        received_at: datetime,
        velocity: Velocity | None,
        aggregates: AggregateValues,
    ) -> ScoredTransaction:
        transaction = occurrence.transaction
        values = features(transaction)
        prediction = self.predictor.predict(transaction, values)
        decision = decide(
            transaction,
            prediction,
            in_force.policy,
            decided_at=self.clock(),
            degraded=(
                *(self.predictor.degraded + in_force.degraded),
                *(VELOCITY_UNREAD if velocity is None else ()),
                *unread(aggregates),
            ),
            quality=quality_flags(transaction, received_at),
            velocity=velocity or {},
            aggregates=aggregates,
        )
        return ScoredTransaction(transaction, occurrence.at, received_at, values, decision)

    def _velocities(self, occurrences: Sequence[Occurrence], names: frozenset[str]) -> Sequence[Velocity | None]:
        """The velocities of each; nothing is read where the policy asks for none, None is what could not be read."""
        if not names:
            return [{}] * len(occurrences)
        histories = self.accounts.histories(occurrences, reach(names))
        return [
            None if history is None else velocity(names, occurrence.at, history)
            for occurrence, history in zip(occurrences, histories, strict=True)
        ]

    def _explain(self, scored: list[ScoredTransaction]) -> list[ScoredTransaction]:
        flagged = [i for i, one in enumerate(scored) if one.decision.outcome is not Outcome.APPROVE]
        flagged.sort(key=lambda i: -scored[i].decision.risk)
        for i in flagged[:EXPLAINED_AT_ONCE]:
            one = scored[i]
            why = self.predictor.explain(one.transaction, one.features).reasons
            scored[i] = replace(one, decision=replace(one.decision, reasons=one.decision.reasons + why))
        for i in flagged[EXPLAINED_AT_ONCE:]:
            scored[i] = replace(scored[i], decision=replace(scored[i].decision, reasons_pending=True))
        return scored

    def _store(self, scored: list[ScoredTransaction], arrived: float) -> list[DecisionResult | TransactionConflict]:
        stored = self.store.add(scored, arrived + WRITES_STOP_S)
        self._park([one for one, result in zip(scored, stored, strict=True) if isinstance(result, StoreUnavailable)])
        results: list[DecisionResult | TransactionConflict] = []
        for one, result in zip(scored, stored, strict=True):
            if isinstance(result, StoreUnavailable):
                results.append(DecisionResult(one.decision, persisted=False, parked=True))
            elif isinstance(result, TransactionConflict):
                results.append(result)
            else:
                results.append(DecisionResult(result, persisted=True))
        return results

    def _park(self, scored: list[ScoredTransaction]) -> None:
        if not scored:
            return
        try:
            self.parking.park(scored)
        except QueueUnavailable as exc:
            raise NotPersisted(f"{len(scored)} decisions could be neither stored nor queued; send them again") from exc
