"""One shard of a table's stream, read from where its reader left off."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.laptop.sources.stream_event import sequence

READ = 1000  # DynamoDB gives no more at once

LOST = frozenset({"ExpiredIteratorException", "TrimmedDataAccessException"})  # another iterator leads on

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StreamIntervals:
    """How fast a stream is followed: `poll_s` between two reads of a shard that had nothing, `shards_s` between two
    searches for new shards.

    `pause_s` after a call that failed; `backoff_s` after a function's first failure, then twice as long each time.
    """

    poll_s: float = 0.25  # Lambda asks four times a second
    shards_s: float = 5.0
    pause_s: float = 1.0
    backoff_s: float = 0.5


DEFAULT_INTERVALS = StreamIntervals()


class ShardReader:
    """Reads one shard; `ended` when a closed one is read. `streams` is a boto3 client; its calls run in threads."""

    def __init__(self, streams: Any, stream: str, shard_id: str, start: str, after: str | None, pause_s: float) -> None:
        self.id = shard_id
        self.ended = False
        self._streams = streams
        self._stream = stream
        self._start = start
        self._after = after
        self._pause_s = pause_s
        self._iterator: str | None = None

    async def read(self, at_most: int) -> list[dict[str, Any]]:
        """The next records, at most `at_most`; none of them where there are none now, or the engine is away."""
        if self.ended:
            return []
        try:
            response = await asyncio.to_thread(self._get, min(at_most, READ))
        except (BotoCoreError, ClientError) as exc:
            await self._recover(exc)
            return []
        records: list[dict[str, Any]] = response["Records"]
        self._iterator = response.get("NextShardIterator")
        self.ended = self._iterator is None
        if records:
            self._after = sequence(records[-1])
        return records

    def _get(self, at_most: int) -> Any:
        if self._iterator is None:
            position = {"ShardIteratorType": self._start}
            if self._after is not None:
                position = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._after}
            found = self._streams.get_shard_iterator(StreamArn=self._stream, ShardId=self.id, **position)
            self._iterator = found["ShardIterator"]
        return self._streams.get_records(ShardIterator=self._iterator, Limit=at_most)

    async def _recover(self, exc: Exception) -> None:
        """Ask again with a new iterator; what is older than the stream keeps is skipped, as Lambda does."""
        code = exc.response["Error"]["Code"] if isinstance(exc, ClientError) else ""
        if code == "TrimmedDataAccessException":
            logger.warning("%s no longer has what comes after %s: going on with its oldest", self.id, self._after)
            self._start, self._after = "TRIM_HORIZON", None
        self._iterator = None
        if code not in LOST:
            logger.warning("%s cannot be read: %s", self.id, exc)
            await asyncio.sleep(self._pause_s)
