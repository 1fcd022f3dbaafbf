"""The rates of a process: read when a payment needs one, once a minute, and by their digest."""

import pytest

from fraudshield.budget import EVENT_TYPE_LOOK_S, POLICY_CACHE_S, STORE_S
from fraudshield.errors import StoreUnavailable
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.rate.active import ActiveRates
from fraudshield.rate.rate import NO_RATES
from fraudshield.rate.request import RateTable
from tests.authors import ADA
from tests.fake_event_types import FakeEventTypeStore
from tests.fakes import NOW
from tests.rates.fake import YEN, FakeRateStore, rates_of

YENS = RateTable("EUR", YEN.rates)
OTHER = RateTable("EUR", rates_of(("JPY", "2026-01-01", "0.0070")).rates)


class World:
    """Two processes over one store."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.types = FakeEventTypeStore()
        self.store = FakeRateStore(self.types)
        self.rates, self.others = self.process(), self.process()

    def process(self) -> ActiveRates:
        return ActiveRates(ActiveEventTypes(self.types, lambda: self.now), self.store)


@pytest.fixture
def world() -> World:
    return World()


def test_before_any_are_put_there_are_none(world: World) -> None:
    assert world.rates.current().rates is NO_RATES
    assert not world.rates.current().unread
    assert (world.types.looks, world.store.reads) == (1, [])


def test_what_is_put_is_in_force_at_once_here_and_within_a_minute_elsewhere(world: World) -> None:
    assert world.others.current().rates.version == 0
    made = world.rates.put(YENS, ADA, NOW)
    assert (made.version, made.created_by, made.created_at) == (1, ADA.key_id, NOW)
    assert world.rates.current().rates == made
    assert world.others.current().rates.version == 0
    world.now += POLICY_CACHE_S
    assert world.others.current().rates == made
    assert world.others.current().rates == made
    assert world.store.reads == [1]  # of the other process, once


def test_every_change_has_its_entry_and_what_changes_nothing_has_none(world: World) -> None:
    first = world.rates.put(YENS, ADA, NOW)
    assert world.others.put(YENS, ADA, NOW) == first
    second = world.rates.put(OTHER, ADA, NOW)
    made, changed = world.store.entries
    assert (made.kind, made.action, made.before, made.after, made.version) == (
        "rates",
        "created",
        None,
        first.digest,
        1,
    )
    assert (changed.action, changed.before, changed.after, changed.version) == (
        "changed",
        first.digest,
        second.digest,
        2,
    )
    assert made.counts == {"rates": 3, "currencies": 3}


def test_with_the_store_away_the_known_ones_serve_and_say_nothing(world: World) -> None:
    world.rates.put(YENS, ADA, NOW)
    world.types.down = world.store.down = True
    world.now += POLICY_CACHE_S
    known = world.rates.current()
    assert (known.rates.version, known.unread) == (1, False)
    unknown = world.others.current()
    assert (unknown.rates.version, unknown.unread) == (0, True)


def test_a_version_that_cannot_be_read_yet_leaves_the_one_before_it_in_force(world: World) -> None:
    world.rates.put(YENS, ADA, NOW)
    assert world.others.current().rates.version == 1
    world.rates.put(OTHER, ADA, NOW)
    world.store.down, world.now = True, world.now + POLICY_CACHE_S
    assert world.others.current().rates.version == 1
    world.store.down = False
    assert world.others.current().rates.version == 2


def test_a_version_that_takes_longer_than_a_payment_waits_is_taken_up_by_one_after_it(world: World) -> None:
    """It is read once, and nobody waits for it a second time."""
    world.rates.put(YENS, ADA, NOW)
    assert world.others.current().rates.version == 1
    world.rates.put(OTHER, ADA, NOW)
    world.store.waited_s.clear()
    world.store.slow, world.now = True, world.now + POLICY_CACHE_S
    assert [world.others.current().rates.version for _ in range(3)] == [1, 1, 1]
    world.store.slow = False
    assert not world.others.current().unread
    assert world.others.current().rates.version == 2
    assert world.store.reads == [1, 2]
    assert world.store.waited_s == [EVENT_TYPE_LOOK_S, 0, 0, 0]


def test_a_large_first_version_is_unread_only_until_it_is_there(world: World) -> None:
    world.rates.put(YENS, ADA, NOW)
    world.store.slow = True
    assert [world.others.current().unread for _ in range(2)] == [True, True]
    world.store.slow = False
    found = world.others.current()
    assert (found.rates.version, found.unread) == (1, False)
    assert world.store.waited_s == [STORE_S, 0, 0]


def test_what_was_being_read_when_another_came_is_not_taken_up(world: World) -> None:
    world.rates.put(YENS, ADA, NOW)
    world.store.slow = True
    assert world.others.current().unread
    world.rates.put(OTHER, ADA, NOW)
    world.store.slow, world.now = False, world.now + POLICY_CACHE_S
    assert world.others.current().rates.version == 2


def test_versions_of_before_are_found(world: World) -> None:
    first = world.rates.put(YENS, ADA, NOW)
    world.rates.put(OTHER, ADA, NOW)
    assert world.others.version(1) == first
    assert world.others.version(3) is None
    world.store.down = True
    with pytest.raises(StoreUnavailable):
        world.others.version(1)


def test_an_event_type_and_rates_do_not_undo_each_other(world: World) -> None:
    world.rates.put(YENS, ADA, NOW)
    assert world.types.now.rates is not None
    assert world.others.newest().version == 1
    world.others.put(OTHER, ADA, NOW)
    assert world.types.now.revision == 2
