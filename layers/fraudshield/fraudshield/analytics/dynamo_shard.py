"""What has been counted of each shard of the stream: a checkpoint, and the range of every commit of the last days.

In the aggregates table, series `shard#<id>`: bucket `checkpoint`, and a bucket named by the first sequence number of
each commit. The checkpoint's version orders the commits; the ranges tell whether an old record was in one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aggregate.counter import SERIES, expires_at
from fraudshield.analytics.block.block import KEPT_DAYS as BLOCK_DAYS
from fraudshield.analytics.block.block import PREFIX as BLOCKS
from fraudshield.analytics.destination import Flagged
from fraudshield.analytics.extremes import Extremes
from fraudshield.analytics.rule.rule import KEPT_DAYS, MARKS, PREFIX, RuleAccount
from fraudshield.analytics.series import SHADOW, SHADOW_DAYS, Bucket, Counts
from fraudshield.aws import client
from fraudshield.dynamo.record import attributes
from fraudshield.errors import StoreUnavailable

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

DIGITS = 40  # of a sequence number as text, so that text order is their order
CHECKPOINT = "checkpoint"
KEPT_BY_DAY = {PREFIX: KEPT_DAYS, SHADOW: SHADOW_DAYS}  # of series whose buckets begin with their day
DAY_LENGTH = len("2026-12-01")
KEPT = timedelta(days=2)  # the stream itself forgets after one
KEPT_SKIPPED = timedelta(days=15)  # a queue keeps what was skipped for fourteen
NEW = "attribute_not_exists(series)"
Marks = Mapping[Bucket, frozenset[str]]  # of accounts, by the item that they are added to
NO_MARKS: Marks = {}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a shard has been counted. `version` counts the commits: a commit names the one that it follows."""

    through: int = -1
    version: int = 0


@dataclass(frozen=True, slots=True)
class Commit:
    """Records that are counted together: their range, what they add, and those among them that could not be read."""

    first: int
    last: int
    counts: Counts
    skipped: tuple[int, ...] = ()
    flagged: tuple[Flagged, ...] = ()
    accounts: tuple[RuleAccount, ...] = ()
    extremes: tuple[Extremes, ...] = ()


@dataclass(frozen=True, slots=True)
class ShardLog:
    """On the aggregates table. Writes come as entries of one transaction, which the caller makes."""

    table: str

    def checkpoint(self, shard: str) -> Checkpoint:
        """The checkpoint as it is now; a new one where the shard is new. Raises StoreUnavailable."""
        key = self._key(shard, CHECKPOINT)
        found = _read(lambda: client.counting_dynamodb().get_item(TableName=self.table, Key=key, ConsistentRead=True))
        item = found.get("Item")
        return Checkpoint(int(item["through"]["S"]), int(item["version"]["N"])) if item else Checkpoint()

    def commit_of(self, shard: str, number: int) -> Commit | None:
        """The commit that a sequence number was in, without its counts. Raises StoreUnavailable."""
        values: Item = attributes({":series": _series(shard), ":number": padded(number)})
        found = _read(
            lambda: client.counting_dynamodb().query(
                TableName=self.table,
                KeyConditionExpression="series = :series AND #bucket <= :number",
                ExpressionAttributeNames={"#bucket": "bucket"},
                ExpressionAttributeValues=values,
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=1,
            )
        )["Items"]
        if not found or int(found[0]["last"]["S"]) < number:
            return None
        skipped = found[0]["skipped"]["SS"] if "skipped" in found[0] else ()
        return Commit(int(found[0]["bucket"]["S"]), int(found[0]["last"]["S"]), {}, tuple(sorted(map(int, skipped))))

    def move_on(self, shard: str, after: Checkpoint, commit: Commit) -> list[Any]:
        """The checkpoint, unless it is another by now, and the commit's range."""
        values = {
            ":through": padded(max(after.through, commit.last)),
            ":version": after.version + 1,
            ":before": after.version or None,
        }
        checkpoint = {
            "TableName": self.table,
            "Key": self._key(shard, CHECKPOINT),
            "UpdateExpression": "SET #through = :through, version = :version",
            "ConditionExpression": "version = :before" if after.version else NEW,
            "ExpressionAttributeNames": {"#through": "through"},
            "ExpressionAttributeValues": attributes(values),
        }
        noted = {"TableName": self.table, "Item": self._noted(shard, commit), "ConditionExpression": NEW}
        return [{"Update": checkpoint}, {"Put": noted}]

    def unskip(self, shard: str, commit: Commit, number: int) -> Any:
        """Take a record out of a commit's skipped ones, unless somebody has."""
        return {
            "Update": {
                "TableName": self.table,
                "Key": self._key(shard, padded(commit.first)),
                "UpdateExpression": "DELETE skipped :one",
                "ConditionExpression": "contains(skipped, :number)",
                "ExpressionAttributeValues": attributes({":one": {padded(number)}, ":number": padded(number)}),
            }
        }

    def _noted(self, shard: str, commit: Commit) -> "Item":
        kept = KEPT_SKIPPED if commit.skipped else KEPT
        values = {
            "last": padded(commit.last),
            "expires_at": int((datetime.now(UTC) + kept).timestamp()),
            "skipped": {padded(number) for number in commit.skipped} or None,
        }
        return self._key(shard, padded(commit.first)) | attributes(values)

    def _key(self, shard: str, bucket: str) -> "Item":
        return attributes({"series": _series(shard), "bucket": bucket})


def additions(table: str, counts: Counts, marks: Marks = NO_MARKS) -> Iterator[Any]:
    """The counters, each added to, as entries of a transaction; beside some the marks of accounts that are new.

    Those of busy entities go when no window has them, those of rules after a year, of drafts in shadow after 90 days.
    """
    for (series, bucket), counters in counts.items():
        names = {f"#c{at}": name for at, name in enumerate(counters)}
        values: dict[str, Any] = {f":c{at}": value for at, value in enumerate(counters.values())}
        update = "ADD " + ", ".join(f"#c{at} :c{at}" for at in range(len(counters)))
        if (series, bucket) in marks:
            names["#marks"], values[":marks"] = MARKS, marks[series, bucket]
            update = f"{update}, #marks :marks"
        if (expires := _expires_at(series, bucket)) is not None:
            update, values[":expires"] = f"{update} SET expires_at = :expires", expires
        yield {
            "Update": {
                "TableName": table,
                "Key": attributes({"series": series, "bucket": bucket}),
                "UpdateExpression": update,
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": attributes(values),
            }
        }


def _expires_at(series: str, bucket: str) -> int | None:
    """When an item may go, in seconds since 1970; None where it is kept for ever."""
    if series.startswith(SERIES):
        return expires_at(bucket)
    if series.startswith(BLOCKS):
        return int((datetime.fromisoformat(bucket).replace(tzinfo=UTC) + timedelta(days=BLOCK_DAYS)).timestamp())
    for prefix, days in KEPT_BY_DAY.items():
        if series.startswith(prefix):
            day = datetime.fromisoformat(bucket[:DAY_LENGTH]).replace(tzinfo=UTC)
            return int((day + timedelta(days=days)).timestamp())
    return None


def padded(number: int) -> str:
    """A sequence number as text."""
    return f"{number:0{DIGITS}d}"


def _series(shard: str) -> str:
    return f"shard#{shard}"


def _read(call: Any) -> Any:
    try:
        return call()
    except (BotoCoreError, ClientError) as exc:
        raise StoreUnavailable(f"A shard's log cannot be read: {type(exc).__name__}") from exc
