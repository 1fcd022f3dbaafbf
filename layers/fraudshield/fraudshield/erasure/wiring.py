"""Erasure: the marks of erased accounts, and what erases an account in the store."""

from functools import lru_cache

from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.erasure.dynamo import DynamoAccountEraser
from fraudshield.erasure.dynamo_mark import DynamoErasures
from fraudshield.erasure.port import FileErasures
from fraudshield.settings import Settings, settings
from fraudshield.text import signature
from fraudshield.transaction.wiring import TransactionSettings


class ErasureSettings(Settings):
    """The table of the marks of erased accounts."""

    erasures_table: str


@lru_cache
def erasures() -> DynamoErasures:
    """The marks of erased accounts. Raises StoreUnavailable where the secret cannot be read."""
    secret = signature.key(dynamo_wiring.signing_secret(), "erasure")
    return DynamoErasures(settings(ErasureSettings).erasures_table, secret, dynamo_wiring.store_calls())


def account_eraser(files: FileErasures) -> DynamoAccountEraser:
    """Erases accounts, and has `files` erase them. Raises StoreUnavailable where the secret cannot be read."""
    table = settings(TransactionSettings).transactions_table
    return DynamoAccountEraser(table, erasures(), dynamo_wiring.store_calls(), files)
