"""The conditional put that everything written once is written by."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fraudshield.aws import clients

if TYPE_CHECKING:
    from fraudshield.aws.attribute import Item


def put_new(table: str, item: "Item", key: str) -> "Item | None":
    """Write `item` if nothing is there (`key` is an attribute of the table's key); else what is there instead.

    Not idempotent by itself: where an answer was lost, the next attempt gets its own item back, so the
    caller compares contents. Raises botocore's errors.
    """
    try:
        clients.dynamodb().put_item(
            TableName=table,
            Item=item,
            ConditionExpression="attribute_not_exists(#key)",
            ExpressionAttributeNames={"#key": key},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as exc:
        response: Any = exc.response
        if response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        there: Item = response["Item"]
        return there
    return None
