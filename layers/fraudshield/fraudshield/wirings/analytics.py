"""Analytics: counts of what was stored. What counts it is wired in `analytics_counter`."""

from functools import lru_cache

from fraudshield.aws.aggregates import DynamoAggregates
from fraudshield.settings import settings
from fraudshield.wirings import dynamo as dynamo_wiring
from fraudshield.wirings.transaction import AggregateSettings


@lru_cache
def aggregates() -> DynamoAggregates:
    """Counts of what was stored."""
    return DynamoAggregates(settings(AggregateSettings).aggregates_table, dynamo_wiring.store_calls())
