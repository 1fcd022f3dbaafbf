"""A job as a DynamoDB item and back, and the list of jobs, newest first, read from the index by time."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fraudshield.aws import client
from fraudshield.batch.job import NO_HISTORY, Job, JobFile, JobOptions, JobProgress, Status
from fraudshield.dynamo.record import attributes, from_attributes
from fraudshield.event_type.payment import NAME as PAYMENT
from fraudshield.text.timestamp import instant

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

JOB_RECORD = "job"
ALL = "jobs"  # the one key of the index by time: there are jobs by the day, not by the second
COUNTED = {"chunks": "done_chunks", "chunk_bytes": "done_bytes", "rows": "rows", "rejected": "rejected"} | {
    "flagged": "flagged"
}


def to_item(job: Job, days: int) -> "Item":
    """Writes a job as an item; it ages out after `days`."""
    file, options = job.file, job.options
    texts = {
        "job_id": job.job_id,
        "record": JOB_RECORD,
        "list": ALL,
        "job_type": job.job_type,
        "status": job.status,
        "created_at": instant(job.created_at),
        "bucket": file.bucket,
        "key": file.key,
        "version": file.version,
        "received_at": instant(file.received_at),
        "store": options.store,
        **({"notify": options.notify} if options.notify else {}),
        **({"event_type": file.event_type} if file.event_type != PAYMENT else {}),
        **({"history": options.history} if options.history != NO_HISTORY else {}),
    }
    numbers = {
        "size": file.size,
        "attempt": job.attempt,
        "expires_at": int((job.created_at + timedelta(days=days)).timestamp()),
        **progress_numbers(job.progress),
    }
    return attributes(texts | numbers)


def progress_numbers(progress: JobProgress) -> dict[str, int]:
    """The numbers of a progress by the names of their attributes."""
    return {name: getattr(progress, field) for field, name in COUNTED.items()}


def from_item(item: "Item") -> Job:
    """Reads a job from an item."""
    stored = from_attributes(item)

    def number(name: str) -> int:
        return int(stored.get(name, 0))

    file = JobFile(
        bucket=stored["bucket"],
        key=stored["key"],
        version=stored["version"],
        size=number("size"),
        received_at=datetime.fromisoformat(stored["received_at"]),
        event_type=stored.get("event_type", PAYMENT),
    )
    results = stored.get("results")
    return Job(
        file=file,
        job_type=stored["job_type"],
        options=JobOptions(stored["store"], stored.get("notify"), stored.get("history", NO_HISTORY)),
        status=stored["status"],
        created_at=datetime.fromisoformat(stored["created_at"]),
        attempt=number("attempt"),
        started_at=_at(stored.get("started_at")),
        completed_at=_at(stored.get("completed_at")),
        plan_id=stored.get("plan_id"),
        chunks=number("chunks"),
        model_version=stored.get("model_version"),
        policy_version=number("policy_version") or None,
        progress=JobProgress(**{field: number(name) for field, name in COUNTED.items()}),
        results=json.loads(results) if results else None,
        error_code=stored.get("error_code"),
        error_message=stored.get("error_message"),
    )


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


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
