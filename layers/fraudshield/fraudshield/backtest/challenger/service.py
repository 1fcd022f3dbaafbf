"""Opens comparisons of two models, and says which have finished for the gate that a challenger passes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from fraudshield.audit.audit import AuditEntry, Author
from fraudshield.backtest.backtest import PREFIX, Backtest
from fraudshield.backtest.challenger.gate import FinishedComparison, GateAnswer, check_compared
from fraudshield.backtest.challenger.models import ComparedModels, TrainedSpans
from fraudshield.backtest.challenger.request import ComparisonRequest
from fraudshield.backtest.port import BacktestRunner, BacktestStore
from fraudshield.errors import InvalidInput
from fraudshield.event_type.in_force import NamedModel
from fraudshield.event_type.payment import NAME as PAYMENT
from fraudshield.policy.policy import Policy
from fraudshield.predictor.published import find


@dataclass(frozen=True, slots=True)
class ComparisonService:
    """The comparisons of one event type's models. `active` gives the version of the policy in force.

    `champion` gives the model in force: without a version it is the release's, which payment alone has.
    """

    event_type: str
    store: BacktestStore
    runner: BacktestRunner
    spans: TrainedSpans
    active: Callable[[], Policy]
    champion: Callable[[], NamedModel]

    def start(self, asked: ComparisonRequest, by: Author, now: datetime) -> Backtest:
        """Starts a comparison.

        Raises:
            NotFound, AmbiguousVersion: a model is not published.
            InvalidInput: there is no champion, or both are the same.
            ModelRefused, TooManyAtOnce, FilesUnavailable, StoreUnavailable, RunnerUnavailable.
        """
        champion = self._named(asked.champion) if asked.champion else self._in_force()
        challenger = self._named(asked.challenger)
        if champion == challenger:
            raise InvalidInput("A model is compared with another one; these are the same", code="same_model")
        until, policy = min(asked.until or now, now), self.active()
        models = ComparedModels(
            champion=champion,
            challenger=challenger,
            trained_until=self._trained_until(challenger),
            margin=asked.margin,
        )
        made = Backtest(
            backtest_id=f"{PREFIX}{uuid4().hex}",
            event_type=self.event_type,
            version=policy.version,
            digest=policy.digest,
            against=policy.version,
            against_digest=policy.digest,
            since=asked.since,
            until=until,
            created_at=now,
            drafts_tried=self._tried(challenger, asked.since, until),
            models=models,
        )
        digests = (champion.sha256 or None, challenger.sha256 or None)
        self.store.create(made, AuditEntry(now, by, "model", "compared", self._subject(models), *digests))
        self.runner.start(made)
        return made

    def _subject(self, models: ComparedModels) -> str:
        return f"{self.event_type} {models.challenger.version} with {models.champion.version or 'as released'}"

    def _in_force(self) -> NamedModel:
        found = self.champion()
        if not found.version and self.event_type != PAYMENT:
            raise InvalidInput(f"{self.event_type} has no model in force to compare with", code="no_champion")
        return NamedModel(version=found.version, sha256=found.sha256)

    def _named(self, version: str) -> NamedModel:
        return NamedModel(version=version, sha256=find(self.spans.store, self.event_type, version).sha256)

    def _trained_until(self, challenger: NamedModel) -> datetime:
        return self.spans.until(find(self.spans.store, self.event_type, challenger.version))

    def _tried(self, challenger: NamedModel, since: datetime, until: datetime) -> int:
        """How many challengers were tried on some of this time, this one among them."""
        tried = {
            one.models.challenger.sha256
            for one in self.store.comparisons(self.event_type)
            if one.models and one.status != "failed" and one.overlaps(since, until)
        }
        return len(tried | {challenger.sha256})


@dataclass(frozen=True, slots=True)
class ComparisonGate:
    """The `Gate` port on the comparisons that are kept."""

    store: BacktestStore

    def check(self, event_type: str, challenger: NamedModel, champion: NamedModel, at: datetime) -> None:
        """Raises NotCompared, StaleComparison, NotGoodEnough, StoreUnavailable."""
        check_compared(finished(self.store, event_type, challenger.sha256), champion.sha256, at)


def finished(store: BacktestStore, event_type: str, challenger: str) -> Sequence[FinishedComparison]:
    """The comparisons of a challenger, by its manifest's digest, that have completed. Raises StoreUnavailable."""
    return [
        FinishedComparison(one.models.champion.sha256, one.completed_at, _gate_of(one))
        for one in store.comparisons(event_type)
        if one.models and one.models.challenger.sha256 == challenger
        if one.status == "completed" and one.completed_at is not None
    ]


def _gate_of(one: Backtest) -> GateAnswer:
    said = (one.answer or {})["gate"]
    return GateAnswer(said["passes"], said["why_not"])
