"""Wires the reading of counts; the counting itself is wired in `counter_wiring`."""

from functools import lru_cache

from fraudshield.analytics.dynamo import DynamoAggregates
from fraudshield.analytics.recent_risk import CountedRisks
from fraudshield.analytics.response import Analytics
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.settings import settings
from fraudshield.transaction.wiring import AggregateSettings


@lru_cache
def aggregates() -> DynamoAggregates:
    """The counts of what was stored."""
    return DynamoAggregates(settings(AggregateSettings).aggregates_table, dynamo_wiring.lookup_calls())


@lru_cache
def analytics() -> Analytics:
    """The figures of the analytics routes."""
    return Analytics(aggregates(), event_type_wiring.event_types())


@lru_cache
def recent_risks() -> CountedRisks:
    """The risks of the last day's online payments."""
    return CountedRisks(aggregates())
