"""Aggregates: the history of entities in the table of transactions, and counters in that of counts."""

from functools import lru_cache
from typing import TYPE_CHECKING

from fraudshield.aggregate.counter_cache import CounterCache
from fraudshield.aggregate.dynamo import DynamoFileHistory, DynamoHistory, HistoryQueries
from fraudshield.aggregate.reader import AggregateReader
from fraudshield.aws import client
from fraudshield.breaker import Breaker
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.dynamo.call import BoundedCalls, PacedCalls
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.settings import settings
from fraudshield.transaction.wiring import AggregateSettings, TransactionSettings

if TYPE_CHECKING:
    from fraudshield.dynamo.write import Connect

FILE_QUERIES = 4  # at once for one chunk of a file; a slow one makes its thread rest


@lru_cache
def aggregates() -> AggregateReader:
    """What earlier payments say of those that are to be decided."""
    calls = BoundedCalls(Breaker(), dynamo_wiring.pool())
    history = DynamoHistory(_queries(client.dynamodb), calls, dynamo_wiring.store_breaker(), CounterCache())
    return AggregateReader(event_type_wiring.event_types(), history)


@lru_cache
def file_history() -> DynamoFileHistory:
    """The stored payments that rows of files ask."""
    return DynamoFileHistory(_queries(client.files_dynamodb), PacedCalls(at_once=FILE_QUERIES))


def _queries(connect: "Connect") -> HistoryQueries:
    tables = settings(TransactionSettings).transactions_table, settings(AggregateSettings).aggregates_table
    return HistoryQueries(*tables, connect)
