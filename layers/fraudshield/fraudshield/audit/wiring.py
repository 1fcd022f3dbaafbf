"""The audit log, on the table of versioned documents."""

from functools import lru_cache

from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.settings import settings


@lru_cache
def audit_log() -> DynamoAuditLog:
    """All entries; and the write of one, for the transaction of its change."""
    return DynamoAuditLog(settings(dynamo_wiring.DocumentSettings).policies_table, dynamo_wiring.lookup_calls())
