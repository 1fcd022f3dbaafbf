"""A transaction's first decision: written with it, or filled in once where it was stored without."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from fraudshield.aws import clients
from fraudshield.aws.beside import DECISION
from fraudshield.aws.conditional import put_new
from fraudshield.aws.transaction_item import is_decided, same_content

if TYPE_CHECKING:
    from fraudshield.aws.attribute import Item

# What a decision brings; all else is the transaction as it came, and stays.
FILLED = DECISION | {"review_queue", "expected_loss", "source", "batch_row"}


def put_decided(table: str, item: "Item") -> "Item | None":
    """Store a decided transaction, unless its id has a decision or another content by now: then what is there instead.

    As `put_new`, not idempotent by itself. Raises botocore's errors.
    """
    while True:  # each turn but the last, somebody else changed the stored one meanwhile
        stored = put_new(table, item, "transaction_id")
        if stored is None or is_decided(stored) or not same_content(stored, item):
            return stored
        if _fill(table, stored, item):
            return None


def _fill(table: str, stored: "Item", item: "Item") -> bool:
    """Whether the stored one was still as it was read. A labelled one is not for review any more."""
    values: Item = {name: value for name, value in item.items() if name in FILLED}
    unchanged, read = "attribute_not_exists(label_revision)", stored.get("label_revision")
    if "label" in stored:
        values.pop("review_queue", None)
    if read is not None:  # who is about to take the label back must see that it is flagged now
        unchanged = "label_revision = :read"
        values["label_revision"] = {"N": str(int(read["N"]) + 1)}
    try:
        clients.dynamodb().update_item(
            TableName=table,
            Key={name: stored[name] for name in ("transaction_id", "record")},
            UpdateExpression=f"SET {', '.join(f'#{name} = :{name}' for name in sorted(values))}",
            ConditionExpression=f"content_hash = :hash AND attribute_not_exists(outcome) AND {unchanged}",
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues={
                **{f":{name}": value for name, value in values.items()},
                ":hash": stored["content_hash"],
                **({":read": read} if read is not None else {}),
            },
        )
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True
