"""Erasures that files are to be swept for, how far the sweep is, and what it wrote: items of the jobs table, no names.

A lease lets one sweep run at a time: two would overwrite each other's files.
"""

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.batch.port import Files
from fraudshield.batch.sweep.sweep import PREFIXES, PendingErasures, SweptFile
from fraudshield.dynamo.page import items
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import if_allowed
from fraudshield.erasure.port import FilesErased
from fraudshield.errors import StoreUnavailable
from fraudshield.retention import MARK_DAYS
from fraudshield.text.timestamp import instant

TOKENS = "tokens"  # of an erasure whose files carry tokens; those of earlier releases carry a time only
TOKEN = re.compile("[0-9a-f]{32}")  # what is no token of ours is not looked for
ASKS, RUN = "#erasures", attributes({"job_id": "#sweep", "record": "run"})
MOST_KEYS = 200  # of a receipt
SPARE_DAYS = 7  # that an object may outlive its days
A_SECOND, NEVER = timedelta(seconds=1), "9999"


@dataclass(frozen=True, slots=True)
class DynamoFileErasures:
    """The `FileErasures` port, and the state of the sweep."""

    table: str
    queue_url: str
    files: Files

    def ask(self, mark: str, erased_at: datetime) -> FilesErased:
        found = _requested(
            lambda: client.jobs_dynamodb().get_item(TableName=self.table, Key=_key(mark), ConsistentRead=True)
        ).get("Item")
        if found is None or found["erased_at"]["S"] != instant(erased_at):
            found = self._begin(mark, erased_at)
        return FilesErased("done_at" in found, tuple(_texts(found, "rewritten")), tuple(_texts(found, "unread")))

    def pending(self) -> PendingErasures:
        """Returns the erasures that files are still to be swept for."""
        found = _requested(
            lambda: client.jobs_dynamodb().query(
                TableName=self.table,
                KeyConditionExpression="job_id = :asks",
                ExpressionAttributeValues=attributes({":asks": ASKS}),
                ConsistentRead=True,
            )
        )
        return {
            item["record"]["S"]: datetime.fromisoformat(item["erased_at"]["S"])
            for item in found["Items"]
            if "done_at" not in item
        }

    def lease(self, now: datetime, until: datetime) -> tuple[PendingErasures, str] | None:
        """Takes the lease; returns the sweep's erasures and the last key swept. None while another holds the lease."""
        pending = self.pending()
        begun = {"asks": {mark: instant(at) for mark, at in pending.items()}, "after": ""}
        update: dict[str, Any] = {
            "TableName": self.table,
            "Key": RUN,
            "UpdateExpression": "SET lease_until = :until, #run = if_not_exists(#run, :begun)",
            "ConditionExpression": "attribute_not_exists(lease_until) OR lease_until < :now",
            "ExpressionAttributeNames": {"#run": "run"},
            "ExpressionAttributeValues": attributes(
                {":until": instant(until), ":now": instant(now), ":begun": json.dumps(begun)}
            ),
            "ReturnValues": "ALL_NEW",
        }
        try:
            held = if_allowed(lambda: client.jobs_dynamodb().update_item(**update))
        except (BotoCoreError, ClientError) as exc:
            raise StoreUnavailable("The sweep could not be begun") from exc
        if held is None:
            return None
        run = json.loads(held["Attributes"]["run"]["S"])
        return {mark: datetime.fromisoformat(at) for mark, at in run["asks"].items()}, run["after"]

    def note(self, pending: PendingErasures, swept: SweptFile) -> None:
        """Stores how far the sweep is, and the result for the file."""
        run = {"asks": {mark: instant(at) for mark, at in pending.items()}, "after": swept.key}
        self._update(RUN, "SET #run = :run", {"#run": "run"}, attributes({":run": json.dumps(run)}))
        kind = "rewritten" if swept.rewritten else "unread" if swept.unread else None
        for mark in pending if kind else ():
            names, values = {"#kind": str(kind)}, attributes({":key": {swept.key}})
            self._update(_key(mark), "ADD #kind :key", names, values)

    def release(self, pending: PendingErasures, *, ended: datetime | None) -> None:
        """Gives the lease back; where the sweep `ended`, its erasures are complete unless asked for again meanwhile."""
        if ended is not None:
            for mark, at in pending.items():
                values = attributes({":now": instant(ended), ":at": instant(at)})
                self._update(_key(mark), "SET done_at = :now", {}, values, "erased_at = :at")
            self._update(RUN, "REMOVE lease_until, #run", {"#run": "run"}, {})
        else:
            self._update(RUN, "REMOVE lease_until", {}, {})

    def wake(self, delay_s: int = 0) -> None:
        """Sends the message that starts a sweep."""
        _requested(
            lambda: client.sqs().send_message(
                QueueUrl=self.queue_url, MessageBody=json.dumps({"sweep": True}), DelaySeconds=delay_s
            )
        )

    def _begin(self, mark: str, erased_at: datetime) -> Mapping[str, Any]:
        expires_at = int((erased_at + timedelta(days=MARK_DAYS)).timestamp())
        values = {"erased_at": instant(erased_at), "expires_at": expires_at, TOKENS: 1}
        item: dict[str, Any] = _key(mark) | attributes(values)
        empty = not any(next(iter(self.files.keys(prefix, "")), None) for prefix in PREFIXES)
        if empty:
            item["done_at"] = item["erased_at"]
        _requested(lambda: client.jobs_dynamodb().put_item(TableName=self.table, Item=item))
        if not empty:
            self.wake()
        return item

    def _update(
        self, key: Any, expression: str, names: Mapping[str, str], values: Mapping[str, Any], condition: str = ""
    ) -> None:
        asked: dict[str, Any] = {"TableName": self.table, "Key": key, "UpdateExpression": expression}
        asked |= {"ExpressionAttributeNames": dict(names)} if names else {}
        asked |= {"ExpressionAttributeValues": dict(values)} if values else {}
        asked |= {"ConditionExpression": condition} if condition else {}
        try:
            if_allowed(lambda: client.jobs_dynamodb().update_item(**asked))
        except (BotoCoreError, ClientError) as exc:
            raise StoreUnavailable("The sweep could not be noted") from exc


