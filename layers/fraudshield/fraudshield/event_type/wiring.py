"""Event types: their versions, and those that this process knows."""

from functools import lru_cache

from fraudshield.audit import wiring as audit_wiring
from fraudshield.aws.probe import table
from fraudshield.breaker import Breaker
from fraudshield.dependency import Dependency
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.event_type.dynamo import DynamoEventTypeStore
from fraudshield.settings import settings


@lru_cache
def event_types() -> ActiveEventTypes:
    """The event types of this process."""
    looks = BoundedCalls(Breaker(), dynamo_wiring.pool())
    table = settings(dynamo_wiring.DocumentSettings).policies_table
    return ActiveEventTypes(DynamoEventTypeStore(table, dynamo_wiring.store_calls(), looks, audit_wiring.audit_log()))


def documents_needed() -> Dependency:
    """The table of versioned documents, to be asked whether it answers."""
    return table("documents", settings(dynamo_wiring.DocumentSettings).policies_table, "name", numbers=["version"])
