"""Conditional puts and transactions, and the reasons of their refusals."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.dynamo.attempt import retried

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from fraudshield.dynamo.record import Item

    Connect = Callable[[], DynamoDBClient]

# DynamoDB's reasons for each write of a transaction that it cancelled.
CONDITION_FAILED, CONFLICT, NO_REASON = "ConditionalCheckFailed", "TransactionConflict", "None"
OVERTAKEN = frozenset({CONDITION_FAILED, CONFLICT, NO_REASON})  # another write was faster
TIMES = 6  # that somebody else's transaction may be under way on one of the items
PAUSE_S = 0.05
T = TypeVar("T")


def written(writes: "Sequence[TransactWriteItemTypeDef]", connect: "Connect" = client.dynamodb) -> bool:
    """Returns whether all was written; nothing was where another write was faster. Raises botocore's errors."""
    try:
        connect().transact_write_items(TransactItems=writes)
    except ClientError as exc:
        reasons = cancellation_reasons(exc)
        if reasons and OVERTAKEN.issuperset(reasons):
            return False
        raise
    return True


def put_new(table: str, item: "Item", key: str, connect: "Connect" = client.dynamodb) -> "Item | None":
    """Writes `item` unless one is stored (`key` is an attribute of the table's key); returns the stored item then.

    It is not idempotent by itself: where a response was lost, the next attempt gets its own item back, so the
    caller compares contents. Raises botocore's errors.
    """
    try:
        connect().put_item(
            TableName=table,
            Item=item,
            ConditionExpression="attribute_not_exists(#key)",
            ExpressionAttributeNames={"#key": key},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as exc:
        return found_instead(exc)
    return None


def put_new_with(
    table: str,
    item: "Item",
    key: str,
    beside: "Sequence[TransactWriteItemTypeDef]",
    connect: "Connect" = client.dynamodb,
) -> "Item | None":
    """Writes `item` as `put_new` does, and all that is `beside` it with it or not at all. Raises botocore's errors."""
    put: TransactWriteItemTypeDef = {
        "Put": {
            "TableName": table,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(#key)",
            "ExpressionAttributeNames": {"#key": key},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }
    return unless_found([put, *beside], connect)


def unless_found(writes: "Sequence[TransactWriteItemTypeDef]", connect: "Connect" = client.dynamodb) -> "Item | None":
    """Makes all writes or none; returns the item for which the condition of the first did not hold, empty without one.

    None where all were made. It is tried again where another transaction was under way. Raises botocore's errors.
    """
    write = partial(connect().transact_write_items, TransactItems=writes)
    try:
        retried(write, only_in_the_way, PAUSE_S, attempts=TIMES)
    except ClientError as exc:
        found = found_instead_of_each(exc)
        if 0 not in found:
            raise
        return found[0]
    return None


def if_allowed(write: Callable[[], T]) -> T | None:
    """Returns the result of `write`; None where its condition did not hold. Raises botocore's other errors."""
    try:
        return write()
    except ClientError as exc:
        if not condition_failed(exc):
            raise
        return None


def condition_failed(exc: ClientError) -> bool:
    """Whether a single write was refused because its condition did not hold."""
    return exc.response["Error"]["Code"] == "ConditionalCheckFailedException"


def found_instead(exc: ClientError) -> "Item":
    """Returns the stored item for which a condition did not hold, empty without one. Raises other errors again.

    The write has to ask for it: `ReturnValuesOnConditionCheckFailure`.
    """
    response: Any = exc.response
    if not condition_failed(exc):
        raise exc
    found: Item = response.get("Item", {})
    return found


def cancellation_reasons(exc: BotoCoreError | ClientError) -> list[str]:
    """Returns the reason for each write of a cancelled transaction, in order; empty after any other failure."""
    return [str(one.get("Code", NO_REASON)) for one in _reasons(exc)]


def found_instead_of_each(exc: BotoCoreError | ClientError) -> "dict[int, Item]":
    """Returns by number of the write the stored items for which conditions of a cancelled transaction did not hold."""
    return {at: one.get("Item", {}) for at, one in enumerate(_reasons(exc)) if one.get("Code") == CONDITION_FAILED}


def _reasons(exc: BotoCoreError | ClientError) -> Any:
    response: Any = exc.response if isinstance(exc, ClientError) else {}
    return response.get("CancellationReasons", [])


def write_all(writes: Sequence[Any]) -> dict[int, Any]:
    """Makes all writes or none; returns the stored items of failed conditions, by number of the write.

    Like `put_new` it is not idempotent by itself. Raises botocore's errors.
    """
    write = partial(client.patient_dynamodb().transact_write_items, TransactItems=writes)
    try:
        retried(write, only_in_the_way, PAUSE_S, attempts=TIMES)
    except ClientError as exc:
        if found := found_instead_of_each(exc):
            return dict(found)
        raise
    return {}


def only_in_the_way(exc: BotoCoreError | ClientError) -> bool:
    """Whether another transaction was under way on an item, and no condition failed: the same may succeed then."""
    reasons = cancellation_reasons(exc)
    return CONFLICT in reasons and CONDITION_FAILED not in reasons


def put_all_new(table: str, items: "Sequence[Item]", key: str, connect: "Connect") -> None:
    """Writes all items in one transaction, at most 100, unless one of them is stored: then none of them.

    Raises botocore's errors; `found_instead_of_each` reads from one which items are stored.
    """
    puts: Any = [
        {
            "Put": {
                "TableName": table,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(#key)",
                "ExpressionAttributeNames": {"#key": key},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }
        for item in items
    ]
    connect().transact_write_items(TransactItems=puts)
