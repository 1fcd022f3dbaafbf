"""The list of jobs, newest first, read from the index by time."""

from collections.abc import Sequence
from typing import Any

from fraudshield.aws import client
from fraudshield.batch.dynamo_item import ALL, from_item
from fraudshield.batch.job import Job, Status
from fraudshield.dynamo.record import attributes

PAGE = 100  # items that a query reads at least where a status narrows the list


def job_page(table: str, status: Status | None, limit: int, after: object) -> tuple[Sequence[Job], object]:
    """Reads up to `limit` jobs, and the key that the next page starts after, None at the end. Raises botocore's errors.

    It reads on until there are enough, since DynamoDB narrows to a status only after it has cut a page.
    """
    jobs: list[Job] = []
    start: Any = after
    while True:
        page = _query(table, status, limit - len(jobs), start)
        jobs += [from_item(item) for item in page["Items"]]
        start = page.get("LastEvaluatedKey")
        if start is None or len(jobs) >= limit:
            return jobs, start


def _query(table: str, status: Status | None, limit: int, start: Any) -> Any:
    request: dict[str, Any] = {
        "TableName": table,
        "IndexName": "by_created",
        "KeyConditionExpression": "#list = :all",
        "ExpressionAttributeNames": {"#list": "list"},
        "ExpressionAttributeValues": attributes({":all": ALL}),
        "ScanIndexForward": False,
        "Limit": limit,
    }
    if status is not None:
        request["FilterExpression"] = "#status = :status"
        request["ExpressionAttributeNames"]["#status"] = "status"
        request["ExpressionAttributeValues"] |= attributes({":status": status})
        request["Limit"] = max(limit, PAGE)
    if start is not None:
        request["ExclusiveStartKey"] = start
    page = client.jobs_dynamodb().query(**request)
    return page if len(page["Items"]) <= limit else _cut(page, limit)


def _cut(page: Any, limit: int) -> Any:
    """Keeps the first items of a page that has more than were asked for."""
    kept = page["Items"][:limit]
    last = {name: kept[-1][name] for name in ("job_id", "record", "list", "created_at")}
    return {"Items": kept, "LastEvaluatedKey": last}
