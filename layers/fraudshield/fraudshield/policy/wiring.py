"""Policy: all its versions, and how accounts moved lately, which its conditions ask about."""

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import lru_cache

from fraudshield.audit import wiring as audit_wiring
from fraudshield.breaker import Breaker
from fraudshield.dependency import Dependency
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.errors import StoreUnavailable, Unavailable
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.event_type.event_type import EventType
from fraudshield.policy.active import ActivePolicies, WrittenVersions, nothing_decides
from fraudshield.policy.dynamo import DynamoPolicyStore
from fraudshield.policy.dynamo_breaker import DynamoBreakers
from fraudshield.policy.dynamo_velocity import DynamoVelocity
from fraudshield.policy.in_force import ActivePolicy
from fraudshield.policy.limit.breaker import BLOCK_LIMIT
from fraudshield.policy.owner import Owners, owners_of_type
from fraudshield.policy.policy import first_policy
from fraudshield.policy.port import Beside
from fraudshield.policy.versioning.gate import VersionTests
from fraudshield.policy.versioning.version import VersionService
from fraudshield.settings import settings
from fraudshield.transaction.quality import NOTHING_DECIDES
from fraudshield.transaction.wiring import TransactionSettings


@lru_cache
def policy_store() -> DynamoPolicyStore:
    """All versions of the policy."""
    return DynamoPolicyStore(_table(), dynamo_wiring.lookup_calls(), audit_wiring.audit_log())


@lru_cache
def hurried_policy_store() -> DynamoPolicyStore:
    """The same, read within the time of a payment."""
    return DynamoPolicyStore(_table(), dynamo_wiring.store_calls(), audit_wiring.audit_log())


@lru_cache
def breakers() -> DynamoBreakers:
    """The breakers of all event types."""
    return DynamoBreakers(_table(), dynamo_wiring.lookup_calls(), audit_wiring.audit_log())


@lru_cache
def velocity() -> DynamoVelocity:
    """How accounts moved lately."""
    calls = BoundedCalls(Breaker(), dynamo_wiring.pool())
    return DynamoVelocity(settings(TransactionSettings).transactions_table, calls, dynamo_wiring.store_breaker())


@lru_cache
def policies() -> ActivePolicies:
    """The policies in force, as this process knows them. Raises ConfigurationError: their table is not named."""
    known = ActivePolicies(_active)
    known.of()
    return known


def versions(
    event_type: EventType, tests: VersionTests, lists: Callable[[], Collection[str]], beside: Beside | None = None
) -> VersionService:
    """The versions of an event type's policy, the tests on history that the gate asks for, and the names of lists.

    `beside` is what else changes in the write that puts one in force or takes it back.
    """
    owners = owners_of_type(event_type)
    return VersionService(
        replace(policy_store(), owners=owners, beside=beside), policies().of(owners), event_type, tests, lists
    )


def written_versions(owners: Owners) -> WrittenVersions:
    """The versions of a policy and its drafts, for who tries them."""
    return WrittenVersions(replace(policy_store(), owners=owners), policies().of(owners))


def decides_needed(event_types: ActiveEventTypes) -> Dependency:
    """A model or a condition for every event type, to be asked whether it is there."""

    def question() -> None:
        try:
            every, known = event_types.all(), event_types.known()
            undecided = [one.name for one in every if nothing_decides(one, policies(), known)]
        except StoreUnavailable:
            return  # which the table's own question says
        if undecided:
            raise Unavailable(f"Nothing decides payments of {', '.join(undecided)}: everything is approved")

    return Dependency("what decides each event type", NOTHING_DECIDES, lambda: question)


def blocks_needed() -> Dependency:
    """That nothing is held back, to be asked whether it is so."""

    def question() -> None:
        try:
            held_back = breakers().open_ones()
        except StoreUnavailable:
            return  # which the table's own question says
        if held_back:
            raise Unavailable(f"Blocks of {', '.join(held_back)} are reviews: a breaker is open")

    return Dependency("open breakers", BLOCK_LIMIT, lambda: question)


def _active(owners: Owners) -> ActivePolicy:
    store, hurried = policy_store(), hurried_policy_store()
    return ActivePolicy(replace(store, owners=owners), first_policy(), hurried=replace(hurried, owners=owners))


def _table() -> str:
    return settings(dynamo_wiring.DocumentSettings).policies_table
