"""The decision: prediction plus policy."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from fraudshield.aggregate.value import AggregateValues
from fraudshield.policy.clause import Velocity
from fraudshield.policy.control import let_through, may_be_let_through
from fraudshield.policy.judgement import Facts, RuleFinding, judge
from fraudshield.policy.limit.breaker import BLOCK_LIMIT
from fraudshield.policy.order import ALL_OPEN, CLOSED, OpenBreakers, RuleState, Ruling, Step, in_order, states
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.policy import Policy
from fraudshield.policy.threshold import Thresholds
from fraudshield.predictor.prediction import Prediction, PredictionSource, Reason
from fraudshield.text.stored_number import stored_float
from fraudshield.transaction.own import EventTypeVersion
from fraudshield.transaction.pricing import reported_amount
from fraudshield.transaction.quality import NOTHING_DECIDES
from fraudshield.transaction.transaction import Transaction
from fraudshield.value_list.answer import NO_ANSWERS, ListAnswers, readable

FIRST_FORM = 1  # of entries that were answered, and stored, before decisions named their form
SECOND_FORM = 2  # of before decisions named the step that decided, and rules other than expressions
NEWEST_FORM = 3
VELOCITY_UNREAD = "velocity_unread"  # what was missing where velocities could not be read in time


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, and all that it was decided from but the transaction and its features.

    `prediction` is 1 whenever the outcome is not `approve`. `degraded` names what was missing when it was made;
    `reasons_pending` means flagged, but explained only when read. `velocity` has the values that the policy's
    conditions were tested on, as of then, and `aggregates` those of its event type that were asked. `rule_threshold`
    is the policy's threshold of the outcome that a rule or condition gave, 0 where none gave one. `form` is how its
    entry is written: see `confidence`. `rules` are the policy's rules that held or were not evaluated, `decided_by` the
    step whose outcome stood. Without a model `risk` and `model_version` are None: the policy decided alone.
    """

    transaction_id: str
    risk: float | None
    prediction: int
    outcome: Outcome
    model_version: str | None
    policy_version: int
    source: PredictionSource
    decided_at: datetime
    reasons: tuple[Reason, ...] = ()
    reasons_pending: bool = False
    degraded: tuple[str, ...] = ()
    quality: tuple[str, ...] = ()
    velocity: Velocity = field(default_factory=dict, hash=False)
    aggregates: AggregateValues = field(default_factory=dict, hash=False)
    lists: ListAnswers = field(default_factory=dict, hash=False)
    rule_threshold: float = 0.0
    form: int = NEWEST_FORM
    event_type: EventTypeVersion | None = None  # by which the payment was read; None for the built-in one
    rules: tuple[RuleState, ...] = ()
    decided_by: Step = "thresholds"
    rates_version: int = 0  # of the rates that its money was converted by; 0 where none was asked for
    control_share: float | None = None  # of which this one was drawn, and let through to review
    held_to: tuple[str, ...] | None = field(default=None, compare=False)  # as of its `Ruling`, for what counts blocks

    @property
    def confidence(self) -> float | None:
        """The probability that the prediction is right, in the steps of the risk; `rule_threshold` counts as a risk.

        None without a risk. Decisions of the first form keep what they were answered with: the larger of the risk and
        its complement.
        """
        if self.risk is None:
            return None
        if self.form == FIRST_FORM:
            return round(max(self.risk, 1 - self.risk), 4)
        return self.suspicion if self.prediction else round(1 - self.risk, 4)

    @property
    def breakers(self) -> OpenBreakers:
        """Those that were open, as far as is known: where one made a review of a block, any may have."""
        return ALL_OPEN if BLOCK_LIMIT in self.degraded else CLOSED

    @property
    def suspicion(self) -> float:
        """How likely fraud is by all that spoke for it: the risk, and the threshold that a rule stands for."""
        return max(self.risk or 0.0, self.rule_threshold)


