"""Risk, decision and reasons over columns. Flagged rows go through the same functions as online, one by one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fraudshield.batch.columns import Name, Rows
from fraudshield.batch.lists.table import Tables, answers
from fraudshield.batch.sent import SentColumns
from fraudshield.expression.matrix import matrix
from fraudshield.policy.clause import Clause
from fraudshield.policy.policy import Outcome, Policy
from fraudshield.policy.rule_set import RuleSet
from fraudshield.policy.velocity import VELOCITY_NAMES
from fraudshield.policy.when import clauses
from fraudshield.predictor import columns
from fraudshield.predictor.columns import Booleans, Floats
from fraudshield.predictor.forest import STEPS
from fraudshield.predictor.prediction import Prediction
from fraudshield.predictor.predictor import ModelPredictor
from fraudshield.scoring.decision import VELOCITY_UNREAD, ScoredTransaction, decide
from fraudshield.transaction.quality import quality_flags

Store = Literal["flagged", "all", "none"]  # which decisions go into the store
Margins = Callable[[Floats], Floats]  # of rows by features


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The risk of each row, in steps of 1/10000; decisions other than approve, by position; decisions to store."""

    risk_steps: NDArray[np.int64]
    flagged: Mapping[int, ScoredTransaction]
    to_store: Sequence[ScoredTransaction]


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides the rows of one job, which were all received at one time and are decided by one model and one policy.

    Velocity is not read: a million rows would be two million queries. Conditions on it never hold here.
    """

    predictor: ModelPredictor
    margins: Margins
    policy: Policy
    received_at: datetime
    decided_at: datetime
    store: Store = "flagged"
    lists: Tables = field(default_factory=dict)

    @property
    def degraded(self) -> tuple[str, ...]:
        """What every decision of this job lacks, by the names that decisions use."""
        return (VELOCITY_UNREAD,) if self._rules.velocities else ()

    @property
    def _rules(self) -> RuleSet:
        return self.policy.asked(self.decided_at)

    def judge(self, rows: Rows, name: Name) -> Verdicts:
        """Decides all rows. `name` makes the ids of flagged rows that have none."""
        sent = SentColumns(rows, name, self.received_at, self.lists)
        numbers = matrix(self.predictor.features.components, sent.named(self.predictor.features.fields), len(rows))
        risks = columns.risk(self.predictor.model.cuts, self.margins(numbers))
        flagged_by_risk = risks >= self._review_thresholds(sent)
        suspects = flagged_by_risk | self._may_be_raised(sent, risks) | (self.store == "all")
        decided = {at: self._decide(rows, at, name, float(risks[at])) for at in np.flatnonzero(suspects).tolist()}
        flagged = {at: one for at, one in decided.items() if one.decision.outcome is not Outcome.APPROVE}
        to_store = {"flagged": flagged, "all": decided, "none": {}}[self.store]
        return Verdicts(np.rint(risks * STEPS).astype(np.int64), flagged, list(to_store.values()))

    def _decide(self, rows: Rows, at: int, name: Name, risk: float) -> ScoredTransaction:
        transaction = rows.transaction(at, name)
        occurred_at = transaction.occurred_at or self.received_at
        values = self.predictor.features.of(transaction, occurred_at)
        decision = decide(
            transaction,
            Prediction(risk, self.predictor.model.version, "model"),
            self.policy,
            occurred_at,
            decided_at=self.decided_at,
            degraded=self.degraded,
            quality=quality_flags(transaction, self.received_at),
            velocity={},
            aggregates={},
            lists=answers(self.lists, self._rules.lists, transaction),
        )
        if decision.outcome is not Outcome.APPROVE:
            why = self.predictor.explain(transaction, values).reasons
            decision = replace(decision, reasons=decision.reasons + why)
        return ScoredTransaction(transaction, occurred_at, self.received_at, values, decision)

    def _review_thresholds(self, sent: SentColumns) -> Floats:
        """The threshold of each row's category."""
        found = np.full(len(sent.rows), float(self.policy.thresholds.review))
        if (by := self.policy.by) is not None:
            values = sent.named([by.field])[by.field].values
            for value, thresholds in by.thresholds.items():
                found[values == value] = float(thresholds.review)
        return found

    def _may_be_raised(self, sent: SentColumns, risks: Floats) -> Booleans:
        """Says for which rows a rule may give more than approve; it misses no row for which one does."""
        found = np.zeros(len(sent.rows), np.bool_)
        for rule, expression in self._rules.tests:
            if rule.outcome is Outcome.APPROVE:
                continue
            if expression is not None:
                found |= sent.may_count(expression, risks, unevaluated=rule.otherwise is not None)
            else:
                unread = rule.otherwise is not None
                found |= np.logical_and.reduce([_may_hold(one, sent.rows, unread) for one in clauses(rule.when)])
        return found


def _may_hold(clause: Clause, rows: Rows, unread: bool) -> Booleans:
    """Tests a clause as `clause.holds` does, on the nearest floats: rounding moves no value across its bound.

    Velocities are not read: a clause on one passes where what is `unread` counts.
    """
    if clause.field in VELOCITY_NAMES:
        return np.full(len(rows), unread)
    if clause.any_of is not None:
        allowed = frozenset(clause.any_of)
        return np.fromiter((cell in allowed for cell in rows.column(clause.field)), np.bool_, len(rows))
    values = rows.money[clause.field]
    held = np.ones(len(rows), np.bool_)
    if clause.at_least is not None:
        held &= values >= float(clause.at_least)
    if clause.at_most is not None:
        held &= values <= float(clause.at_most)
    return held