@dataclass(frozen=True, slots=True)
class DynamoRewrites:
    """The `Rewrites` port: an item for each version that a sweep writes, for as long as the file may be there.

    A token is bound to its version when that is known: by the sweep, or by whoever sees the version before the sweep
    has noted it, or after it ended right there. Nobody can have the token before, so the first version is ours.
    """

    table: str
    days: int

    def begin(self, key: str, token: str, received_at: datetime) -> None:
        expires_at = int(time.time()) + (self.days + SPARE_DAYS) * 86_400
        item = _rewrite_key(key, token) | attributes({"received_at": instant(received_at), "expires_at": expires_at})
        _requested(lambda: client.jobs_dynamodb().put_item(TableName=self.table, Item=item))

    def end(self, key: str, token: str, version: str) -> None:
        self.received_at(key, token, version)

    def received_at(self, key: str, token: str, version: str) -> datetime | None:
        if not TOKEN.fullmatch(token):
            return None
        bind: Any = {
            "TableName": self.table,
            "Key": _rewrite_key(key, token),
            "UpdateExpression": "SET #version = :version",
            "ConditionExpression": "attribute_exists(received_at)"
            " AND (attribute_not_exists(#version) OR #version = :version)",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": attributes({":version": version}),
            "ReturnValues": "ALL_NEW",
        }
        bound = _requested(lambda: if_allowed(lambda: client.jobs_dynamodb().update_item(**bind)))
        return None if bound is None else datetime.fromisoformat(bound["Attributes"]["received_at"]["S"])

    def before_tokens(self, key: str, written_at: datetime) -> bool:
        """Looks for an erasure without tokens that names the key, and that was under way when the object was written.

        Its files carry a time which anybody may set; when S3 took an object, and what an erasure noted, nobody may.
        """
        asked: Any = {
            "TableName": self.table,
            "KeyConditionExpression": "job_id = :asks",
            "FilterExpression": "contains(rewritten, :key) AND attribute_not_exists(#tokens)",
            "ExpressionAttributeNames": {"#tokens": TOKENS},
            "ExpressionAttributeValues": attributes({":asks": ASKS, ":key": key}),
        }
        erasures = _requested(lambda: list(items(client.jobs_dynamodb().query, asked)))
        at = instant(written_at + A_SECOND)  # S3 tells whole seconds
        return any(one["erased_at"]["S"] <= at and instant(written_at) <= _ended(one) for one in erasures)


def _ended(erasure: Mapping[str, Any]) -> str:
    return str(erasure["done_at"]["S"]) if "done_at" in erasure else NEVER


def _rewrite_key(key: str, token: str) -> Any:
    return attributes({"job_id": f"#rewrite-{token}", "record": sha256(key.encode()).hexdigest()})


def _key(mark: str) -> Any:
    return attributes({"job_id": ASKS, "record": mark})


def _texts(item: Mapping[str, Any], name: str) -> Sequence[str]:
    return sorted(item[name]["SS"])[:MOST_KEYS] if name in item else []


def _requested(request: Any) -> Any:
    try:
        return request()
    except (BotoCoreError, ClientError) as exc:
        raise StoreUnavailable(f"The erasure of files was not noted: {type(exc).__name__}") from exc
