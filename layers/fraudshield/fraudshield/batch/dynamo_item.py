"""A job as a DynamoDB item, and back."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fraudshield.batch.job import Job, JobFile, JobOptions, JobProgress
from fraudshield.dynamo.record import attributes, from_attributes
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
    )
    results = stored.get("results")
    return Job(
        file=file,
        job_type=stored["job_type"],
        options=JobOptions(stored["store"], stored.get("notify")),
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
