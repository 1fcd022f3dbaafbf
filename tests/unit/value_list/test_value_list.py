"""An entry of a list: when its value counts, and what is remembered of it afterwards."""

from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from fraudshield.value_list.dynamo_item import definition_in, definition_item, end_in, entry_in, entry_item
from fraudshield.value_list.value_list import KEPT, MOST_SPANS, Addition, ListEntry, added, digest_of, removed
from tests.authors import ADA
from tests.value_lists.fake import ANALYST, MADE_AT, list_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(days: float) -> datetime:
    return MADE_AT + days * DAY


def on_and_off() -> ListEntry:
    """On from day 0 to 10, and again from day 20 until it expires on day 30."""
    first = removed(added(None, Addition("C1", "seen"), ADA, at(0)), ADA, at(10))
    return added(first, Addition("C1", "again", at(30)), ANALYST, at(20))


@pytest.mark.parametrize(
    ("day", "is_on"), [(-0.1, False), (0, True), (9.9, True), (10, False), (20, True), (29.9, True), (30, False)]
)
def test_a_value_was_on_the_list_from_its_addition_to_its_end(day: float, is_on: bool) -> None:
    assert on_and_off().is_on(at(day)) is is_on


def test_an_entry_says_whether_it_counts_or_why_not() -> None:
    entry = on_and_off()
    assert [entry.state(at(day)) for day in (20, 30)] == ["on", "expired"]
    assert removed(entry, ADA, at(25)).state(at(25)) == "removed"
    assert removed(entry, ADA, at(31)) is entry


def test_an_addition_that_says_nothing_new_changes_nothing() -> None:
    entry = added(None, Addition("C1", "seen"), ADA, at(0))
    assert added(entry, Addition("C1", "seen"), ANALYST, at(1)) is entry
    changed = added(entry, Addition("C1", "seen", at(9)), ANALYST, at(1))
    assert (changed.added_at, changed.expires_at, changed.by, changed.revision) == (at(0), at(9), "analyst-key", 2)


def test_times_of_long_ago_are_forgotten_and_never_more_than_twenty_kept() -> None:
    entry = removed(added(None, Addition("C1"), ADA, at(0)), ADA, at(1))
    assert added(entry, Addition("C1"), ADA, at(1) + KEPT).earlier == ()
    for turn in range(MOST_SPANS + 5):
        entry = removed(added(entry, Addition("C1"), ADA, at(2) + turn * HOUR), ADA, at(2) + turn * HOUR + HOUR / 2)
    assert len(entry.earlier) == MOST_SPANS


@pytest.mark.parametrize("entry", [on_and_off(), added(None, Addition("-1 \u00e9"), ADA, at(0))])
def test_an_item_is_read_back_as_it_was(entry: ListEntry) -> None:
    item = entry_item("mule_accounts", entry)
    assert entry_in(item) == entry
    assert end_in(item) == entry.ended_at


def test_an_item_ages_out_ninety_days_after_its_end_and_not_before() -> None:
    assert "expires_at" not in entry_item("a", added(None, Addition("C1"), ADA, at(0)))
    assert entry_item("a", on_and_off())["expires_at"]["N"] == str(int((at(30) + KEPT).timestamp()))
    assert end_in(entry_item("a", removed(on_and_off(), ADA, at(21)))) == at(21)


def test_a_lists_entries_lie_in_sixteen_partitions() -> None:
    values = [f"C{number}" for number in range(1000)]
    parts = [entry_item("a", added(None, Addition(one), ADA, at(0)))["list_part"]["S"] for one in values]
    assert set(parts) == {f"a#{digit:x}" for digit in range(16)}
    assert max(parts.count(one) for one in set(parts)) < 100
    assert len({digest_of(one) for one in values}) == 1000


def test_a_list_is_read_back_as_it_was() -> None:
    made = list_of().model_copy(update={"description": "Mules", "by": "key-id", "actor": "ada"})
    assert definition_in(definition_item(made)) == made
    assert definition_in(definition_item(list_of())) == list_of()


@pytest.mark.parametrize("name", ["Mules", "1st", "a-b", ""])
def test_no_list_is_called_what_an_expression_cannot_name(name: str) -> None:
    with pytest.raises(ValidationError):
        list_of(name=name).model_validate(list_of().model_dump() | {"name": name})
