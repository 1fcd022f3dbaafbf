"""Reading lists for payments: once a minute for each value, absent ones too, and nothing that nobody asks."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from fraudshield.budget import LIST_CACHE_S
from fraudshield.expression.names import ListQuestion
from fraudshield.expression.reading import Unread
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.value_list.answer import ListAnswers, readable, unread_lists
from fraudshield.value_list.as_of import AskedAt, ListsAsOf, Place
from fraudshield.value_list.reader import MOST_KNOWN, ListReader, LookedUp
from fraudshield.value_list.value_list import Addition, ListEntry, added, digest_of, removed
from tests.authors import ADA
from tests.conftest import README_TRANSACTION
from tests.value_lists.fake import MADE_AT, FakeEntries

SENDER, RECEIVER = ListQuestion("mules", "nameOrig"), ListQuestion("mules", "nameDest")
SMALL, MISSING = ListQuestion("small", "nameOrig", lower=True), ListQuestion("mules", "device_id")


def payment(**fields: Any) -> BuiltInTransaction:
    sent = README_TRANSACTION | fields
    return BuiltInTransaction.model_validate(
        {name: Decimal(str(value)) if isinstance(value, float) else value for name, value in sent.items()}
    )


PAYMENT = payment(nameOrig="C1", nameDest="C2")


class Clock:
    """Seconds that a test turns on."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


def reader(entries: FakeEntries) -> tuple[ListReader, Clock]:
    clock = Clock()
    return ListReader(entries, clock, lambda: MADE_AT + timedelta(seconds=clock.at)), clock


def test_a_list_holds_what_is_on_it_and_a_missing_field_asks_nothing() -> None:
    entries = FakeEntries(mules=["C2"], small=["c1"])
    lists, _ = reader(entries)
    [answers] = lists.begin([(PAYMENT, {SENDER, RECEIVER, SMALL, MISSING})]).answers()
    assert answers == {SENDER: False, RECEIVER: True, SMALL: True}
    assert entries.reads == [(3, 1)]
    assert readable(answers, PAYMENT) == {"mules": {"C2"}, "small": {"c1"}}


def test_nothing_is_read_where_nobody_asks() -> None:
    entries = FakeEntries()
    lists, _ = reader(entries)
    assert lists.begin([(PAYMENT, ()), (PAYMENT, frozenset())]).answers() == [{}, {}]
    assert lists.begin([(PAYMENT, {MISSING})]).answers() == [{}]
    assert entries.reads == []


def test_what_is_known_is_asked_again_after_a_minute_present_or_absent() -> None:
    entries = FakeEntries(mules=["C2"])
    lists, clock = reader(entries)
    asking = [(PAYMENT, {SENDER, RECEIVER})] * 3
    for at in (0, 1, LIST_CACHE_S - 1):
        clock.at = at
        assert lists.begin(asking).answers() == [{SENDER: False, RECEIVER: True}] * 3
    assert entries.reads == [(2, 3)]
    entries.found = {("mules", digest_of("C1")): LookedUp(True)}
    clock.at = LIST_CACHE_S
    assert lists.begin(asking).answers()[0] == {SENDER: True, RECEIVER: False}
    assert LIST_CACHE_S < 60


def test_an_entry_ends_to_the_second_though_it_is_remembered() -> None:
    lists, clock = reader(FakeEntries(mules={"C1": LookedUp(True, MADE_AT + timedelta(seconds=10))}))
    for at, held in ((9, True), (10, False)):
        clock.at = at
        assert lists.begin([(PAYMENT, {SENDER})]).answers() == [{SENDER: held}]


def test_what_is_late_is_unread_named_and_not_remembered() -> None:
    entries = FakeEntries(mules=["C1"], small=["c1"])
    entries.late = {"mules"}
    lists, _ = reader(entries)
    [answers] = lists.begin([(PAYMENT, {SENDER, SMALL})]).answers()
    assert answers == {SENDER: None, SMALL: True}
    assert unread_lists(answers) == ("list_unread:mules",)
    read = readable(answers, PAYMENT)
    assert isinstance(read["mules"], Unread)
    assert read["small"] == {"c1"}
    entries.late = set()
    assert lists.begin([(PAYMENT, {SENDER})]).answers() == [{SENDER: True}]


def test_a_process_remembers_so_many_look_ups_and_forgets_the_oldest() -> None:
    entries = FakeEntries()
    lists, _ = reader(entries)
    lists.begin([(PAYMENT, {SENDER})]).answers()
    lists.remember({("mules", number.to_bytes(16)): LookedUp(False) for number in range(MOST_KNOWN)}, 0.0)
    lists.begin([(PAYMENT, {SENDER})]).answers()
    assert [keys for keys, _ in entries.reads] == [1, 1]


class FakeHistory:
    """The `ListHistory` port over entries."""

    def __init__(self, *entries: ListEntry) -> None:
        self.of = {("mules", one.value): one for one in entries}
        self.asked: list[Place] = []

    def entries(self, places: Sequence[Place]) -> Mapping[Place, ListEntry]:
        self.asked += places
        return {place: self.of[place] for place in places if place in self.of}


def test_a_list_is_asked_as_of_a_payments_time() -> None:
    day = timedelta(days=1)
    entry = removed(added(None, Addition("C1"), ADA, MADE_AT), ADA, MADE_AT + 5 * day)
    history = FakeHistory(entry)
    asked = [AskedAt(PAYMENT, MADE_AT + days * day, {SENDER, RECEIVER}) for days in (-1, 0, 4, 5)]
    answers: Sequence[ListAnswers] = ListsAsOf(history).answers(asked)
    assert [one[SENDER] for one in answers] == [False, True, True, False]
    assert {one[RECEIVER] for one in answers} == {False}
    assert sorted(history.asked) == [("mules", "C1"), ("mules", "C2")]


def test_one_look_up_as_of_a_time_is_read_once() -> None:
    history = FakeHistory(added(None, Addition("C1"), ADA, MADE_AT))
    lists = ListsAsOf(history)
    assert [lists.was_on("mules", "C1", MADE_AT + timedelta(hours=hours)) for hours in (-1, 0)] == [False, True]
    assert not lists.was_on("mules", "C9", MADE_AT)
    assert history.asked == [("mules", "C1"), ("mules", "C9")]
