"""Event types: their versions, and those that this process knows."""

import time
from functools import lru_cache

from fraudshield.audit import wiring as audit_wiring
from fraudshield.aws.probe import table
from fraudshield.breaker import Breaker
from fraudshield.budget import STORE_S
from fraudshield.dependency import Dependency
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.event_type.dynamo import DynamoEventTypeStore, in_force_within
from fraudshield.event_type.in_force import InForce
from fraudshield.settings import settings


@lru_cache
def event_types() -> ActiveEventTypes:
    """The event types of this process."""
    table = settings(dynamo_wiring.DocumentSettings).policies_table
    store = DynamoEventTypeStore(table, dynamo_wiring.store_calls(), _looks(), audit_wiring.audit_log())
    return ActiveEventTypes(store)


def in_force(within_s: float) -> InForce:
    """What is in force now; who waits for it as for any read of a payment tells the breaker of payments how it went.

    Raises StoreUnavailable.
    """
    calls = dynamo_wiring.store_calls() if within_s >= STORE_S else _looks()
    return in_force_within(calls, settings(dynamo_wiring.DocumentSettings).policies_table, time.monotonic() + within_s)


@lru_cache
def _looks() -> BoundedCalls:
    return BoundedCalls(Breaker(), dynamo_wiring.pool())


def documents_needed() -> Dependency:
    """The table of versioned documents, to be asked whether it answers."""
    return table("documents", settings(dynamo_wiring.DocumentSettings).policies_table, "name", numbers=["version"])
