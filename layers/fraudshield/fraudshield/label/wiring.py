"""Labels: what was found out about transactions."""

from functools import lru_cache

from fraudshield.audit import wiring as audit_wiring
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.label.dynamo import DynamoLabelStore
from fraudshield.label.dynamo_known import DynamoKnownLabels
from fraudshield.settings import settings
from fraudshield.transaction.wiring import TransactionSettings


@lru_cache
def known_labels() -> DynamoKnownLabels:
    """The labels in force of many payments."""
    return DynamoKnownLabels(settings(TransactionSettings).transactions_table, dynamo_wiring.lookup_calls())


@lru_cache
def labels() -> DynamoLabelStore:
    """The store of labels."""
    table = settings(TransactionSettings).transactions_table
    return DynamoLabelStore(table, dynamo_wiring.lookup_calls(), audit_wiring.audit_log())
