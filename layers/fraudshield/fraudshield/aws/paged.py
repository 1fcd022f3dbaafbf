"""All items of a series, over as many pages as they take."""

from typing import TYPE_CHECKING, Any

from fraudshield.aws import clients
from fraudshield.aws.patient import PatientCalls

if TYPE_CHECKING:
    from fraudshield.aws.attribute import Item


def series_of(table: str, calls: PatientCalls, series: str, most: int = 0) -> "list[Item]":
    """In their order, the first `most` where that is given; read now. Raises StoreUnavailable."""
    asked: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "series = :series",
        "ExpressionAttributeValues": {":series": {"S": series}},
        "ConsistentRead": True,
    }
    found: list[Item] = []
    while True:
        limit = {"Limit": most - len(found)} if most else {}
        page: Any = calls.one(_query(asked | limit))
        found += page["Items"]
        if "LastEvaluatedKey" not in page or (most and len(found) >= most):
            return found
        asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _query(asked: dict[str, Any]) -> Any:
    return lambda: clients.patient_dynamodb().query(**asked)
