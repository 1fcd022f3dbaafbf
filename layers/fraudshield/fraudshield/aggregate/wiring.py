"""Aggregates: the history of entities in the table of transactions, and counters in that of counts."""

from functools import lru_cache

from fraudshield.aggregate.dynamo import DynamoHistory
from fraudshield.aggregate.reader import AggregateReader
from fraudshield.breaker import Breaker
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.settings import settings
from fraudshield.transaction.wiring import AggregateSettings, TransactionSettings


@lru_cache
def aggregates() -> AggregateReader:
    """What earlier payments say of those that are to be decided."""
    calls = BoundedCalls(Breaker(), dynamo_wiring.pool())
    history = DynamoHistory(
        settings(TransactionSettings).transactions_table,
        settings(AggregateSettings).aggregates_table,
        calls,
        dynamo_wiring.store_breaker(),
    )
    return AggregateReader(event_type_wiring.event_types(), history)
