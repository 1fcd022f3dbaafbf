"""Wires the counting of stored transactions; apart from `wiring`, since it needs the model and its training."""

from functools import lru_cache

from fraudshield.analytics.dynamo_block import BreakerSwitch
from fraudshield.analytics.dynamo_category import DynamoCategories
from fraudshield.analytics.dynamo_counter import StreamCounter
from fraudshield.analytics.dynamo_destination import DestinationLists
from fraudshield.analytics.dynamo_progress import CountingProgress, ExtremeStore
from fraudshield.analytics.dynamo_rule import RuleAccounts
from fraudshield.analytics.dynamo_shard import ShardLog
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.predictor import wiring as predictor_wiring
from fraudshield.settings import Settings, settings
from fraudshield.text import signature
from fraudshield.transaction.wiring import AggregateSettings


class CounterSettings(Settings):
    """The queue of changes that could not be counted."""

    aggregates_retry_queue_url: str


@lru_cache
def stream_counter() -> StreamCounter:
    """Counts the records of the table's stream. Raises StoreUnavailable where the secret cannot be read."""
    table, documents = (
        settings(AggregateSettings).aggregates_table,
        settings(dynamo_wiring.DocumentSettings).policies_table,
    )
    return StreamCounter(
        table,
        settings(CounterSettings).aggregates_retry_queue_url,
        ShardLog(table),
        ExtremeStore(table),
        CountingProgress(table),
        DestinationLists(table, signature.key(dynamo_wiring.signing_secret(), "destination")),
        RuleAccounts(table, signature.key(dynamo_wiring.signing_secret(), "account")),
        DynamoCategories(table, documents),
        BreakerSwitch(table, documents),
        predictor_wiring.reference(),
    )
