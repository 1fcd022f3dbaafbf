"""Busy entities: counters by the hour, as the stream moves them, against a count of the payments themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fraudshield.aggregate.aggregate import EntityAggregate, aggregates_of
from fraudshield.aggregate.busy import busy_value
from fraudshield.aggregate.columns import aggregate_values
from fraudshield.aggregate.counter import PARTS, HourCount, hour_of, series_of
from fraudshield.aggregate.reader import AggregateReader
from fraudshield.aggregate.value import NOTHING, AggregateValue, exactly
from fraudshield.analytics.busy import busy_delta
from fraudshield.analytics.counted_transaction import BusyEntity, CountedTransaction, TransactionChange
from fraudshield.analytics.series import Sums
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.text.timestamp import instant
from fraudshield.transaction.occurrence import Occurrence
from tests.aggregates.history import as_columns
from tests.aggregates.shop import Paid, shop, shop_transaction
from tests.fake_event_types import FakeEventTypeStore
from tests.fakes import NOW

BUSY: Any = {
    "count": {"count": True, "over": "terminal", "within": "24h"},
    "spent": {"sum": "amount", "over": "terminal", "within": "48h"},
    "mean": {"of": "mean", "field": "amount", "over": "terminal", "within": "7d"},
    "frauds": {"of": "fraud_rate", "over": "terminal", "within": "7d", "labels_later": "30h"},
    "likely": {"of": "fraud_rate", "over": "terminal", "within": "7d", "prior": Decimal("0.1")},
}
ASKED = aggregates_of(shop(BUSY)).asked(BUSY)
MINUTES = st.integers(0, 9 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
PAYMENT = st.tuples(
    MINUTES,
    st.sampled_from([0, 0, 0, 30, 600]),  # minutes until it was decided
    st.decimals(0, 1000, places=2),
    st.sampled_from(["terminal-1", "terminal-2", None]),
    st.one_of(st.none(), st.tuples(st.sampled_from(["fraud", "genuine"]), MINUTES)),
)


def paid(number: int, drawn: Any) -> Paid:
    ago, late, amount, terminal, label = drawn
    at = NOW - ago
    truth, said_at = (label[0], at + label[1]) if label else (None, None)
    entities = {"terminal": terminal} if terminal else {}
    return Paid(f"t{number}", at, at + timedelta(minutes=late), amount, entities, "approve", truth, said_at)


def counted(one: Paid, *, labelled: bool) -> CountedTransaction:
    """A payment as the stream tells of it, before or after its label."""
    fraud_at = instant(one.labelled_at) if labelled and one.label == "fraud" and one.labelled_at else None
    keys = (f"terminal#{value}" for value in one.entities.values())
    busy = tuple(BusyEntity(key, instant(one.decided_at), fraud_at) for key in keys)
    return CountedTransaction(
        one.transaction_id, "api", instant(one.occurred_at), "PAYMENT", one.amount, "M1", busy=busy
    )


def changes(history: Sequence[Paid]) -> Iterator[TransactionChange]:
    """Each is stored undecided, then decided, then labelled."""
    for one in history:
        decided = counted(one, labelled=False)
        yield TransactionChange(None, replace(decided, busy=()), inserted=True)
        yield TransactionChange(replace(decided, busy=()), decided)
        yield TransactionChange(decided, counted(one, labelled=True))


def counters(history: Sequence[Paid], terminal: str) -> tuple[HourCount, ...]:
    sums = Sums()
    for number, change in enumerate(changes(history)):
        sums.add(busy_delta(change, number % PARTS))
    there = series_of(f"terminal#{terminal}")
    return tuple(
        HourCount(hour_of(bucket), found) for (series, bucket), found in sums.counts().items() if series == there
    )


def by_definition(one: EntityAggregate, history: Sequence[Paid], asking: Paid) -> AggregateValue:
    """A count of the payments of the full hours before, each by the hour in which it was known."""
    end, known = (at.replace(minute=0, second=0, microsecond=0) for at in (asking.occurred_at, asking.decided_at))
    start = end - (one.within or timedelta())
    there = [
        other
        for other in history
        if other.entities == asking.entities and start <= other.occurred_at < end and _hour(other.occurred_at) < known
        and _hour(other.decided_at) < known
    ]  # fmt: skip
    old = [other for other in there if _hour(other.occurred_at) + timedelta(hours=1) + one.labels_later <= known]
    frauds = sum(
        other.label == "fraud" and other.labelled_at is not None and _hour(other.labelled_at) < known for other in old
    )
    amount = sum((other.amount for other in there), Decimal(0))
    if one.measure == "fraud_rate":
        share = (
            (frauds + 10 * one.prior) / (len(old) + 10)
            if one.prior is not None
            else frauds / len(old) if old else None
        )  # fmt: skip
        return NOTHING if share is None else exactly(Decimal(repr(share)))
    if one.measure == "mean":
        return exactly(Decimal(repr(float(amount) / len(there)))) if there else NOTHING
    return exactly(len(there)) if one.measure == "count" else exactly(amount)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


@settings(max_examples=40)
@given(st.lists(PAYMENT, max_size=20), PAYMENT)
def test_counters_and_columns_say_what_the_payments_do(drawn: Any, asked: Any) -> None:
    history = [paid(number, one) for number, one in enumerate(drawn)]
    asking = replace(paid(-1, asked), entities={"terminal": "terminal-1"})
    there = counters(history, "terminal-1")
    columns = aggregate_values(ASKED, as_columns([asking], ASKED), as_columns(history, ASKED))
    for one in ASKED:
        expected = by_definition(one, history, asking)
        assert busy_value(one, there, asking.occurred_at, asking.decided_at) == expected, one.name
        assert columns[one.name] == [expected], one.name


def test_a_label_that_is_taken_back_moves_the_counters_back() -> None:
    one = Paid("t1", NOW, NOW, Decimal(5), {"terminal": "T"}, "approve", "fraud", NOW + timedelta(days=3))
    there, back = (busy_delta(TransactionChange(*pair), 0) for pair in (both(one), both(one)[::-1]))
    assert [*there.values()] == [{"f@2026-11-27T10": Decimal(1)}]
    assert [*back.values()] == [{"f@2026-11-27T10": Decimal(-1)}]


def both(one: Paid) -> tuple[CountedTransaction, CountedTransaction]:
    return counted(one, labelled=False), counted(one, labelled=True)


class FakeCounters:
    """The counters of one terminal."""

    def __init__(self, there: tuple[HourCount, ...]) -> None:
        self.there = there
        self.asked: list[Any] = []

    def begin(self, questions: Sequence[Any], payments: int) -> "FakeCounters":
        self.asked += questions
        return self

    def results(self) -> Sequence[Any]:
        return [self.there] * len(self.asked)


def test_one_question_asks_for_the_hours_of_the_widest_window() -> None:
    hour = timedelta(hours=1)
    history = [Paid(f"t{n}", NOW - n * hour, NOW - n * hour, Decimal(5), {"terminal": "T"}) for n in range(1, 60)]
    source = FakeCounters(counters(history, "T"))
    reader = AggregateReader(ActiveEventTypes(FakeEventTypeStore(shop(BUSY))), source)
    sent = Occurrence(shop_transaction(terminal="T"), NOW + timedelta(minutes=20))
    [found] = reader.begin([sent], [["count", "spent"]], NOW + timedelta(minutes=21)).values()
    assert [(one.entity, one.value, one.since, one.until) for one in source.asked] == [
        ("terminal", "T", NOW - 48 * hour, NOW)
    ]
    assert found == {"count": exactly(24), "spent": exactly(48 * 5)}
