"""The decision: prediction plus policy."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from fraudshield.aggregate.value import AggregateValues
from fraudshield.policy.policy import Outcome, Policy, Velocity, most_severe
from fraudshield.predictor.prediction import Prediction, PredictionSource, Reason
from fraudshield.text.stored_number import stored_float
from fraudshield.transaction.own import EventTypeVersion, event_type_of
from fraudshield.transaction.transaction import Transaction

FIRST_FORM = 1  # of entries that were answered, and stored, before decisions named their form
NEWEST_FORM = 2


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, and all that it was decided from but the transaction and its features.

    `prediction` is 1 whenever the outcome is not `approve`. `degraded` names what was missing when it was made;
    `reasons_pending` means flagged, but explained only when read. `velocity` has the values that the policy's
    conditions were tested on, as of then, and `aggregates` those of its event type that were asked. `rule_threshold`
    is the policy's threshold of the outcome that a rule or condition gave, 0 where none gave one. `form` is how its
    entry is written: see `confidence`.
    """

    transaction_id: str
    risk: float
    prediction: int
    outcome: Outcome
    model_version: str
    policy_version: int
    source: PredictionSource
    decided_at: datetime
    reasons: tuple[Reason, ...] = ()
    reasons_pending: bool = False
    degraded: tuple[str, ...] = ()
    quality: tuple[str, ...] = ()
    velocity: Velocity = field(default_factory=dict, hash=False)
    aggregates: AggregateValues = field(default_factory=dict, hash=False)
    rule_threshold: float = 0.0
    form: int = NEWEST_FORM
    event_type: EventTypeVersion | None = None  # by which the payment was read; None for the built-in one

    @property
    def confidence(self) -> float:
        """The probability that the prediction is right, in the steps of the risk; `rule_threshold` counts as a risk.

        Decisions of the first form keep what they were answered with: the larger of the risk and its complement.
        """
        if self.form == FIRST_FORM:
            return round(max(self.risk, 1 - self.risk), 4)
        return self.suspicion if self.prediction else round(1 - self.risk, 4)

    @property
    def suspicion(self) -> float:
        """How likely fraud is by all that spoke for it: the risk, and the threshold that a rule stands for."""
        return max(self.risk, self.rule_threshold)


@dataclass(frozen=True, slots=True)
class ScoredTransaction:
    """A transaction with its decision and what it was made from: what is stored, once."""

    transaction: Transaction
    occurred_at: datetime
    received_at: datetime
    features: tuple[float, ...]
    decision: Decision


def expected_loss(scored: ScoredTransaction) -> Decimal:
    """Suspicion times amount, in the account's currency: what orders the review queue.

    A rule's hit counts with at least the threshold of its outcome, so it is not at the bottom of the queue because
    the model saw nothing.
    """
    return (Decimal(repr(scored.decision.suspicion)) * scored.transaction.amount).quantize(Decimal("0.01"))


def decide(
    transaction: Transaction,
    prediction: Prediction,
    policy: Policy,
    decided_at: datetime,
    degraded: tuple[str, ...],
    quality: tuple[str, ...],
    velocity: Velocity,
    aggregates: AggregateValues,
) -> Decision:
    """The thresholds decide on the model's risk; rules and conditions give outcomes, and can only raise.

    Rules that stand in for the model give outcomes too: their risks are constants, which no threshold reads.
    """
    held = [condition for condition in policy.conditions if condition.holds(transaction, velocity)]
    given = most_severe([prediction.outcome or Outcome.APPROVE, *(condition.outcome for condition in held)])
    by_model = Outcome.APPROVE if prediction.outcome is not None else policy.thresholds.outcome(prediction.risk)
    outcome = most_severe([by_model, given])
    return Decision(
        transaction_id=transaction.transaction_id,
        risk=prediction.risk,
        prediction=int(outcome is not Outcome.APPROVE),
        outcome=outcome,
        model_version=prediction.model_version,
        policy_version=policy.version,
        source=prediction.source,
        decided_at=decided_at,
        reasons=tuple(Reason(c.code, f"The policy's condition {c.code} holds") for c in held),
        degraded=degraded,
        quality=quality,
        velocity=velocity,
        aggregates=aggregates,
        rule_threshold=float(stored_float(policy.thresholds.of(given))),  # as a replay reads it
        event_type=event_type_of(transaction),
    )