@dataclass(frozen=True, slots=True)
class ScoredTransaction:
    """A transaction with its decision and what it was made from: what is stored, once."""

    transaction: Transaction
    occurred_at: datetime
    received_at: datetime
    features: tuple[float, ...]
    decision: Decision


def expected_loss(scored: ScoredTransaction) -> Decimal:
    """Suspicion times amount, in major units of the reporting currency: what orders the review queue.

    An amount that is not known counts as 0.

    A rule's hit counts with at least the threshold of its outcome, so it is not at the bottom of the queue because
    the model saw nothing.
    """
    amount = reported_amount(scored.transaction) or Decimal(0)
    return (Decimal(repr(scored.decision.suspicion)) * amount).quantize(Decimal("0.01"))


def decide(
    transaction: Transaction,
    prediction: Prediction | None,
    policy: Policy,
    occurred_at: datetime,
    decided_at: datetime,
    degraded: tuple[str, ...],
    quality: tuple[str, ...],
    velocity: Velocity,
    aggregates: AggregateValues,
    breakers: OpenBreakers = CLOSED,
    lists: ListAnswers = NO_ANSWERS,
    form: int = NEWEST_FORM,
    drawn: float | None = None,
) -> Decision:
    """Thresholds decide on the model's risk, then approve rules lower, the others raise, and open breakers hold back.

    `drawn` is the control share where the payment was drawn: what would be blocked and may be let through is a review.

    Rules that stand in for the model give an outcome in place of the thresholds: their risks are constants, which
    nothing reads. Without a prediction the policy's rules decide alone; without any that can hold up a payment
    everything is approved, and `quality` says so.
    """
    own = transaction.own
    rules, thresholds = policy.asked(decided_at), policy.thresholds_of(transaction)
    found: tuple[RuleFinding, ...] = ()
    if rules.rules:
        risk = prediction.risk if prediction and prediction.source == "model" else None
        read, held = {name: one.reading for name, one in aggregates.items()}, readable(lists, transaction)
        found = judge(rules, Facts(transaction, occurred_at, velocity, risk, VELOCITY_UNREAD in degraded, read, held))
    ruling = in_order(*_first(prediction, thresholds), found, breakers)
    control_share = drawn if may_be_let_through(ruling, policy.control, reported_amount(transaction)) else None
    if control_share is not None:
        ruling = let_through(ruling)
    told = found if form > SECOND_FORM else [one for one in found if isinstance(one.rule.when, str)]
    return Decision(
        transaction_id=transaction.transaction_id,
        risk=prediction.risk if prediction else None,
        prediction=int(ruling.outcome is not Outcome.APPROVE),
        outcome=ruling.outcome,
        model_version=prediction.model_version if prediction else None,
        policy_version=policy.version,
        source=prediction.source if prediction else "rules",
        decided_at=decided_at,
        reasons=_reasons(ruling),
        degraded=(*degraded, BLOCK_LIMIT) if ruling.limited and BLOCK_LIMIT not in degraded else degraded,
        quality=quality if prediction or rules.can_raise else (*quality, NOTHING_DECIDES),
        velocity=velocity,
        aggregates=aggregates,
        lists=lists,
        rule_threshold=float(stored_float(thresholds.of(ruling.given))),  # as a replay reads it
        form=form,
        event_type=own.event_type if own else None,
        rules=states(told, ruling.outcome),
        decided_by=ruling.decided_by,
        rates_version=own.money.rates_version if own and own.money else 0,
        control_share=control_share,
        held_to=ruling.held_to,
    )


def _first(prediction: Prediction | None, thresholds: Thresholds) -> tuple[Outcome, Step]:
    """What stands before the policy's rules are asked."""
    if prediction is None:
        return Outcome.APPROVE, "default"
    if prediction.outcome is not None:
        return prediction.outcome, "stand_in_rules"
    return thresholds.outcome(prediction.risk), "thresholds"


def _reasons(ruling: Ruling) -> tuple[Reason, ...]:
    return tuple(
        Reason(one.rule.code, one.rule.says if one.missing is None else f"{one.rule.says}: {one.missing.detail}")
        for one in ruling.raised
    )
