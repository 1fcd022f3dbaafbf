"""The event types of a process: read once a minute, looked up anew before anything is refused as unknown."""

from copy import deepcopy
from typing import Any

import pytest

from fraudshield.budget import FRESH_LOOK_S, POLICY_CACHE_S
from fraudshield.errors import BreaksStored, InvalidInput, NoSlot, NotFound, StoreUnavailable, UnknownEventType
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.event_type.check import read_document
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import BUILT_IN
from tests.authors import ADA
from tests.event_types import CARD, WITH_DEVICE, version_of
from tests.fake_event_types import FakeEventTypeStore
from tests.fakes import NOW


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> FakeEventTypeStore:
    return FakeEventTypeStore(version_of(WITH_DEVICE))


@pytest.fixture
def active(store: FakeEventTypeStore, clock: Clock) -> ActiveEventTypes:
    return ActiveEventTypes(store, clock)


def wider(colour: str = "colour") -> Any:
    document = deepcopy(dict(WITH_DEVICE))
    document["fields"][colour] = {"kind": "text"}
    return document


def put(types: ActiveEventTypes, document: Any) -> EventType:
    return types.put(read_document(dict(document)), ADA, NOW)


def test_the_built_in_type_costs_no_read(active: ActiveEventTypes, store: FakeEventTypeStore) -> None:
    store.down = True
    assert active.named("payment") is BUILT_IN
    assert active.renewed(BUILT_IN) is BUILT_IN
    assert store.looks == 0


def test_what_is_in_force_is_read_once_a_minute(
    active: ActiveEventTypes, store: FakeEventTypeStore, clock: Clock
) -> None:
    for second in range(int(POLICY_CACHE_S)):
        clock.now = 1000 + second
        assert active.named("web_payment").version == 1
    assert (store.looks, store.reads) == (1, [("web_payment", 1)])
    clock.now = 1000 + POLICY_CACHE_S
    active.named("web_payment")
    assert (store.looks, store.reads) == (2, [("web_payment", 1)])  # a known digest is not fetched again


def test_a_version_put_elsewhere_is_seen_within_a_minute(
    active: ActiveEventTypes, store: FakeEventTypeStore, clock: Clock
) -> None:
    active.named("web_payment")
    put(ActiveEventTypes(store), wider())
    assert active.named("web_payment").version == 1
    clock.now += POLICY_CACHE_S
    assert active.named("web_payment").version == 2


def test_a_type_put_elsewhere_can_be_sent_at_once(active: ActiveEventTypes, store: FakeEventTypeStore) -> None:
    active.named("web_payment")
    put(ActiveEventTypes(store), CARD)
    assert active.named("card_payment").version == 1


def test_a_version_put_elsewhere_is_seen_before_a_field_is_refused(
    active: ActiveEventTypes, store: FakeEventTypeStore
) -> None:
    known = active.named("web_payment")
    put(ActiveEventTypes(store), wider())
    assert active.renewed(known).version == 2


def test_an_unknown_name_is_looked_for_once_in_five_seconds(
    active: ActiveEventTypes, store: FakeEventTypeStore, clock: Clock
) -> None:
    for _ in range(3):
        with pytest.raises(UnknownEventType, match="no event type 'nothing'"):
            active.named("nothing")
    assert store.looks == 2  # the minute's own, and one for the name
    clock.now += FRESH_LOOK_S
    with pytest.raises(UnknownEventType):
        active.named("nothing")
    assert store.looks == 3


def test_each_name_has_looks_of_its_own(active: ActiveEventTypes, store: FakeEventTypeStore) -> None:
    with pytest.raises(UnknownEventType):
        active.named("nothing")
    put(ActiveEventTypes(store), CARD)
    assert active.named("card_payment").name == "card_payment"


def test_known_types_serve_while_the_store_is_away(
    active: ActiveEventTypes, store: FakeEventTypeStore, clock: Clock
) -> None:
    known = active.named("web_payment")
    store.down = True
    clock.now += POLICY_CACHE_S
    assert active.named("web_payment") == known
    assert active.renewed(known) == known


def test_a_type_that_was_never_read_is_not_called_unknown_while_the_store_is_away(
    active: ActiveEventTypes, store: FakeEventTypeStore
) -> None:
    store.down = True
    with pytest.raises(StoreUnavailable):
        active.named("web_payment")


def test_the_first_version_is_one_and_each_change_makes_the_next(active: ActiveEventTypes) -> None:
    first = put(active, CARD)
    second = put(active, {**CARD, "unknown": "keep"})
    assert (first.version, second.version, second.created_by, second.actor) == (1, 2, "key-id", "ada")
    assert active.version("card_payment", 1) == first
    assert active.newest("card_payment") == second
    with pytest.raises(NotFound, match="no version 3"):
        active.version("card_payment", 3)


def test_the_same_document_again_makes_no_version(active: ActiveEventTypes, store: FakeEventTypeStore) -> None:
    put(active, CARD)
    assert put(active, CARD).version == 1
    assert put(ActiveEventTypes(store), CARD).version == 1


def test_a_type_keeps_the_fields_that_its_base_had(active: ActiveEventTypes) -> None:
    put(active, {"name": "app_payment", "extends": "web_payment", "fields": {"app": {"kind": "text"}}})
    put(active, wider())
    app = active.newest("app_payment")
    assert (app.lineage, "colour" in app.all_fields) == (("web_payment", "payment"), False)
    assert [*app.all_fields][-3:] == ["device_id", "currency", "app"]


@pytest.mark.parametrize(
    ("document", "refusal"),
    [
        ({**WITH_DEVICE, "fields": {}}, BreaksStored),
        ({"name": "x", "extends": "nothing"}, InvalidInput),
        ({"name": "x", "extends": "payment",
          "fields": {name: {"kind": "text", "entity": True} for name in ("a", "b", "c", "d")}}, NoSlot),
    ],
)  # fmt: skip
def test_what_is_refused_is_not_stored(
    active: ActiveEventTypes, store: FakeEventTypeStore, document: Any, refusal: type[Exception]
) -> None:
    before = dict(store.stored)
    with pytest.raises(refusal):
        put(active, document)
    assert store.stored == before


def test_all_types_are_listed_the_built_in_one_first(active: ActiveEventTypes) -> None:
    put(active, CARD)
    assert [one.name for one in active.all()] == ["payment", "card_payment", "web_payment"]
