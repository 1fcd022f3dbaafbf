"""Event types: their versions, and those that this process knows."""

from functools import lru_cache

from fraudshield.aws.probe import table
from fraudshield.breaker import Breaker
from fraudshield.dependency import Dependency
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.event_type.dynamo import DynamoEventTypeStore
from fraudshield.settings import Settings, settings


class DocumentSettings(Settings):
    """The table of versioned documents: policies and event types."""

    policies_table: str


@lru_cache
def event_types() -> ActiveEventTypes:
    """The event types of this process."""
    looks = BoundedCalls(Breaker(), dynamo_wiring.pool())
    table = settings(DocumentSettings).policies_table
    return ActiveEventTypes(DynamoEventTypeStore(table, dynamo_wiring.store_calls(), looks))


def documents_needed() -> Dependency:
    """The table of versioned documents, to be asked whether it answers."""
    return table("documents", settings(DocumentSettings).policies_table, "name", numbers=["version"])
