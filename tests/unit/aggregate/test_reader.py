"""What is asked for payments, and what is said of what did not come."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from fraudshield.aggregate.reader import AggregateReader
from fraudshield.aggregate.value import NOT_READ, NOTHING, exactly, unread
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.transaction.occurrence import Occurrence
from fraudshield.transaction.transaction import Transaction
from tests.aggregates.fakes import FakeHistory
from tests.aggregates.shop import Paid, shop, shop_transaction
from tests.fake_event_types import FakeEventTypeStore
from tests.fakes import NOW

HOUR = timedelta(hours=1)
ASKED: Any = {
    "hour": {"count": True, "over": "card", "within": "1h"},
    "day": {"count": True, "over": "card", "within": "24h"},
    "kept": {"count": True, "over": "device", "keep": True},
    "sent": {"sum": "amount", "over": "nameOrig", "within": "7d"},
}


def reader(history: FakeHistory, aggregates: Any = None) -> AggregateReader:
    types = ActiveEventTypes(FakeEventTypeStore(shop(aggregates or ASKED)))
    return AggregateReader(types, history)


def occurrences(*transactions: Transaction) -> list[Occurrence]:
    return [Occurrence(one, NOW) for one in transactions]


def before(name: str, ago: timedelta) -> Any:
    return Paid(name, NOW - ago, NOW - ago, Decimal(5), {}).row


def test_one_question_goes_out_for_each_entity_as_far_back_as_any_aggregate_asks() -> None:
    history = FakeHistory()
    pending = reader(history).begin(occurrences(shop_transaction()), [{"hour", "day", "sent"}], NOW)
    assert [(one.entity, one.role, one.value, one.since, one.own) for one in history.asked] == [
        ("card", None, "card-1", NOW - 24 * HOUR, "t1"),
        ("device", None, "device-1", None, "t1"),
        ("account", "sender", "C1", NOW - 7 * 24 * HOUR, "t1"),
    ]
    assert pending.values() == [{"hour": exactly(0), "day": exactly(0), "kept": exactly(0), "sent": exactly(0)}]


def test_what_nobody_asks_is_not_read_but_for_what_is_kept() -> None:
    history = FakeHistory()
    assert reader(history).begin(occurrences(shop_transaction()), [()], NOW).values() == [{"kept": exactly(0)}]
    assert [one.value for one in history.asked] == ["device-1"]


def test_a_payment_of_the_built_in_type_asks_nothing(transaction: Any) -> None:
    history = FakeHistory()
    assert reader(history).begin(occurrences(transaction()), [{"hour"}], NOW).values() == [{}]
    assert history.asked == []


def test_a_payment_without_the_entity_has_no_such_aggregate() -> None:
    history = FakeHistory()
    found = reader(history).begin(occurrences(shop_transaction(device=None)), [{"hour"}], NOW).values()
    assert found == [{"hour": exactly(0), "kept": NOTHING}]


def test_what_is_late_has_no_value_and_is_named() -> None:
    rows = [before("a", HOUR / 2), before("b", 2 * HOUR)]
    [found] = (
        reader(FakeHistory(late={"device-1"}, **{"card-1": rows}))
        .begin(occurrences(shop_transaction()), [{"hour", "day"}], NOW)
        .values()
    )
    assert found == {"hour": exactly(1), "day": exactly(2), "kept": NOT_READ}
    assert unread(found) == ("aggregate_unread:kept",)


def test_each_payment_of_a_call_has_its_own_values() -> None:
    sent = [shop_transaction("t1", card="card-1"), shop_transaction("t2", card="card-2")]
    found = (
        reader(FakeHistory(**{"card-2": [before("a", HOUR / 2)]}))
        .begin(occurrences(*sent), [{"hour"}] * len(sent), NOW)
        .values()
    )
    assert [one["hour"] for one in found] == [exactly(0), exactly(1)]


def test_a_type_that_cannot_be_looked_up_any_more_asks_nothing() -> None:
    store = FakeEventTypeStore()
    store.down = True
    history = FakeHistory()
    pending = AggregateReader(ActiveEventTypes(store), history).begin(occurrences(shop_transaction()), [{"hour"}], NOW)
    assert (pending.values(), history.asked) == ([{}], [])


def test_a_payment_is_asked_what_its_own_policy_asks() -> None:
    """Two policies in a call: what one asks is not read for the payments of the other."""
    sent = [shop_transaction("t1", card="card-1"), shop_transaction("t2", card="card-2")]
    history = FakeHistory()
    found = reader(history).begin(occurrences(*sent), [{"hour"}, {"day"}], NOW).values()
    assert [{*one} - {"kept"} for one in found] == [{"hour"}, {"day"}]
