"""What counts stored transactions; apart from the rest of analytics, since it knows the model's training."""

from functools import lru_cache

from fraudshield import signature
from fraudshield.aws.counting import StreamCounter
from fraudshield.aws.destination_item import DestinationLists
from fraudshield.aws.extreme import ExtremeStore
from fraudshield.aws.progress import Progress
from fraudshield.aws.shard_log import ShardLog
from fraudshield.settings import Settings, settings
from fraudshield.wirings import dynamo as dynamo_wiring
from fraudshield.wirings import predictor as predictor_wiring
from fraudshield.wirings.transaction import AggregateSettings


class CounterSettings(Settings):
    """The queue of changes that could not be counted."""

    aggregates_retry_queue_url: str


@lru_cache
def stream_counter() -> StreamCounter:
    """Counts the records of the table's stream. Raises StoreUnavailable where the secret cannot be read."""
    table = settings(AggregateSettings).aggregates_table
    return StreamCounter(
        table,
        settings(CounterSettings).aggregates_retry_queue_url,
        ShardLog(table),
        ExtremeStore(table),
        Progress(table),
        DestinationLists(table, signature.key(dynamo_wiring.signing_secret(), "destination")),
        predictor_wiring.reference(),
    )
