"""Reviews: claims and verdicts, notes, what was closed and whom that is told, and what is overdue."""

from functools import lru_cache

from fraudshield.audit import wiring as audit_wiring
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.monitoring import wiring as monitoring_wiring
from fraudshield.review.dynamo import DynamoReviews
from fraudshield.review.dynamo_closing import DynamoClosings
from fraudshield.review.dynamo_note import DynamoNotes
from fraudshield.review.dynamo_open import DynamoOpenReviews
from fraudshield.review.dynamo_told import DynamoToldPosition
from fraudshield.review.sns import SnsReviews
from fraudshield.settings import Settings, settings
from fraudshield.transaction.wiring import TransactionSettings


class ReviewTopicSettings(Settings):
    """The topic of closed reviews."""

    reviews_topic_arn: str


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


@lru_cache
def open_reviews() -> DynamoOpenReviews:
    """What is held for review."""
    return DynamoOpenReviews(_table(), dynamo_wiring.lookup_calls())


@lru_cache
def topic() -> SnsReviews:
    """Where closed reviews are told."""
    return SnsReviews(settings(ReviewTopicSettings).reviews_topic_arn)


@lru_cache
def told_position() -> DynamoToldPosition:
    """How far they have been told."""
    table = settings(monitoring_wiring.MonitoringSettings).monitoring_table
    return DynamoToldPosition(table, dynamo_wiring.lookup_calls())


def _table() -> str:
    return settings(TransactionSettings).transactions_table
