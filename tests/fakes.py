"""In-memory stand-ins for the ports."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from fraudshield.analytics.destination import Destinations
from fraudshield.analytics.port import Counters, Slice
from fraudshield.errors import QueueUnavailable, StoreUnavailable, TransactionConflict
from fraudshield.ingest.port import DayCounts
from fraudshield.policy.owner import PAYMENT, Owners
from fraudshield.policy.policy import Policy, Thresholds, first_policy
from fraudshield.policy.port import PolicyInForce, Reach
from fraudshield.policy.velocity import Movement, Movements
from fraudshield.predictor.port import Predictor
from fraudshield.predictor.prediction import Explanation, Prediction, PredictorFacts, Reason
from fraudshield.predictor.without_model import NO_MODEL
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.port import Kept
from fraudshield.transaction.occurrence import Occurrence
from fraudshield.transaction.queued import QueuedTransaction
from fraudshield.transaction.refusal import Refusal, tally
from fraudshield.transaction.transaction import Transaction
from model.feature import FEATURES

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


class FakePredictor:
    """Predicts the risk it was made with, or what `risk_of` says."""

    degraded: tuple[str, ...] = ()
    features = FEATURES

    def __init__(self, risk: float = 0.0, risk_of: Callable[[Any], float] | None = None) -> None:
        self._risk_of = risk_of or (lambda _: risk)
        self.explained: list[str] = []
        self.facts = PredictorFacts("fake", "fake-1", (), (0, 1), NOW, None, {}, None)

    def of(self, owners: Owners = PAYMENT) -> Predictor:
        """As the `Predictors` port: other types than payment have no model."""
        return self if PAYMENT[0] in owners else NO_MODEL

    def predict(self, transaction: Transaction, features: tuple[float, ...]) -> Prediction:
        return Prediction(self._risk_of(transaction), "fake-1", "model")

    def explain(self, transaction: Transaction, features: tuple[float, ...]) -> Explanation:
        self.explained.append(transaction.transaction_id)
        return Explanation(reasons=(Reason("fake_reason", "Because the test says so"),))


class FakePolicies:
    """One policy, always fresh."""

    def __init__(self, policy: Policy | None = None, degraded: tuple[str, ...] = ()) -> None:
        self.policy = policy or first_policy(Thresholds(review=0.5, block=0.9))
        self.degraded = degraded

    def of(self, owners: Owners = PAYMENT) -> "FakePolicies":
        return self

    def current(self) -> PolicyInForce:
        return PolicyInForce(self.policy, self.degraded)


class FakeStore:
    """Keeps the first of each id; ids in `refused` fail, `down` fails all."""

    def __init__(self) -> None:
        self.kept: dict[str, ScoredTransaction] = {}
        self.refused: set[str] = set()
        self.down = False

    def add(self, scored: Sequence[ScoredTransaction], stop_at: float) -> list[Kept]:
        return [self._add_one(one) for one in scored]

    def find(self, transaction_id: str) -> ScoredTransaction | None:
        if self.down:
            raise StoreUnavailable("down")
        return self.kept.get(transaction_id)

    def _add_one(self, one: ScoredTransaction) -> Kept:
        name = one.transaction.transaction_id
        if self.down or name in self.refused:
            return StoreUnavailable("down")
        first = self.kept.setdefault(name, one)
        if first.transaction != one.transaction:
            return TransactionConflict("transaction_id is already stored with another content")
        return first.decision


class FakeAccounts:
    """What the accounts did before; `late` cannot be read. Every question is remembered."""

    def __init__(self, *movements: Movement, late: bool = False) -> None:
        self.movements = movements
        self.late = late
        self.asked: list[tuple[str, Reach]] = []

    def histories(self, occurrences: Sequence[Occurrence], reach: Reach) -> list[Movements | None]:
        self.asked += [(one.transaction.transaction_id, reach) for one in occurrences]
        return [None if self.late else dict.fromkeys(reach, self.movements) for _ in occurrences]


class FakeParking:
    """Remembers what it was given; `down` makes it refuse."""

    def __init__(self) -> None:
        self.parked: list[ScoredTransaction] = []
        self.down = False

    def park(self, scored: Sequence[ScoredTransaction]) -> None:
        if self.down:
            raise QueueUnavailable("down")
        self.parked += scored


class FakeIngestQueue:
    """Remembers what it was given; ids in `refused` are not taken, `down` refuses all."""

    def __init__(self) -> None:
        self.queued: list[QueuedTransaction] = []
        self.refused: set[str] = set()
        self.down = False

    def send(self, transactions: Sequence[QueuedTransaction], give_up_at: float) -> list[bool]:
        taken = [not self.down and one.transaction.transaction_id not in self.refused for one in transactions]
        self.queued += [one for one, there in zip(transactions, taken, strict=True) if there]
        return taken


class FakeLedger:
    """Keeps what it is told, each name once where that is asked for; `down` makes every call fail."""

    def __init__(self) -> None:
        self.noted: list[Refusal] = []
        self.days: list[DayCounts] = []
        self.down = False

    def note(self, refusals: Sequence[Refusal]) -> None:
        self.noted += [] if self.down else refusals

    def note_once(self, refusal: Refusal) -> None:
        self._answer()
        if refusal.name not in {one.name for one in self.noted}:
            self.noted.append(refusal)

    def refused(self, first: date, last: date) -> list[DayCounts]:
        self._answer()
        counts = (DayCounts(one.at.date(), one.source, tally([one])) for one in self.noted)
        return [one for one in counts if first <= one.day <= last]

    def stored(self, first: date, last: date) -> list[DayCounts]:
        return [one for one in self.days if first <= one.day <= last]

    def recent(self, most: int) -> list[Refusal]:
        return self.noted[::-1][:most]

    def _answer(self) -> None:
        if self.down:
            raise StoreUnavailable("down")


class FakeAggregates:
    """Knows the days it was made with."""

    def __init__(self, *days: date) -> None:
        self.known = days

    def days(self, first: date, last: date) -> Iterator[date]:
        return (day for day in sorted(self.known, reverse=True) if first <= day <= last)

    def totals(self) -> Mapping[str, Counters]:
        return {}

    def day(self, day: date) -> Mapping[str, Counters]:
        return {}

    def histogram(self) -> Mapping[str, Counters]:
        return {}

    def extremes(self) -> Mapping[str, Mapping[str, str]]:
        return {}

    def slices(self, series: str, first: str, last: str) -> Iterator[Slice]:
        return iter(())

    def destinations(self, first: str, last: str) -> Iterator[tuple[str, Destinations]]:
        return iter(())

    def as_of(self) -> datetime | None:
        return None


class FakeErasures:
    """Knows who was erased when; `down` makes every call fail."""

    def __init__(self, **erased_at: datetime) -> None:
        self.marks = erased_at
        self.down = False

    def erased_at(self, accounts: Collection[str]) -> Mapping[str, datetime]:
        if self.down:
            raise StoreUnavailable("down")
        return {name: at for name, at in self.marks.items() if name in accounts}

    def pseudonym(self, account: str) -> str:
        return f"{account[0]}-erased-somebody"
