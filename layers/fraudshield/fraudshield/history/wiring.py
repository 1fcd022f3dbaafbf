"""Wiring of history: stored transactions and their lists."""

from functools import lru_cache

from fraudshield.analytics import wiring as analytics_wiring
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.history.dynamo import DynamoRecords
from fraudshield.history.dynamo_entity import DynamoEntityHistories
from fraudshield.history.dynamo_list import DynamoTransactionList
from fraudshield.rate import wiring as rate_wiring
from fraudshield.settings import settings
from fraudshield.transaction.wiring import RetentionSettings, TransactionSettings


@lru_cache
def records() -> DynamoRecords:
    """The store of transactions and their predictions."""
    table, days = settings(TransactionSettings).transactions_table, settings(RetentionSettings).retention_days
    return DynamoRecords(table, dynamo_wiring.lookup_calls(), days, rate_wiring.rates())


@lru_cache
def entity_histories() -> DynamoEntityHistories:
    """The payments of accounts and other things."""
    return DynamoEntityHistories(settings(TransactionSettings).transactions_table, dynamo_wiring.lookup_calls())


def transaction_list() -> DynamoTransactionList:
    """The lists of transactions. Raises StoreUnavailable where the secret cannot be read."""
    return DynamoTransactionList(
        settings(TransactionSettings).transactions_table,
        analytics_wiring.aggregates(),
        dynamo_wiring.cursors(),
        dynamo_wiring.lookup_calls(),
        event_type_wiring.event_types(),
    )
