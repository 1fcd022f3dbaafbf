"""Answers that a request asks for by name, so that a client can be tried against each. None is stored or counted."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from fraudshield.policy.owner import owners
from fraudshield.policy.policy import Outcome
from fraudshield.predictor.prediction import Reason
from fraudshield.predictor.predictor import RulePredictor
from fraudshield.predictor.without_model import OnePredictor
from fraudshield.scoring.decision import Decision
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.transaction import Transaction

AskedOutcome = Literal["approve", "review", "block", "degraded"]
ASKED_FOR = Reason("test_outcome", "The request asked for this outcome")


def as_asked(scorer: Scorer, transactions: Sequence[Transaction], asked: AskedOutcome) -> list[Decision]:
    """A decision for each, in order, with the outcome that was asked for.

    A degraded one is what is decided where the model cannot be loaded: the rules stand in for it. All else of a
    decision is as it would be; the outcome counts as one that a rule gave.
    """
    if asked == "degraded":
        rules = replace(scorer, predictors=OnePredictor(RulePredictor(scorer.clock())))
        return [scored.decision for scored in rules.decide(transactions)]
    outcome = Outcome(asked)
    return [
        _with(scored.decision, outcome, scorer.policies.of(owners(one)).current().policy.thresholds_of(one).of(outcome))
        for one, scored in zip(transactions, scorer.decide(transactions), strict=True)
    ]


def _with(decision: Decision, outcome: Outcome, threshold: float) -> Decision:
    flagged = outcome is not Outcome.APPROVE
    return replace(
        decision,
        outcome=outcome,
        prediction=int(flagged),
        rule_threshold=threshold,
        decided_by="rules",
        reasons=(ASKED_FOR, *decision.reasons) if flagged else (),
        reasons_pending=False,
    )
