"""Drift of the fields of an event type: what is counted of a payment, and how two spans of days are compared."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from fraudshield.analytics.category.category import Category, CountedFields, fields_of
from fraudshield.analytics.counted_transaction import CountedTransaction, TransactionChange
from fraudshield.analytics.field.drift import ENOUGH, FieldDrift, field_drift, field_index
from fraudshield.analytics.field.field import LEAST, MOST, PER_ITEM, field_delta, number_bin
from fraudshield.analytics.period import Period
from fraudshield.analytics.port import Slice
from tests.fakes import FakeAggregates

FIRST = date(2026, 10, 1)
FIELDS = CountedFields(("channel",), ("total",))


class Days(FakeAggregates):
    """Knows what was counted of fields, and how far it was read."""

    def __init__(self, *slices: Slice) -> None:
        super().__init__()
        self.counted = slices
        self.read = Counter[str]()

    def slices(self, series: str, first: str, last: str) -> Iterator[Slice]:
        for one in self.counted:
            if series == "fields#card" and first <= one.at <= last:
                self.read[one.at] += 1
                yield one


def day(at: int, number: int, shift: float = 1, seed: str = "", source: str = "api", **more: int) -> Slice:
    chance = Random(f"{at}{seed}")
    bins = Counter(f"total:{number_bin(shift * chance.lognormvariate(4, 1))}" for _ in range(number))
    counted = bins | Counter({"channel:web": number // 2, "channel:app": number - number // 2}) | Counter(more)
    counters = {name: Decimal(value) for name, value in counted.items()}
    return Slice((FIRST + timedelta(days=at)).isoformat(), source, "0", counters | {"payments": Decimal(number)})


def told(*slices: Slice, days: int = 20, since: str | None = "2026-10-01") -> FieldDrift:
    last = FIRST + timedelta(days=days)
    period = Period(last - timedelta(days=89), last, ("api",))
    return field_drift(Days(*slices), "card", FIELDS, since, period, last)


def indexes(found: FieldDrift) -> dict[str, tuple[float | None, bool]]:
    return {one["field"]: (one["index"], one["drifted"]) for one in found["fields"]}


def test_what_stays_as_it_was_stays_below_and_what_moves_is_named() -> None:
    before = [day(at, 100) for at in range(1, 14)]
    same = told(*before, *(day(at, 100) for at in range(14, 21)))
    assert same["enough"]
    assert all(index is not None and index < 0.1 for index, _ in indexes(same).values())
    moved = told(*before, *(day(at, 100, shift=3) for at in range(14, 21)))
    assert [(one["field"], one["drifted"]) for one in moved["fields"]] == [("total", True), ("channel", False)]


def test_the_reference_are_the_first_full_days_with_payments() -> None:
    found = told(*(day(at, 100) for at in (0, 1, 2, 3, 5, 6, 7, 8, 9, 15, 20)))
    assert found["reference"] == {"from": "2026-10-02", "to": "2026-10-09", "payments": 700}
    assert found["compared"] == {"from": "2026-10-16", "to": "2026-10-21", "payments": 200}
    assert not found["enough"]
    assert set(indexes(found).values()) == {(None, False)}


def test_small_days_make_a_longer_reference_that_is_read_no_farther() -> None:
    counts = Days(*(day(at, 50) for at in range(60)))
    period = Period(FIRST, FIRST + timedelta(days=60), ("api",))
    found = field_drift(counts, "card", FIELDS, "2026-10-01", period, period.last)
    assert found["reference"] == {"from": "2026-10-02", "to": "2026-10-11", "payments": 500}
    assert len(counts.read) < 20


@pytest.mark.parametrize(("number", "enough"), [(ENOUGH, True), (ENOUGH - 1, False)])
def test_too_few_are_not_compared(number: int, enough: bool) -> None:
    found = told(*(day(at, 100) for at in range(1, 8)), day(20, number, shift=9))
    assert (found["enough"], indexes(found)["total"][1]) == (enough, enough)


def test_before_anything_was_counted_it_says_so() -> None:
    nothing = told(since=None)
    assert (nothing["counted_from"], nothing["reference"], nothing["compared"]) == (None, None, None)
    assert set(indexes(nothing).values()) == {(None, False)}
    assert told(day(0, 900), days=0)["reference"] is None  # today is not over


def test_other_sources_are_not_among_them() -> None:
    found = told(*(day(at, 100, source="queue") for at in range(1, 21)))
    assert found["reference"] is None


def test_a_field_that_is_no_longer_sent_has_moved_and_one_that_is_new_has_not() -> None:
    gone = {"payments": 600}
    late = Slice("2026-10-21", "api", "0", {name: Decimal(value) for name, value in gone.items()})
    assert indexes(told(*(day(at, 100) for at in range(1, 8)), late))["channel"][1]
    early = [Slice(f"2026-10-{at:02d}", "api", "0", {"payments": Decimal(100)}) for at in range(2, 9)]
    assert indexes(told(*early, day(20, 600)))["channel"] == (None, False)


def test_fifty_values_of_too_few_payments_are_no_drift() -> None:
    chance = Random("fifty")
    then, now = (Counter(f"v{chance.randrange(50)}" for _ in range(ENOUGH)) for _ in range(2))
    assert field_index(then, now) < 0.25
    assert field_index(then, Counter({"new": ENOUGH})) > 0.25


def test_bins_are_thirds_of_a_decade_and_have_ends() -> None:
    values = (0, 1, 1000, 1e40, 1e-40, -1, -20, 2.1, 2.2)
    assert [number_bin(one) for one in values] == ["0", "p0", "p9", "p27", "p-6", "m0", "m1", "p0", "p1"]
    assert len({number_bin(sign * 10 ** (at / 9)) for at in range(-90, 300) for sign in (-1, 1)}) <= 50
    assert (LEAST, MOST) == (-6, 27)  # part of what is stored


def test_a_payment_counts_once_when_it_is_stored() -> None:
    fields = CountedFields(("channel", *(f"c{at}" for at in range(7))), ("total", "fee", "amount"))
    one = CountedTransaction(
        "t1",
        "api",
        "2026-11-24T10:00:00.000000Z",
        "card",
        Decimal(7),
        None,
        event_type="card",
        numbers={"total": 12.5, "personal": 3.0},
    )
    places = [Category("card", "event_type", "card"), Category("card", "channel", "*")]
    counted = field_delta(TransactionChange(None, one, inserted=True), places, fields)
    series = "fields#card"
    assert counted == {
        (series, "2026-11-24#api#0"): {"payments": 1, "channel:*": 1},
        (series, "2026-11-24#api#1"): {"total:p3": 1},
        (series, "2026-11-24#api#2"): {"amount:p2": 1},
    }
    assert field_delta(TransactionChange(one, one), places, fields) == {}
    assert PER_ITEM * 51 < 300  # operators of an update


def test_personal_numbers_identifiers_and_what_is_stored_apart_are_not_counted() -> None:
    number = {"kind": "number"}
    own = {
        "age": number | {"personal": True},
        "chargeback": number | {"later": True},
        "terminal": {"kind": "integer", "entity": "terminal"},
        **{f"n{at}": number for at in range(10)},
        "shop": {"kind": "category"},
    }
    found = fields_of({"lineage": ["payment"], "inherited": {"amount": number, "step": number}, "fields": own})
    assert found == CountedFields(("shop",), ("amount", *(f"n{at}" for at in range(7))))
