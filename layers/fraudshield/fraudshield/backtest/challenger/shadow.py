"""A challenger in shadow: what it would have decided on payments that came since it was named, without effect.

It is judged as a draft of a policy is, from the stored image, by the policy in force and its thresholds. These were
made for the champion's risks: how the two differ at the same share of reviews is what a comparison says.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, cast

from typing_extensions import TypedDict

from fraudshield.analytics.series import SHADOW
from fraudshield.backtest.answer import HistoryAnswer
from fraudshield.backtest.compared import DraftComparison, Unkept
from fraudshield.backtest.shadow.change import ShadowChange, ShadowDraft
from fraudshield.errors import FraudShieldError
from fraudshield.event_type.in_force import Challenger, NamedModel
from fraudshield.predictor.port import Predictor
from fraudshield.predictor.prediction import Prediction
from fraudshield.scoring.decision import Decision, ScoredTransaction
from fraudshield.scoring.scoring import features
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.occurrence import Occurrence

RETRY_S = 5.0  # between two attempts at a model that could not be read
MOST = 50


@dataclass(frozen=True, slots=True)
class ChallengerDraft(DraftComparison):
    """Compares payments with what the policy in force decides on them by a challenger's risk.

    `challenger` gives the model. Raises what reading it raises, where a payment is compared.
    """

    challenger: Callable[[], Predictor]

    def _prediction(self, scored: ScoredTransaction) -> Prediction | None:
        predictor = self.challenger()
        occurrence = Occurrence(scored.transaction, scored.occurred_at)
        return predictor.predict(scored.transaction, features(predictor, occurrence, scored.decision.aggregates))

    def _unkept(self, made: Decision) -> Unkept:
        asked = self.policy.asked(made.decided_at)
        aggregates = asked.aggregates | self.challenger().features.aggregates
        return Unkept(asked.velocities - made.velocity.keys(), aggregates - made.aggregates.keys())


@dataclass(frozen=True, slots=True)
class ShadowChallenger(ShadowDraft):
    """A challenger, and how payments are compared with it."""

    named: Challenger

    @property
    def series(self) -> str:
        """The series of its sums."""
        return series_of(self.named.sha256)

    def judges(self, change: ShadowChange) -> bool:
        """Whether the payment was decided after it was named."""
        return change.payment.scored.decision.decided_at >= datetime.fromisoformat(self.named.since)


def series_of(sha256: str) -> str:
    """The series of a challenger's sums, by its manifest's digest."""
    return f"{SHADOW}{sha256}"


@dataclass(slots=True)
class ChallengerModels:
    """The challengers' models of this process, each read once; one that cannot be is tried again after a while."""

    load: Callable[[str, NamedModel], Predictor]
    clock: Callable[[], float] = time.monotonic
    known: dict[str, Predictor] = field(default_factory=dict)
    failed: dict[str, tuple[FraudShieldError, float]] = field(default_factory=dict)

    def of(self, event_type: str, named: NamedModel) -> Predictor:
        """Raises ModelRefused, NotFound, FilesUnavailable, StoreUnavailable."""
        if named.sha256 in self.known:
            return self.known[named.sha256]
        why, until = self.failed.get(named.sha256, (None, 0.0))
        if why is not None and self.clock() < until:
            raise why
        if len(self.known) + len(self.failed) >= MOST:
            self.known.clear()
            self.failed.clear()
        try:
            self.known[named.sha256] = found = self.load(event_type, named)
        except FraudShieldError as exc:
            self.failed[named.sha256] = (exc, self.clock() + RETRY_S)
            raise
        return found


# `shadow_failed` payments could not be judged, which held up nothing.
ChallengerShadowHead = TypedDict(
    "ChallengerShadowHead",
    {
        "version": str,
        "sha256": str,
        "state": Annotated[str, one_of("challenger")],
        "from": Moment,
        "to": Moment,
        "shadow_failed": int,
    },
)


class ChallengerShadowResponse(ChallengerShadowHead, HistoryAnswer):
    """What a challenger would have decided on what came since it was named."""


def challenger_shadow_response(
    named: Challenger, found: HistoryAnswer, failed: int, until: datetime
) -> ChallengerShadowResponse:
    """All that was found."""
    head: Mapping[str, Any] = {
        "version": named.version,
        "sha256": named.sha256,
        "state": "challenger",
        "from": named.since,
        "to": timestamp(until),
        "shadow_failed": failed,
    }
    return cast(ChallengerShadowResponse, {**head, **found})
