"""History: transactions that are kept and found again."""

from functools import lru_cache

from fraudshield.aws.records import DynamoRecords
from fraudshield.aws.transaction_list import DynamoTransactionList
from fraudshield.settings import settings
from fraudshield.wirings import analytics as analytics_wiring
from fraudshield.wirings import dynamo as dynamo_wiring
from fraudshield.wirings.transaction import RetentionSettings, TransactionSettings


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
