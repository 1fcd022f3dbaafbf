"""Changes of stored records that an erasure makes, each undone by nobody and safe to repeat."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fraudshield.aws import client
from fraudshield.text.mention import Mentions

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

WRITTEN = ("label_actor", "actor", "note")  # by people, in a record beside a payment


def records_of(table: str, transaction_id: str) -> "list[Item]":
    """All records under an id, read consistently."""
    pages = (
        client.dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=table,
            KeyConditionExpression="transaction_id = :id",
            ExpressionAttributeValues={":id": {"S": transaction_id}},
            ConsistentRead=True,
        )
    )
    return [item for page in pages for item in page["Items"]]


def key_of(item: "Item") -> "Item":
    """The key of a record."""
    return {name: item[name] for name in ("transaction_id", "record")}


def set_unless_changed(table: str, item: "Item", changed: "Item") -> bool:
    """Updates the item unless its content has changed since it was read; returns whether it was updated."""
    return unless_overtaken(
        client.dynamodb().update_item,
        TableName=table,
        Key=key_of(item),
        UpdateExpression=f"SET {', '.join(f'#{name} = :{name}' for name in changed)}",
        ConditionExpression="content_hash = :old",
        ExpressionAttributeNames={f"#{name}": name for name in changed},
        ExpressionAttributeValues={":old": item["content_hash"], **{f":{name}": one for name, one in changed.items()}},
    )


def replace_record(table: str, item: "Item", by: "Item") -> None:
    """Puts another record in the place of this one, under another key."""
    put: Any = {"Put": {"TableName": table, "Item": by}}
    client.dynamodb().transact_write_items(TransactItems=[{"Delete": {"TableName": table, "Key": key_of(item)}}, put])


def hide_mentions(table: str, item: "Item", name: str, pseudonym: str) -> None:
    """Hides a name in what people wrote beside the payment: who labelled or decided it, and what they noted."""
    mentions = Mentions(lambda one: one == name, lambda _: pseudonym)
    for written in WRITTEN:
        said = item.get(written, {}).get("S", "")
        if mentions.found(said):
            unless_overtaken(
                client.dynamodb().update_item,
                TableName=table,
                Key=key_of(item),
                UpdateExpression="SET #written = :new",
                ConditionExpression="#written = :old",
                ExpressionAttributeNames={"#written": written},
                ExpressionAttributeValues={":old": item[written], ":new": {"S": mentions.replaced(said)}},
            )


def unless_overtaken(write: Any, **request: Any) -> bool:
    """Writes; returns whether the condition held."""
    try:
        write(**request)
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True
