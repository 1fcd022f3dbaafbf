"""The key of the time index: a day, cut into shards so that no partition gets all of today's writes."""

from datetime import UTC, datetime
from zlib import crc32

DAY_SHARDS = 10


def day_shard(transaction_id: str, occurred_at: datetime) -> str:
    """`2026-11-24#7`: the day's key for a transaction, always the same one."""
    return f"{occurred_at.astimezone(UTC).date().isoformat()}#{crc32(transaction_id.encode()) % DAY_SHARDS}"
