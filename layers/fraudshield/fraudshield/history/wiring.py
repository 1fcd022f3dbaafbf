"""History: transactions that are kept and found again."""

from functools import lru_cache

from fraudshield.analytics import wiring as analytics_wiring
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.history.dynamo import DynamoRecords
from fraudshield.history.dynamo_list import DynamoTransactionList
from fraudshield.settings import settings
from fraudshield.transaction.wiring import RetentionSettings, TransactionSettings


@lru_cache
def records() -> DynamoRecords:
    """Transactions that are kept as they came, and what stands beside each."""
    table, days = settings(TransactionSettings).transactions_table, settings(RetentionSettings).retention_days
    return DynamoRecords(table, dynamo_wiring.store_calls(), days)


def transaction_list() -> DynamoTransactionList:
    """Lists of transactions. Raises StoreUnavailable."""
    return DynamoTransactionList(
        settings(TransactionSettings).transactions_table,
        analytics_wiring.aggregates(),
        dynamo_wiring.cursors(),
        dynamo_wiring.store_calls(),
    )
