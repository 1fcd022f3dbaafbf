"""What people may do with lists."""

from datetime import timedelta

import pytest

from fraudshield.errors import InvalidInput, NotFound
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.value_list.port import AdditionResult, ListConflict
from fraudshield.value_list.request import EntryLine, EntryRequest, ListRequest, RefusedEntryLine, read_entries
from fraudshield.value_list.service import TRUSTED_FOR, ListService
from fraudshield.value_list.value_list import MOST_LISTS, ValueList
from tests.authors import ADA
from tests.value_lists.fake import ANALYST, MADE_AT, FakeListStore, list_of

LATER = MADE_AT + timedelta(days=1)


class Trusting:
    """The `TrustingRules` port: an approve rule asks `trusted`."""

    def trust(self, name: str) -> bool:
        return name == "trusted"


def service(*lists: ValueList) -> tuple[ListService, FakeListStore]:
    store = FakeListStore(*lists)
    return ListService(store, Trusting()), store


def put(lists: ListService, name: str, kind: str, description: str = "") -> ValueList:
    return lists.put(name, ListRequest(kind=kind, description=description), [BUILT_IN], ADA, LATER)


def test_a_list_is_made_once_and_described_anew() -> None:
    lists, store = service()
    made = put(lists, "mules", "account")
    assert put(lists, "mules", "account") is made
    again = put(lists, "mules", "account", "Told by banks")
    assert (again.created_at, again.description) == (made.created_at, "Told by banks")
    assert [(one.kind, one.action, one.subject) for one in store.logged] == [
        ("list", "created", "mules"),
        ("list", "changed", "mules"),
    ]
    assert store.logged[0].after == store.logged[1].before != store.logged[1].after


def test_the_kind_of_a_list_stays() -> None:
    lists, _ = service(list_of("mules"))
    with pytest.raises(ListConflict):
        put(lists, "mules", "text")


def test_a_kind_is_an_entity_of_some_type_or_a_field_of_texts() -> None:
    lists, _ = service()
    for kind in ("account", "text", "category"):
        put(lists, f"of_{kind}", kind)
    with pytest.raises(InvalidInput) as refused:
        put(lists, "odd", "acount")
    assert refused.value.faults[0].detail.endswith("did you mean account?")


@pytest.mark.parametrize("name", ["in", "max", "risk"])
def test_no_list_is_called_as_a_word_of_the_language(name: str) -> None:
    lists, _ = service()
    with pytest.raises(InvalidInput) as refused:
        put(lists, name, "account")
    assert refused.value.faults[0].code == "reserved_name"


def test_there_are_no_more_than_a_hundred_lists() -> None:
    lists, _ = service(*(list_of(f"l{number}") for number in range(MOST_LISTS)))
    with pytest.raises(InvalidInput) as refused:
        put(lists, "mules", "account")
    assert refused.value.code == "too_many_lists"


def test_an_unknown_list_is_told_with_the_one_that_was_probably_meant() -> None:
    lists, _ = service(list_of("mules"))
    with pytest.raises(NotFound, match="did you mean mules"):
        lists.add("mule", EntryRequest(value="C1"), ADA, LATER)


def test_what_an_analyst_lets_pass_expires_within_ninety_days() -> None:
    lists, _ = service(list_of("trusted"), list_of("mules"))
    entry, _ = lists.add("trusted", EntryRequest(value="C1"), ANALYST, LATER)
    assert entry.expires_at == LATER + TRUSTED_FOR
    soon = EntryRequest.model_validate({"value": "C2", "expires_at": "2026-12-01T00:00:00Z"})
    assert lists.add("trusted", soon, ANALYST, LATER)[0].expires_at == soon.expires_at
    late = EntryRequest.model_validate({"value": "C3", "expires_at": "2027-12-01T00:00:00Z"})
    with pytest.raises(InvalidInput) as refused:
        lists.add("trusted", late, ANALYST, LATER)
    assert refused.value.faults[0].code == "trusted_too_long"
    assert lists.add("trusted", late, ADA, LATER)[0].expires_at == late.expires_at
    assert lists.add("mules", EntryRequest(value="C1"), ANALYST, LATER)[0].expires_at is None


def test_lines_of_a_file_fail_alone() -> None:
    lists, store = service(list_of("trusted"))
    body = b"value,expires_at\nC1,\nC2,yesterday\nC3,2027-12-01T00:00:00Z\nC4,2026-12-01T00:00:00Z\n"
    lines = read_entries(body, list_of("trusted"), LATER)
    done = lists.add_lines(list_of("trusted"), lines, ANALYST, LATER, stop_at=0.0)
    assert [one.fault.code if isinstance(one, RefusedEntryLine) else one for one in done] == [
        AdditionResult.ADDED,
        "rfc3339",
        "trusted_too_long",
        AdditionResult.ADDED,
    ]
    assert sorted(value for _, value in store.entries) == ["C1", "C4"]


def test_a_person_is_forgotten_in_every_list_that_may_name_them() -> None:
    lists, store = service(list_of("mules"), list_of("mails", "text"), list_of("devices", "device"))
    for name, value in (("mules", "C1"), ("mails", "c1"), ("mails", "C1"), ("devices", "C1"), ("mules", "C2")):
        lists.add(name, EntryRequest(value=value), ADA, LATER)
    assert [one.value_list.name for one in lists.holding("account", "C1", LATER)] == ["mails", "mules"]
    assert lists.forget("account", "C1") == 3
    assert sorted(store.entries) == [("devices", "C1"), ("mules", "C2")]


def test_what_is_not_on_a_list_cannot_be_removed() -> None:
    lists, _ = service(list_of("mules"))
    lists.add("mules", EntryRequest(value="C1"), ADA, LATER)
    assert lists.remove("mules", "C1", ADA, LATER).state(LATER) == "removed"
    for value in ("C1", "C2"):
        with pytest.raises(NotFound):
            lists.remove("mules", value, ADA, LATER)


def test_lines_are_numbered_as_in_the_file() -> None:
    [line] = read_entries(b"value\n\nC1\n", list_of(), LATER)
    assert isinstance(line, EntryLine)
    assert line.number == 3
