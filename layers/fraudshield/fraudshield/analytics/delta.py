"""Counter deltas: what a stored transaction adds to the counts, and what a change of it moves there.

A change counts as the difference between the counters of the transaction after it and before it. So a decision that
comes later, a label and its undoing move the right counts, and what is written again moves none.
"""

from decimal import Decimal

from fraudshield.analytics.amount_band import band, histogram_bucket
from fraudshield.analytics.bin import amount_bin, lag_bin, score_bin
from fraudshield.analytics.counted_transaction import (
    FLAGGED,
    CountedDecision,
    CountedLabel,
    CountedTransaction,
    TransactionChange,
)
from fraudshield.analytics.series import (
    BATCH,
    DAYS,
    FLAGGED_HOURS,
    HISTOGRAM,
    HOURS,
    ONE,
    PATTERNS,
    SCORES,
    TOTAL,
    TRUTH,
    UNDECIDED,
    UNREPORTED,
    Bucket,
    Counts,
    Delta,
    Sums,
)
from fraudshield.label.truth import let_through
from fraudshield.predictor.reference import Reference


def delta_of(change: TransactionChange, reference: Reference | None = None) -> Counts:
    """What a change moves: only what is not zero. Raises ValueError as `counters_of` does."""
    sums = Sums()
    if change.after is not None:
        sums.add(counters_of(change.after, reference))
    if change.before is not None:
        sums.add(counters_of(change.before, reference), -ONE)
    return sums.counts()


def counters_of(one: CountedTransaction, reference: Reference | None = None) -> Counts:
    """What a transaction adds. `reference` has the bins of its model version's features.

    A batch job's transactions are counted by its summary, which has those too that are not stored: of theirs only what
    is said later counts, their labels.

    Raises:
        ValueError: its time or its features are none that we store.
    """
    if one.source == BATCH:
        return _label_counters(one)
    decision, label = one.decision, one.label
    outcome, version = (decision.outcome, decision.model_version) if decision else (None, UNDECIDED)
    day, number = f"{one.day}#{one.source}", band(one.money)
    came = {"transactions": ONE, "amount": one.money, f"type.{one.type}": ONE}
    counts = came | (_decision(decision) if decision else {}) | _label(label)
    found: dict[Bucket, Delta] = {
        (TOTAL, one.source): counts,
        (DAYS, day): counts | day_amounts(one.type, outcome, one.money) | _label_amount(label, one.money),
        (HISTOGRAM, histogram_bucket(one.source, number)): {f"band.{number}": ONE},
        (PATTERNS, day): patterns(int(one.hour[11:]), outcome, one.money),
        (HOURS, f"{one.hour}#{one.source}#{version}"): came | (_bins(decision, reference) if decision else {}),
    }
    if outcome in FLAGGED:
        found[FLAGGED_HOURS, day] = flagged_hour(int(one.hour[11:]), str(outcome), one.money)
    if decision and decision.risk is not None:
        found[SCORES, f"{day}#{version}"] = score_counters(decision.risk, one.money)
    return found | _truth_counters(one, day) | _unreported(one, day)


def day_amounts(kind: str, outcome: str | None, amount: Decimal) -> Delta:
    """What a day's item has beside the totals' counters: money by type and outcome, and what was flagged by type."""
    money = {f"type_amount.{kind}": amount} | ({f"outcome_amount.{outcome}": amount} if outcome else {})
    return money | ({f"type_flagged.{kind}": ONE} if outcome in FLAGGED else {})


def patterns(hour: int, outcome: str | None, amount: Decimal) -> Delta:
    """By hour of the day (`h07`) and amount band (`s3`): how many, `a` how much money, `f` how many flagged."""
    cells = (f"h{hour:02d}", f"s{amount_bin(amount)}")
    counted = dict.fromkeys(cells, ONE) | {f"{cell}a": amount for cell in cells}
    return counted | ({f"{cell}f": ONE for cell in cells} if outcome in FLAGGED else {})


def flagged_hour(hour: int, outcome: str, amount: Decimal) -> Delta:
    """By hour of the day how many were reviewed (`h07r`) and blocked (`h07b`), with `a` behind it how much money."""
    cell = f"h{hour:02d}{outcome[0]}"
    return {cell: ONE, f"{cell}a": amount}


def score_counters(risk: Decimal, amount: Decimal) -> Delta:
    """By score bin: `n.07` how many, `a.07` how much money."""
    number = score_bin(risk)
    return {f"n.{number:02d}": ONE, f"a.{number:02d}": amount}


def _label_counters(one: CountedTransaction) -> Counts:
    """What its label alone adds."""
    if one.label is None:
        return {}
    day, labelled = f"{one.day}#{one.source}", _label(one.label)
    of_day = labelled | _label_amount(one.label, one.money)
    return {(TOTAL, one.source): labelled, (DAYS, day): of_day} | _truth_counters(one, day)


def _truth_counters(one: CountedTransaction, day: str) -> dict[Bucket, Delta]:
    """What a label says of the model: nothing where none decided."""
    if one.decision is None or one.label is None or one.decision.risk is None:
        return {}
    truth = _truth(one.decision, one.decision.risk, one.label, one.money)
    return {(TRUTH, f"{day}#{one.decision.model_version}"): truth}


def _unreported(one: CountedTransaction, day: str) -> dict[Bucket, Delta]:
    """What counts as genuine once it is old enough, if its event type says when: in the form of `_truth`.

    The built-in type never says so, and of a file's rows only what was flagged is stored: nobody can report the others.
    """
    decision = one.decision
    if decision is None or decision.risk is None or one.label is not None or one.event_type is None:
        return {}
    if not let_through(decision.outcome, one.verdict):
        return {}
    number = f"{score_bin(decision.risk):02d}"
    counters = {f"g.{number}": ONE, f"r.{number}": decision.risk, f"genuine.{decision.outcome}": ONE}
    return {(UNREPORTED, f"{day}#{one.event_type}#{decision.model_version}"): counters}


def _decision(decision: CountedDecision) -> Delta:
    decided = {"decisions": ONE, f"outcome.{decision.outcome}": ONE}
    decided |= {"no_risk": ONE} if decision.risk is None else {"risk": decision.risk}
    return decided | {"predicted_fraud": decision.prediction} | {f"quality.{flag}": ONE for flag in decision.quality}


def _bins(decision: CountedDecision, reference: Reference | None) -> Delta:
    """What an hour's item has of a decision: drift is told by the bins of risk and features."""
    counts = {"decisions": ONE, f"outcome.{decision.outcome}": ONE}
    if reference is None or decision.risk is None or reference.version != decision.model_version:
        return counts
    if len(reference.features) != len(decision.features):  # a model of another event type, under the same version
        return counts
    return counts | dict.fromkeys(reference.counters(decision.features, float(decision.risk)), ONE)


def _truth(decision: CountedDecision, risk: Decimal, label: CountedLabel, amount: Decimal) -> Delta:
    """What a label says of the decision: by score bin `f.07` frauds, `g.07` genuine ones, `r.07` the sum of risks."""
    number = f"{score_bin(risk):02d}"
    return {
        f"{label.truth[0]}.{number}": ONE,
        f"r.{number}": risk,
        f"{label.truth}.{decision.outcome}": ONE,
        f"{label.truth}_amount.{decision.outcome}": amount,
        f"lag.{lag_bin(label.lag)}": ONE,
    }


def _label(label: CountedLabel | None) -> Delta:
    return {f"label.{label.truth}": ONE} if label else {}


def _label_amount(label: CountedLabel | None, amount: Decimal) -> Delta:
    return {f"label_amount.{label.truth}": amount} if label else {}
