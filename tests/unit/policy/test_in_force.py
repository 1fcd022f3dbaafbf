"""The policy in force: remembered for a minute, never lost, changed one version at a time."""

import pytest

from fraudshield.budget import POLICY_CACHE_S
from fraudshield.errors import PolicyConflict, StoreUnavailable
from fraudshield.policy.in_force import ActivePolicy
from fraudshield.policy.policy import Policy, PolicyChange, Thresholds, first_policy
from fraudshield.policy.port import StoredInForce
from tests.authors import ADA
from tests.fake_policies import FakePolicyStore
from tests.fakes import NOW

FIRST = first_policy(Thresholds(review=0.3, block=0.8))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> FakePolicyStore:
    return FakePolicyStore()


@pytest.fixture
def active(store: FakePolicyStore, clock: Clock) -> ActivePolicy:
    return ActivePolicy(store, FIRST, clock)


def stored(version: int) -> Policy:
    return Policy(version=version, thresholds=Thresholds(review=0.1, block=0.2), created_by="elsewhere")


def change(based_on: int) -> PolicyChange:
    return PolicyChange(based_on=based_on, thresholds=Thresholds(review=0.4, block=0.6), note="stricter")


def test_until_somebody_stores_one_the_first_version_holds(active: ActivePolicy) -> None:
    assert active.current().policy == FIRST


def test_the_newest_stored_one_holds(active: ActivePolicy, store: FakePolicyStore) -> None:
    store.stored = {one: stored(one) for one in (2, 10, 9)}
    assert active.current().policy.version == 10


def test_it_is_read_once_a_minute(active: ActivePolicy, store: FakePolicyStore, clock: Clock) -> None:
    active.current()
    store.stored[2] = stored(2)
    clock.now = POLICY_CACHE_S - 0.001
    assert (active.current().policy.version, store.reads) == (1, 1)
    clock.now = POLICY_CACHE_S
    assert (active.current().policy.version, store.reads) == (2, 2)


def test_with_the_store_gone_the_last_known_holds_and_says_so(
    active: ActivePolicy, store: FakePolicyStore, clock: Clock
) -> None:
    store.stored[2] = stored(2)
    active.current()
    store.down = True
    assert active.current().degraded == ()
    clock.now = POLICY_CACHE_S
    assert (active.current().policy.version, active.current().degraded) == (2, ("policy_unread",))


def test_with_the_store_gone_from_the_start_the_first_version_holds_and_says_so(
    active: ActivePolicy, store: FakePolicyStore
) -> None:
    store.down = True
    assert (active.current().policy, active.current().degraded) == (FIRST, ("policy_unread",))


def test_once_the_store_is_back_it_is_read_again(active: ActivePolicy, store: FakePolicyStore) -> None:
    store.down = True
    active.current()
    store.down = False
    store.stored[2] = stored(2)
    assert (active.current().policy.version, active.current().degraded) == (2, ())


def test_asking_for_the_newest_reads_even_within_the_minute(active: ActivePolicy, store: FakePolicyStore) -> None:
    active.current()
    store.stored[2] = stored(2)
    assert active.newest().version == 2
    store.down = True
    with pytest.raises(StoreUnavailable):
        active.newest()


def test_a_change_makes_the_next_version_and_holds_at_once(active: ActivePolicy, store: FakePolicyStore) -> None:
    amended = active.amend(change(based_on=1), by=ADA, at=NOW)
    assert (amended.version, amended.created_by, amended.created_at) == (2, "key-id", NOW)
    assert (amended.thresholds.review, amended.note) == (0.4, "stricter")
    assert active.current().policy == store.stored[2] == amended


def test_a_change_is_stored_with_its_entry_in_the_audit_log(active: ActivePolicy, store: FakePolicyStore) -> None:
    amended = active.amend(change(based_on=1), by=ADA, at=NOW)
    [entry] = store.entries
    assert (entry.author, entry.kind, entry.action, entry.version) == (ADA, "policy", "changed", 2)
    assert (entry.before, entry.after) == (FIRST.digest, amended.digest)


def test_the_first_version_is_stored_with_the_first_change_so_that_it_stays_readable(
    active: ActivePolicy, store: FakePolicyStore
) -> None:
    active.amend(change(based_on=1), by=ADA, at=NOW)
    assert store.stored[1] == FIRST


def test_a_later_change_stores_nothing_but_itself(active: ActivePolicy, store: FakePolicyStore) -> None:
    store.stored[2] = stored(2)
    assert active.amend(change(based_on=2), by=ADA, at=NOW).version == 3
    assert set(store.stored) == {2, 3}


@pytest.mark.parametrize("based_on", [1, 3])
def test_a_change_based_on_another_version_than_the_newest_is_a_conflict(
    active: ActivePolicy, store: FakePolicyStore, based_on: int
) -> None:
    store.stored[2] = stored(2)
    with pytest.raises(PolicyConflict, match=f"at version 2, this is based on {based_on}"):
        active.amend(change(based_on), by=ADA, at=NOW)
    assert set(store.stored) == {2}


def test_of_two_who_change_the_same_version_one_wins(active: ActivePolicy, store: FakePolicyStore) -> None:
    class Overtaken(FakePolicyStore):
        """Another process stores its version between our reading and our writing."""

        def active(self, known: Policy | None = None) -> StoredInForce:
            seen = super().active(known)
            self.stored[2] = stored(2)
            return seen

    late = ActivePolicy(Overtaken(), FIRST)
    with pytest.raises(PolicyConflict):
        late.amend(change(based_on=1), by=ADA, at=NOW)
