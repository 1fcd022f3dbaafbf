"""Analytics: counts of what was stored. What counts it is wired in `analytics_counter`."""

from functools import lru_cache

from fraudshield.analytics.dynamo import DynamoAggregates
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.settings import settings
from fraudshield.transaction.wiring import AggregateSettings


@lru_cache
def aggregates() -> DynamoAggregates:
    """Counts of what was stored."""
    return DynamoAggregates(settings(AggregateSettings).aggregates_table, dynamo_wiring.store_calls())
