"""Label: what was found out about transactions, beside them."""

from functools import lru_cache

from fraudshield.aws.labels import DynamoLabelStore
from fraudshield.settings import settings
from fraudshield.wirings import dynamo as dynamo_wiring
from fraudshield.wirings.transaction import TransactionSettings


@lru_cache
def labels() -> DynamoLabelStore:
    """Labels beside their transactions."""
    return DynamoLabelStore(settings(TransactionSettings).transactions_table, dynamo_wiring.store_calls())
