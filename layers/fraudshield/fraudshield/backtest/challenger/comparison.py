"""Stored payments as the champion decides them and as a challenger would, both under one version of the policy."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from fraudshield.backtest.challenger.judged import ByThreshold, JudgedPayment
from fraudshield.backtest.challenger.tally import ChallengerTally
from fraudshield.backtest.compared import DraftComparison, StoredPayment
from fraudshield.policy.outcome import Outcome
from fraudshield.predictor.port import Predictor
from fraudshield.predictor.prediction import Prediction
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.scoring import features
from fraudshield.transaction.occurrence import Occurrence
from fraudshield.value_list.answer import ListAnswers
from fraudshield.value_list.as_of import AskedAt


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """Compares two models' decisions by the policy of `draft`, which is the one in force, from what was kept.

    An aggregate that was not kept with a payment is missing for a model that reads it. A model's own decisions keep
    the features that it read.
    """

    draft: DraftComparison
    champion: Predictor
    challenger: Predictor

    def judge(self, stored: StoredPayment, lists: ListAnswers) -> JudgedPayment:
        """Both models on one payment; `lists` are the answers to its `questions`. Nothing is stored."""
        scored = self.draft.priced_again(stored.scored)
        then = self._prediction(self.challenger, scored)
        outcomes = [
            self.draft.decided_by(scored, lists, then and replace(then, outcome=outcome)).outcome
            for outcome in (Outcome.APPROVE, Outcome.REVIEW, Outcome.BLOCK)
        ]
        return JudgedPayment(
            now=self.draft.decided_by(scored, lists, self._prediction(self.champion, scored)).outcome,
            then=ByThreshold(*outcomes),
            steps=then.steps if then else 0,
            amount=self.draft.amount(scored),
            label=self.draft.label(stored),
            not_kept=bool(self.challenger.features.aggregates - scored.decision.aggregates.keys()),
            entities=self.draft.entities(scored),
            weight=self.draft.weight(scored.decision),
        )

    def _prediction(self, predictor: Predictor, scored: ScoredTransaction) -> Prediction | None:
        made, occurrence = scored.decision, Occurrence(scored.transaction, scored.occurred_at)
        own = made.model_version == predictor.facts.model_version
        values = scored.features if own else features(predictor, occurrence, made.aggregates)
        return predictor.predict(scored.transaction, values)


@dataclass(frozen=True, slots=True)
class ChallengerCounter:
    """The `PartCounter` port: what the challenger was trained on, or what came before that, is left out."""

    comparison: ModelComparison
    tally: ChallengerTally
    trained_until: datetime

    def questions(self, stored: StoredPayment) -> AskedAt:
        """What rules ask lists of a payment."""
        return self.comparison.draft.questions(stored)

    def add(self, stored: StoredPayment, lists: ListAnswers) -> None:
        """Counts a payment."""
        if stored.scored.occurred_at <= self.trained_until:
            self.tally.skip()
            return
        name = stored.scored.transaction.transaction_id
        self.tally.add(name, self.comparison.judge(stored, lists))

    def lines(self) -> Iterator[str]:
        """What was counted."""
        return self.tally.lines()
