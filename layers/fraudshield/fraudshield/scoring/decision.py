"""The decision: prediction plus policy."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from fraudshield.policy.policy import SEVERITY, Outcome, Policy, Velocity
from fraudshield.predictor.prediction import Prediction, PredictionSource, Reason
from fraudshield.transaction.own import EventTypeVersion, event_type_of
from fraudshield.transaction.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, and all that it was decided from but the transaction and its features.

    `prediction` is 1 when `risk` is at or above the policy's review threshold. `degraded` names what was
    missing when it was made; `reasons_pending` means flagged, but explained only when read. `velocity` has the
    values that the policy's conditions were tested on, as of then.
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
    event_type: EventTypeVersion | None = None  # by which the payment was read; None for the built-in one

    @property
    def confidence(self) -> float:
        """How sure the prediction is either way, 0.5..1, in the same steps as the risk."""
        return round(max(self.risk, 1 - self.risk), 4)


@dataclass(frozen=True, slots=True)
class ScoredTransaction:
    """A transaction with its decision and what it was made from: what is stored, once."""

    transaction: Transaction
    occurred_at: datetime
    received_at: datetime
    features: tuple[float, ...]
    decision: Decision


def expected_loss(scored: ScoredTransaction) -> Decimal:
    """Risk times amount, in the account's currency: what orders the review queue."""
    return (Decimal(repr(scored.decision.risk)) * scored.transaction.amount).quantize(Decimal("0.01"))


def decide(
    transaction: Transaction,
    prediction: Prediction,
    policy: Policy,
    decided_at: datetime,
    degraded: tuple[str, ...],
    quality: tuple[str, ...],
    velocity: Velocity,
) -> Decision:
    """The thresholds decide; a condition of the policy can only raise what they said."""
    held = [condition for condition in policy.conditions if condition.holds(transaction, velocity)]
    outcome = max([_by_threshold(prediction.risk, policy), *(c.outcome for c in held)], key=SEVERITY.__getitem__)
    return Decision(
        transaction_id=transaction.transaction_id,
        risk=prediction.risk,
        prediction=int(prediction.risk >= policy.thresholds.review),
        outcome=outcome,
        model_version=prediction.model_version,
        policy_version=policy.version,
        source=prediction.source,
        decided_at=decided_at,
        reasons=tuple(Reason(c.code, f"The policy's condition {c.code} holds") for c in held),
        degraded=degraded,
        quality=quality,
        velocity=velocity,
        event_type=event_type_of(transaction),
    )


def _by_threshold(risk: float, policy: Policy) -> Outcome:
    if risk >= policy.thresholds.block:
        return Outcome.BLOCK
    return Outcome.REVIEW if risk >= policy.thresholds.review else Outcome.APPROVE
