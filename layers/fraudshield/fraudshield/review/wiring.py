"""Reviews: claims and verdicts, notes, and what was closed."""

from functools import lru_cache

from fraudshield.audit import wiring as audit_wiring
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.review.dynamo import DynamoReviews
from fraudshield.review.dynamo_closing import DynamoClosings
from fraudshield.review.dynamo_note import DynamoNotes
from fraudshield.settings import settings
from fraudshield.transaction.wiring import TransactionSettings


@lru_cache
def reviews() -> DynamoReviews:
    """Claims and verdicts."""
    return DynamoReviews(_table(), dynamo_wiring.lookup_calls(), audit_wiring.audit_log())


@lru_cache
def notes() -> DynamoNotes:
    """Notes about payments."""
    return DynamoNotes(_table(), dynamo_wiring.lookup_calls(), audit_wiring.audit_log())


@lru_cache
def closings() -> DynamoClosings:
    """What was closed, in order."""
    return DynamoClosings(_table(), dynamo_wiring.lookup_calls())


def _table() -> str:
    return settings(TransactionSettings).transactions_table
