"""Label: what was found out about transactions, beside them."""

from functools import lru_cache

from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.label.dynamo import DynamoLabelStore
from fraudshield.settings import settings
from fraudshield.transaction.wiring import TransactionSettings


@lru_cache
def labels() -> DynamoLabelStore:
    """Labels beside their transactions."""
    return DynamoLabelStore(settings(TransactionSettings).transactions_table, dynamo_wiring.store_calls())
