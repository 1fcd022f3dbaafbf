"""The one path: a parsed transaction becomes features, a score, a decision, and is stored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from fraudshield.aggregate.none import NO_AGGREGATES
from fraudshield.aggregate.port import AggregateSource
from fraudshield.aggregate.value import AggregateValues, unread
from fraudshield.budget import WRITES_STOP_S
from fraudshield.errors import NotPersisted, QueueUnavailable, StoreUnavailable, TransactionConflict
from fraudshield.policy.clause import Velocity
from fraudshield.policy.limit.own import BlockAllowance
from fraudshield.policy.owner import Owners, owners
from fraudshield.policy.policy import Outcome
from fraudshield.policy.port import Policies, PolicyInForce, VelocitySource
from fraudshield.policy.velocity import reach, velocity
from fraudshield.predictor.port import Predictor, Predictors
from fraudshield.predictor.prediction import Explanation
from fraudshield.rate.port import WITHOUT_RATES, CurrentRates, RateSource
from fraudshield.rate.rate import NO_RATES
from fraudshield.scoring.decision import VELOCITY_UNREAD, Decision, ScoredTransaction, decide
from fraudshield.scoring.port import ParkingQueue, TransactionStore
from fraudshield.transaction.occurrence import Occurrence
from fraudshield.transaction.pricing import needs_rates, priced
from fraudshield.transaction.quality import quality_flags
from fraudshield.transaction.transaction import Transaction
from fraudshield.value_list.answer import ListAnswers, unread_lists
from fraudshield.value_list.source import WITHOUT_LISTS, ListSource

RATES_UNREAD = "rates_unread"
InForce = Mapping[Owners, PolicyInForce]
EXPLAINED_AT_ONCE = 20  # of one request, the riskiest; explaining all of a thousand would take seconds


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def features(predictor: Predictor, occurrence: Occurrence, aggregates: AggregateValues) -> tuple[float, ...]:
    """What the predictor reads of a transaction; nothing where no model goes with its event type."""
    if not predictor.features.names:
        return ()
    read = {name: aggregates[name].reading for name in predictor.features.aggregates if name in aggregates}
    return predictor.features.of(occurrence.transaction, occurrence.at, read)


def explanation(predictor: Predictor, scored: ScoredTransaction) -> Explanation:
    """Why it says so; nothing where it says nothing. It reads anew what was decided by another one."""
    if scored.decision.model_version == predictor.facts.model_version:
        return predictor.explain(scored.transaction, scored.features)
    occurrence = Occurrence(scored.transaction, scored.occurred_at)
    return predictor.explain(scored.transaction, features(predictor, occurrence, scored.decision.aggregates))


def _at_its_time(transaction: Transaction, at: datetime, rates: CurrentRates) -> Occurrence:
    return Occurrence(priced(transaction, at, lambda: rates.rates), at)


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

    predictors: Predictors
    policies: Policies
    store: TransactionStore
    parking: ParkingQueue
    accounts: VelocitySource
    clock: Callable[[], datetime] = now
    aggregates: AggregateSource = NO_AGGREGATES
    rates: RateSource = WITHOUT_RATES
    lists: ListSource = WITHOUT_LISTS

    def score(
        self, transactions: Sequence[Transaction], arrived: float, received_at: Sequence[datetime] | None = None
    ) -> list[DecisionResult | TransactionConflict]:
        """Decide each and store it; one result per transaction, in order. Safe to repeat: the first decision stands.

        `arrived` is when the request came (`time.monotonic()` seconds); the time budget counts from there.
        `received_at` is when each of them was received, where that was not just now.

        Raises:
            NotPersisted: some could be neither stored nor parked. The others are stored; the caller sends all again.
        """
        in_force = self._in_force(transactions)
        scored = self._decide(transactions, in_force, received_at)
        results = self._store(scored, arrived)
        _note(scored, results, in_force)
        return results

    def decide(
        self, transactions: Sequence[Transaction], received_at: Sequence[datetime] | None = None
    ) -> list[ScoredTransaction]:
        """Features, prediction, decision and reasons of each, in order. Nothing is stored."""
        return self._decide(transactions, self._in_force(transactions), received_at)

    def _in_force(self, transactions: Sequence[Transaction]) -> InForce:
        return {one: self.policies.of(one).current() for one in dict.fromkeys(map(owners, transactions))}

    def _decide(
        self, transactions: Sequence[Transaction], in_force: InForce, received_at: Sequence[datetime] | None
    ) -> list[ScoredTransaction]:
        received = received_at or [self.clock()] * len(transactions)
        whose = [owners(one) for one in transactions]
        rates = self._rates(transactions)
        occurrences = [
            _at_its_time(one, one.occurred_at or at, rates) for one, at in zip(transactions, received, strict=True)
        ]
        policies, at = [in_force[one] for one in whose], self.clock()
        rules = {one: found.policy.asked(at) for one, found in in_force.items()}
        allowed = {
            one: found.blocks.begin(found.policy.version, at, found.limits, found.breakers)
            for one, found in in_force.items()
        }
        models = {one: self.predictors.of(one) for one in in_force}
        asked = {one: rules[one].aggregates | models[one].features.aggregates for one in in_force}
        reads = self.aggregates.begin(occurrences, [asked[one] for one in whose], at)
        held = self.lists.begin([(one, rules[owner].lists) for one, owner in zip(transactions, whose, strict=True)])
        velocities = self._velocities(occurrences, [rules[one].velocities for one in whose])
        by = [models[one] for one in whose], policies, [allowed[one] for one in whose]
        sent = zip(*by, occurrences, received, strict=True)
        read = zip(velocities, reads.values(), held.answers(), strict=True)
        each = [self._decide_one(*one, *found, rates) for one, found in zip(sent, read, strict=True)]
        return self._explain(each)

    def _decide_one(
        self,
        predictor: Predictor,
        in_force: PolicyInForce,
        allowed: BlockAllowance,
        occurrence: Occurrence,
        received_at: datetime,
        velocity: Velocity | None,
        aggregates: AggregateValues,
        lists: ListAnswers,
        rates: CurrentRates,
    ) -> ScoredTransaction:
        transaction = occurrence.transaction
        values = features(predictor, occurrence, aggregates)
        decision = decide(
            transaction,
            predictor.predict(transaction, values),
            in_force.policy,
            occurrence.at,
            decided_at=self.clock(),
            degraded=(
                *(predictor.degraded + in_force.degraded),
                *([RATES_UNREAD] if rates.unread and needs_rates(transaction) else ()),
                *([VELOCITY_UNREAD] if velocity is None else ()),
                *unread(aggregates),
                *unread_lists(lists),
            ),
            quality=quality_flags(transaction, received_at),
            velocity=velocity or {},
            aggregates=aggregates,
            lists=lists,
            breakers=allowed.breakers(),
            drawn=in_force.control.share_of(in_force.policy.control, transaction.transaction_id),
        )
        allowed.take(decision.held_to)
        return ScoredTransaction(transaction, occurrence.at, received_at, values, decision)

    def _rates(self, transactions: Sequence[Transaction]) -> CurrentRates:
        """The rates in force; they are asked for only where a payment needs one."""
        return self.rates.current() if any(map(needs_rates, transactions)) else CurrentRates(NO_RATES)

    def _velocities(
        self, occurrences: Sequence[Occurrence], asked: Sequence[frozenset[str]]
    ) -> Sequence[Velocity | None]:
        """The velocities of each; nothing is read where its policy asks for none, None is what could not be read."""
        found: list[Velocity | None] = [{}] * len(occurrences)
        asking = [at for at, names in enumerate(asked) if names]
        if not asking:
            return found
        histories = self.accounts.histories(
            [occurrences[at] for at in asking], reach(frozenset().union(*(asked[at] for at in asking)))
        )
        for at, history in zip(asking, histories, strict=True):
            found[at] = None if history is None else velocity(asked[at], occurrences[at].at, history)
        return found

    def _explain(self, scored: list[ScoredTransaction]) -> list[ScoredTransaction]:
        flagged = [i for i, one in enumerate(scored) if one.decision.outcome is not Outcome.APPROVE]
        flagged = [i for i in flagged if scored[i].decision.model_version is not None]
        flagged.sort(key=lambda i: -(scored[i].decision.risk or 0.0))
        for i in flagged[:EXPLAINED_AT_ONCE]:
            one = scored[i]
            why = explanation(self.predictors.of(owners(one.transaction)), one).reasons
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


def _note(
    scored: Sequence[ScoredTransaction],
    results: Sequence[DecisionResult | TransactionConflict],
    in_force: InForce,
) -> None:
    """Counts what was decided now, for the limits of what may be blocked: not what had been decided before."""
    for one, result in zip(scored, results, strict=True):
        made = one.decision
        if isinstance(result, DecisionResult) and result.decision.decided_at == made.decided_at:
            in_force[owners(one.transaction)].blocks.note(made.decided_at, made.policy_version, made.held_to)
