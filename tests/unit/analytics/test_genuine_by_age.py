"""Model performance where event types say when a payment that nobody reported counts as genuine."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from fraudshield.analytics.counted_transaction import CountedDecision, CountedLabel, CountedTransaction
from fraudshield.analytics.delta import counters_of
from fraudshield.analytics.genuine_by_age import UNREAD, GenuineAges, genuine_ages
from fraudshield.analytics.performance import ModelPerformance, model_performance
from fraudshield.analytics.period import Period
from fraudshield.analytics.port import Slice
from fraudshield.analytics.series import UNREPORTED, Counts, Sums
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.label.truth import DecidedPayment, LabelKind, label_as_of
from tests.event_types import CARD, WITH_DEVICE, version_of
from tests.fake_event_types import FakeEventTypeStore
from tests.fakes import FakeAggregates

DAY = timedelta(days=1)
PAID = datetime(2026, 8, 1, 10, tzinfo=UTC)
SETTLED = datetime(2026, 9, 1, tzinfo=UTC)  # 30 days after the end of that day
AGES = GenuineAges({"web_payment": 30 * DAY})


def payment(outcome: str, label: str | None = None, **more: object) -> CountedTransaction:
    risk = {"approve": "0.02", "review": "0.4", "block": "0.9"}[outcome]
    decision = CountedDecision(outcome, Decimal(risk), Decimal(outcome != "approve"), "m-1", (), ())
    said = CountedLabel(label, DAY) if label else None
    own = CountedTransaction("t", "api", "2026-08-01T10:00:00Z", "PAYMENT", Decimal(5), None, decision, said)
    return CountedTransaction(
        **{name: getattr(own, name) for name in own.__slots__} | {"event_type": "web_payment"} | more
    )


class CountedAggregates(FakeAggregates):
    """Has what payments add to the counts."""

    def __init__(self, payments: Sequence[CountedTransaction]) -> None:
        super().__init__()
        self.asked: list[str] = []
        sums = Sums()
        for one in payments:
            sums.add(counters_of(one))
        self.counts: Counts = sums.counts()

    def slices(self, series: str, first: str, last: str) -> Iterator[Slice]:
        self.asked.append(series)
        for (of, bucket), counters in self.counts.items():
            if of == series:
                at, source, version = bucket.split("#", 2)
                yield Slice(at, source, version, counters)


MIXED = [
    *(payment("approve") for _ in range(6)),
    payment("approve", "fraud"),
    payment("approve", "genuine"),
    payment("review", "fraud"),
    payment("review", "genuine"),
    payment("review"),
    payment("review", verdict="release"),
    payment("review", verdict="decline"),
    *(payment("block") for _ in range(2)),
    payment("approve", event_type=None),
    payment("approve", event_type="another_payment"),
]


def told(as_of: datetime, ages: GenuineAges = AGES, payments: Sequence[CountedTransaction] = MIXED) -> ModelPerformance:
    day = PAID.date()
    return model_performance(CountedAggregates(payments), Period(day, day, ("api",)), ages, as_of)


def test_what_nobody_reported_counts_as_genuine_from_its_age_on() -> None:
    before, after = told(SETTLED - DAY), told(SETTLED)
    assert before["labels"] == {"fraud": 2, "genuine_said": 2, "genuine_by_age": 0, "young": 7, "unknown": 6}
    assert after["labels"] == {"fraud": 2, "genuine_said": 2, "genuine_by_age": 7, "young": 0, "unknown": 6}
    assert (before["labelled"], after["labelled"]) == (4, 4)
    at_review = after["confusion"]["review"]
    assert (at_review["true_negatives"], at_review["false_positives"]) == (1 + 6, 1 + 1)  # one review was released
    assert (before["precision"], after["precision"]) == (0.5, round(1 / 3, 6))
    assert sum(one["labelled"] for one in after["calibration"]) == 11
    assert after["models"][0]["labels"] == after["labels"]


def test_the_numbers_are_what_each_payments_label_is_then() -> None:
    for as_of in (SETTLED - DAY, SETTLED):
        kinds: dict[LabelKind, int] = dict.fromkeys(("fraud", "genuine_said", "genuine_by_age", "young", "blocked"), 0)
        for one in MIXED:
            if one.event_type != "web_payment" or one.decision is None:
                continue
            labelled_at = PAID + DAY if one.label else None
            said = one.label.truth if one.label else None
            decided = DecidedPayment(PAID, one.decision.outcome, said, labelled_at, one.verdict)
            kinds[label_as_of(decided, as_of, 30 * DAY)] += 1
        numbers: Mapping[str, object] = told(as_of)["labels"]
        assert {name: number for name, number in kinds.items() if name != "blocked"} == {
            name: number for name, number in numbers.items() if name != "unknown"
        }
        assert numbers["unknown"] == kinds["blocked"] + 2  # and those of types that say no age


@pytest.mark.parametrize("after", [payment("approve", "fraud"), payment("approve", "genuine")])
def test_a_label_takes_a_payment_out_of_what_counts_by_age(after: CountedTransaction) -> None:
    assert [*counters_of(payment("approve"))].count((UNREPORTED, "2026-08-01#api#web_payment#m-1")) == 1
    assert not [series for series, _ in counters_of(after) if series == UNREPORTED]


def test_a_files_rows_never_count_by_age() -> None:
    assert not [series for series, _ in counters_of(payment("approve", source="batch")) if series == UNREPORTED]


def test_where_no_type_says_an_age_nothing_more_is_read() -> None:
    aggregates, day = CountedAggregates(MIXED), PAID.date()
    found = model_performance(aggregates, Period(day, day, ("api",)), GenuineAges(), SETTLED)
    assert aggregates.asked == ["scores", "truth"]
    assert found["labels"] == {"fraud": 2, "genuine_said": 2, "genuine_by_age": 0, "young": 0, "unknown": 13}


def test_ages_are_those_of_the_types_in_force() -> None:
    settled = {**WITH_DEVICE, "label": {"genuine_after": "30d"}}
    store = FakeEventTypeStore(version_of(settled), version_of({**CARD, "label": {"later": "7d"}}))
    types = ActiveEventTypes(store)
    assert genuine_ages(lambda: types) == AGES
    store.down = True
    assert genuine_ages(lambda: types) == AGES
    assert genuine_ages(lambda: ActiveEventTypes(store)) == GenuineAges(degraded=(UNREAD,))
    assert told(SETTLED, GenuineAges(degraded=(UNREAD,)))["degraded"] == [UNREAD]
