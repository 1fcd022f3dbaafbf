"""Erasure: the marks of erased accounts, and what erases an account in the store."""

from dataclasses import replace
from functools import lru_cache

from fraudshield.audit import wiring as audit_wiring
from fraudshield.aws import client
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.erasure.dynamo import DynamoAccountEraser
from fraudshield.erasure.dynamo_mark import DynamoErasures
from fraudshield.erasure.port import FileErasures, ListErasures
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
    return DynamoErasures(settings(ErasureSettings).erasures_table, secret, dynamo_wiring.lookup_calls())


@lru_cache
def patient_erasures() -> DynamoErasures:
    """The marks of erased accounts, for files: no payment waits. Raises StoreUnavailable as above."""
    return replace(erasures(), calls=dynamo_wiring.paced_calls(), connect=client.files_dynamodb)


def account_eraser(files: FileErasures, lists: ListErasures) -> DynamoAccountEraser:
    """Erases accounts; `files` and `lists` erase theirs. Raises StoreUnavailable where the secret cannot be read."""
    table = settings(TransactionSettings).transactions_table
    audit = audit_wiring.audit_log()
    return DynamoAccountEraser(table, erasures(), dynamo_wiring.lookup_calls(), audit, files, lists)
