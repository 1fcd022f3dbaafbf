"""Payments that a release before stored without the keys of their entities get them, so that these find them too.

Only what a type of one's own may have written is looked at: what was decided since the first of them was put.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from botocore.exceptions import ClientError
from pydantic import BaseModel

from fraudshield.dynamo.write import condition_failed
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.in_force import InForce
from fraudshield.text import strict_json
from fraudshield.text.json_text import json_text
from fraudshield.text.timestamp import instant
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.dynamo import DAY_SHARDS, TRANSACTION_RECORD, transaction_of
from fraudshield.transaction.dynamo_beside import conflicting
from fraudshield.transaction.dynamo_own import EVENT_TYPE, placed_attributes
from fraudshield.transaction.placement import Placement

DONE = {"name": {"S": "upgrade"}, "version": {"N": "1"}}  # the mark that all of them have their keys
IN_FORCE = {"name": {"S": "in_force"}, "version": {"N": "0"}}
Document = TypeVar("Document", bound=BaseModel)
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the tables that are read and written: those of the template by default, as on a laptop."""

    transactions: str = "TransactionsTable"
    policies: str = "PoliciesTable"
    aggregates: str = "AggregatesTable"


def fill_slots(dynamodb: Any, tables: Tables, tell: Callable[[str], None]) -> int:
    """Gives entities their slots and payments their keys, and returns how many got some. Safe to repeat, or to cut off.

    Raises botocore's errors, NoSlot.
    """
    if "Item" in dynamodb.get_item(TableName=tables.policies, Key=DONE, ConsistentRead=True):
        return 0
    types, filled = _types_with_slots(dynamodb, tables.policies), 0
    if any(one.slots or one.shown for one in types.values()):
        since = min(one.created_at for one in types.values() if one.created_at is not None)
        tell("Payments of your own types get the keys of their entities")
        placements = {name: Placement(one) for name, one in types.items()}
        for name in _ids(dynamodb, tables.transactions, _days(dynamodb, tables.aggregates), since):
            for item in _records(dynamodb, tables.transactions, name):
                filled += _filled(dynamodb, tables.transactions, item, placements)
    dynamodb.put_item(TableName=tables.policies, Item={**DONE, "at": {"S": instant(datetime.now(UTC))}})
    return filled


def _types_with_slots(dynamodb: Any, policies: str) -> Mapping[str, EventType]:
    found = dynamodb.get_item(TableName=policies, Key=IN_FORCE, ConsistentRead=True).get("Item")
    in_force = _read(InForce, found) if found else InForce()
    stored = {name: _stored(dynamodb, policies, name, one.version) for name, one in in_force.event_types.items()}
    after = in_force.with_slots(stored.values())
    if after is not in_force:
        dynamodb.put_item(
            TableName=policies,
            Item={**IN_FORCE, "body": {"S": json_text(after.model_dump())}, "revision": {"N": str(after.revision)}},
            ConditionExpression="revision = :before",
            ExpressionAttributeValues={":before": {"N": str(in_force.revision)}},
        )
    return {name: one.model_copy(update={"slots": after.slots}) for name, one in stored.items()}


def _stored(dynamodb: Any, policies: str, name: str, version: int) -> EventType:
    key = {"name": {"S": f"event_type#{name}"}, "version": {"N": str(version)}}
    return _read(EventType, dynamodb.get_item(TableName=policies, Key=key, ConsistentRead=True)["Item"])


def _read(model: type[Document], item: Item) -> Document:
    return model.model_validate(strict_json.parse(item["body"]["S"].encode()))


def _ids(dynamodb: Any, table: str, days: Sequence[str], since: datetime) -> Iterator[str]:
    """What was decided since then, or is not decided yet, on whichever day it happened."""
    for day in days:
        for shard in range(DAY_SHARDS):
            key = f"{day}#{shard}"
            pages = dynamodb.get_paginator("query").paginate(
                TableName=table,
                IndexName="by_day",
                KeyConditionExpression="day_shard = :key",
                FilterExpression="attribute_not_exists(decided_at) OR decided_at >= :since",
                ExpressionAttributeValues={":key": {"S": key}, ":since": {"S": instant(since)}},
                ProjectionExpression="transaction_id",
            )
            for page in pages:
                yield from (item["transaction_id"]["S"] for item in page["Items"])


def _days(dynamodb: Any, aggregates: str) -> list[str]:
    """The days that payments were counted for; those of today and yesterday may not be counted yet."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=aggregates,
        KeyConditionExpression="series = :days",
        ExpressionAttributeValues={":days": {"S": "days"}},
        ProjectionExpression="#bucket",
        ExpressionAttributeNames={"#bucket": "bucket"},
    )
    today = datetime.now(UTC).date()
    counted = {item["bucket"]["S"][:10] for page in pages for item in page["Items"]}
    return sorted(counted | {today.isoformat(), (today - timedelta(days=1)).isoformat()})


def _records(dynamodb: Any, table: str, name: str) -> Iterator[Item]:
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="transaction_id = :id",
        ExpressionAttributeValues={":id": {"S": name}},
        ConsistentRead=True,
    )
    return (item for page in pages for item in page["Items"])


def _filled(dynamodb: Any, table: str, item: Item, placements: Mapping[str, Placement]) -> bool:
    """Writes what the item lacks, unless another write was faster: that one knew the slots, or comes again."""
    whole = item if item["record"]["S"] == TRANSACTION_RECORD else item.get("transaction", {}).get("M")
    placement = placements.get((whole or {}).get(EVENT_TYPE, {}).get("S", ""))
    if whole is None or placement is None:
        return False
    keys = _keys(whole, placement)
    if keys.items() <= whole.items():
        return False
    unchanged = {"ConditionExpression": "content_hash = :hash"}
    values = {":hash": item["content_hash"]}
    try:
        if whole is item:
            dynamodb.update_item(
                TableName=table,
                Key={name: item[name] for name in ("transaction_id", "record")},
                UpdateExpression=f"SET {', '.join(f'#{name} = :{name}' for name in keys)}",
                ExpressionAttributeNames={f"#{name}": name for name in keys},
                ExpressionAttributeValues={**values, **{f":{name}": value for name, value in keys.items()}},
                **unchanged,
            )
        else:
            again = {**item, **conflicting({**whole, **keys})}
            dynamodb.put_item(TableName=table, Item=again, ExpressionAttributeValues=values, **unchanged)
    except ClientError as exc:
        if not condition_failed(exc):
            raise
        return False
    return True


def _keys(whole: Item, placement: Placement) -> Item:
    transaction = transaction_of(whole)
    if transaction.own is None:
        return {}
    others = transaction.values if isinstance(transaction, BuiltInTransaction) else {}
    return placed_attributes(placement.placed(transaction.own, others))
