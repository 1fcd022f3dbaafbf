"""Policy: all its versions, and how accounts moved lately, which its conditions ask about."""

from functools import lru_cache

from fraudshield.audit import wiring as audit_wiring
from fraudshield.breaker import Breaker
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.policy.dynamo import DynamoPolicyStore
from fraudshield.policy.dynamo_velocity import DynamoVelocity
from fraudshield.settings import settings
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
def velocity() -> DynamoVelocity:
    """How accounts moved lately."""
    calls = BoundedCalls(Breaker(), dynamo_wiring.pool())
    return DynamoVelocity(settings(TransactionSettings).transactions_table, calls, dynamo_wiring.store_breaker())


def _table() -> str:
    return settings(dynamo_wiring.DocumentSettings).policies_table
