"""A stored payment as it was decided, and as a draft decides it from the values that were kept with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from fraudshield.aggregate.value import NOT_READ
from fraudshield.event_type.payment import NAME as PAYMENT
from fraudshield.label.truth import DecidedPayment, LabelKind, label_as_of
from fraudshield.policy.control import is_covered
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.policy import Policy
from fraudshield.predictor.port import Predictor
from fraudshield.predictor.prediction import Prediction
from fraudshield.rate.rate import Rates
from fraudshield.scoring.decision import FIRST_FORM, VELOCITY_UNREAD, Decision, ScoredTransaction, decide
from fraudshield.transaction.pricing import priced, reported_amount
from fraudshield.transaction.transaction import Transaction
from fraudshield.value_list.answer import NO_ANSWERS, ListAnswers
from fraudshield.value_list.as_of import AskedAt


@dataclass(frozen=True, slots=True)
class StoredPayment:
    """A decided payment with what became known of it since: the label in force, and its review's verdict."""

    scored: ScoredTransaction
    label: str | None = None
    labelled_at: datetime | None = None
    verdict: str | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Both outcomes of one payment. `hits` are the codes of the draft's rules that hold.

    `not_evaluated` are those that could not be, and `not_kept` says whether some value was never kept that they read.
    `drawable`: the draft blocks it and might let it through in its control share.
    `entities` has the value of each field that names something; a payment without one stands for itself. `weight` says
    for how many payments it stands whose truth nobody knows: of one that a control share let through 1 / share.
    """

    now: Outcome
    then: Outcome
    amount: Decimal
    label: LabelKind
    hits: tuple[str, ...]
    not_evaluated: tuple[str, ...]
    not_kept: bool
    drawable: bool
    entities: Mapping[str, str]
    weight: float = 1


@dataclass(frozen=True, slots=True)
class Unkept:
    """What a draft reads and no value was kept of, since the policy that decided did not ask for it."""

    velocities: frozenset[str]
    aggregates: frozenset[str]


@dataclass(frozen=True, slots=True)
class DraftComparison:
    """Compares payments with what `policy` decides on them. Labels are those that were known `as_of` a time.

    `fields` are those of entities; `genuine_after` has the age by event type from which nobody's word makes genuine;
    `rules` are those that stand in for a model; `rates` gives a version of the exchange rates. Nothing is read anew:
    an aggregate or velocity that was not kept with a decision is not evaluated.
    """

    policy: Policy
    as_of: datetime
    fields: Sequence[str]
    genuine_after: Mapping[str, timedelta | None]
    rules: Predictor
    rates: Callable[[int], Rates]

    def questions(self, stored: StoredPayment) -> AskedAt:
        """What the draft asks lists of a payment, as of its decision, but what was answered and kept then."""
        made = stored.scored.decision
        return AskedAt(
            stored.scored.transaction, made.decided_at, self.policy.asked(made.decided_at).lists - made.lists.keys()
        )

    def compare(self, stored: StoredPayment, lists: ListAnswers = NO_ANSWERS) -> Compared:
        """Decides the payment again; `lists` are the answers to its `questions`. Nothing is stored."""
        priced_again = self.priced_again(stored.scored)
        made, transaction = stored.scored.decision, priced_again.transaction
        unkept = self._unkept(made)
        then = self._decided(priced_again, unkept, lists, self._prediction(priced_again))
        return Compared(
            now=made.outcome,
            then=then.outcome,
            amount=self.amount(priced_again),
            label=self.label(stored),
            hits=tuple(state.code for state in then.rules if state.state == "held"),
            not_evaluated=tuple(state.code for state in then.rules if state.state == "not_evaluated"),
            not_kept=bool(unkept.velocities or unkept.aggregates),
            drawable=self._is_drawable(then, transaction),
            entities=self.entities(priced_again),
            weight=self.weight(made),
        )

    def decided(self, stored: StoredPayment, lists: ListAnswers = NO_ANSWERS) -> Decision:
        """What is decided on the payment; `lists` are the answers to its `questions`. Nothing is stored."""
        scored = self.priced_again(stored.scored)
        return self.decided_by(scored, lists, self._prediction(scored))

    def decided_by(self, scored: ScoredTransaction, lists: ListAnswers, prediction: Prediction | None) -> Decision:
        """What is decided on a payment, which was priced again, by a prediction. Nothing is stored."""
        return self._decided(scored, self._unkept(scored.decision), lists, prediction)

    @staticmethod
    def amount(scored: ScoredTransaction) -> Decimal:
        """Its money in the reporting currency; what is not known counts as 0."""
        return reported_amount(scored.transaction) or Decimal(0)

    @staticmethod
    def weight(made: Decision) -> float:
        """For how many payments it stands: of those that were drawn from, the others were blocked."""
        return 1 if made.control_share is None else 1 / made.control_share

    def entities(self, scored: ScoredTransaction) -> Mapping[str, str]:
        """The value of each field that names something."""
        values = scored.transaction.values
        return {name: str(values[name]) for name in self.fields if values.get(name) is not None}

    def priced_again(self, scored: ScoredTransaction) -> ScoredTransaction:
        """The payment with its money by the rates that it was decided by."""
        rates, version = self.rates, scored.decision.rates_version
        return replace(scored, transaction=priced(scored.transaction, scored.occurred_at, lambda: rates(version)))

    def _unkept(self, made: Decision) -> Unkept:
        asked = self.policy.asked(made.decided_at)
        return Unkept(asked.velocities - made.velocity.keys(), asked.aggregates - made.aggregates.keys())

    def label(self, stored: StoredPayment) -> LabelKind:
        """What is known of it."""
        scored = stored.scored
        payment = DecidedPayment(
            scored.occurred_at, scored.decision.outcome, stored.label, stored.labelled_at, stored.verdict
        )
        return label_as_of(payment, self.as_of, self._genuine_after(scored))

    def _decided(
        self, scored: ScoredTransaction, unkept: Unkept, lists: ListAnswers, prediction: Prediction | None
    ) -> Decision:
        """What a breaker held back then it would have held back of the draft too."""
        made = scored.decision
        unread = [VELOCITY_UNREAD] if unkept.velocities and VELOCITY_UNREAD not in made.degraded else []
        return decide(
            scored.transaction,
            prediction,
            self.policy,
            scored.occurred_at,
            decided_at=made.decided_at,
            degraded=(*made.degraded, *unread),
            quality=made.quality,
            velocity=made.velocity,
            aggregates={**dict.fromkeys(unkept.aggregates, NOT_READ), **made.aggregates},
            breakers=made.breakers,
            drawn=made.control_share,
            lists={**lists, **made.lists},
        )

    def _is_drawable(self, then: Decision, transaction: Transaction) -> bool:
        if not is_covered(self.policy.control, reported_amount(transaction)):
            return False
        never = {rule.code for rule in self.policy.rules if not rule.control}
        blocked = then.outcome is Outcome.BLOCK and not any(
            one.state == "held" and one.code in never and not one.overruled for one in then.rules
        )
        return blocked or then.control_share is not None

    def _prediction(self, scored: ScoredTransaction) -> Prediction | None:
        """The risk as it is stored. Rules that stood in for the model are asked again: they read the payment alone."""
        made = scored.decision
        if made.risk is None or made.model_version is None:
            return None
        if made.source == "rules" and made.form != FIRST_FORM:
            return self.rules.predict(scored.transaction, ())
        return Prediction(made.risk, made.model_version, made.source)

    def _genuine_after(self, scored: ScoredTransaction) -> timedelta | None:
        named = scored.decision.event_type
        return self.genuine_after.get(named.name if named else PAYMENT)
