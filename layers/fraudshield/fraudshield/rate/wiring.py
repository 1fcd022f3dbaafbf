"""Rates: their versions, and those that this process converts by."""

from functools import lru_cache

from fraudshield.audit import wiring as audit_wiring
from fraudshield.breaker import Breaker
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.errors import NotFound
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.rate.active import ActiveRates
from fraudshield.rate.dynamo import DynamoRateStore
from fraudshield.rate.rate import NO_RATES, Rates
from fraudshield.settings import settings


@lru_cache
def rates() -> ActiveRates:
    """The rates of this process."""
    looks = BoundedCalls(Breaker(), dynamo_wiring.pool())
    table = settings(dynamo_wiring.DocumentSettings).policies_table
    store = DynamoRateStore(table, dynamo_wiring.store_calls(), looks, audit_wiring.audit_log())
    return ActiveRates(event_type_wiring.event_types(), store)


@lru_cache
def rates_of(version: int) -> Rates:
    """The rates that a decision was made with; none where it converted nothing. Raises NotFound, StoreUnavailable."""
    if not version:
        return NO_RATES
    if (found := rates().version(version)) is None:
        raise NotFound(f"Version {version} of the rates is not stored")
    return found
