"""Wiring of ingest: the queue of transactions, and the quality ledger."""

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from fraudshield.aws.probe import queue
from fraudshield.breaker import Breaker
from fraudshield.dependency import Dependency
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.ingest.dynamo import DynamoQualityLedger
from fraudshield.ingest.sqs import SqsIngestQueue
from fraudshield.settings import Settings, settings
from fraudshield.transaction.wiring import AggregateSettings

QUEUEING_THREADS = 16  # a request of 1,000 transactions is a hundred requests to SQS


class IngestSettings(Settings):
    """The queue of accepted transactions that are still to be scored."""

    ingest_queue_url: str


@lru_cache
def ingest_queue() -> SqsIngestQueue:
    """The queue of transactions to be scored."""
    threads = ThreadPoolExecutor(QUEUEING_THREADS, thread_name_prefix="queueing")
    return SqsIngestQueue(settings(IngestSettings).ingest_queue_url, threads)


@lru_cache
def quality_ledger() -> DynamoQualityLedger:
    """The ledger of the quality of the received data."""
    once = BoundedCalls(Breaker(), dynamo_wiring.pool())
    return DynamoQualityLedger(settings(AggregateSettings).aggregates_table, dynamo_wiring.lookup_calls(), once)


def queue_needed() -> Dependency:
    """The queue of transactions to be scored, to be asked whether it answers."""
    return queue("transactions", settings(IngestSettings).ingest_queue_url)
