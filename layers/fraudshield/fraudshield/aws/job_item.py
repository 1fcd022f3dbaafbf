"""A job as a DynamoDB item, and back."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fraudshield.batch.job import Job, JobFile, Progress, Wish
from fraudshield.timestamp import instant

if TYPE_CHECKING:
    from fraudshield.aws.attribute import Item

JOB_RECORD = "job"
ALL = "jobs"  # the one key of the index by time: there are jobs by the day, not by the second
COUNTED = {"chunks": "done_chunks", "chunk_bytes": "done_bytes", "rows": "rows", "rejected": "rejected"} | {
    "flagged": "flagged"
}


def to_item(job: Job, days: int) -> "Item":
    """Every attribute; the job ages out after so many days."""
    file, wish = job.file, job.wish
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
        "store": wish.store,
        **({"notify": wish.notify} if wish.notify else {}),
    }
    numbers = {
        "size": file.size,
        "attempt": job.attempt,
        "expires_at": int((job.created_at + timedelta(days=days)).timestamp()),
        **progress(job.done),
    }
    item: Item = {name: {"S": text} for name, text in texts.items()}
    return item | {name: {"N": str(number)} for name, number in numbers.items()}


def progress(done: Progress) -> dict[str, int]:
    """By attribute."""
    return {name: getattr(done, field) for field, name in COUNTED.items()}


def from_item(item: "Item") -> Job:
    """The job."""
    text, number = _Reader(item).text, _Reader(item).number
    file = JobFile(
        bucket=item["bucket"]["S"],
        key=item["key"]["S"],
        version=item["version"]["S"],
        size=number("size"),
        received_at=datetime.fromisoformat(item["received_at"]["S"]),
    )
    status, kind, store = (item[name]["S"] for name in ("status", "job_type", "store"))
    results = text("results")
    return Job(
        file=file,
        job_type=kind,  # type: ignore[arg-type]
        wish=Wish(store, text("notify")),  # type: ignore[arg-type]
        status=status,  # type: ignore[arg-type]
        created_at=datetime.fromisoformat(item["created_at"]["S"]),
        attempt=number("attempt"),
        started_at=_at(text("started_at")),
        completed_at=_at(text("completed_at")),
        plan_id=text("plan_id"),
        chunks=number("chunks"),
        model_version=text("model_version"),
        policy_version=number("policy_version") or None,
        done=Progress(**{field: number(name) for field, name in COUNTED.items()}),
        results=json.loads(results) if results else None,
        error_code=text("error_code"),
        error_message=text("error_message"),
    )


class _Reader:
    """Attributes that may be missing."""

    def __init__(self, item: "Item") -> None:
        self._item: Any = item

    def text(self, name: str) -> str | None:
        found = self._item.get(name)
        return None if found is None else str(found["S"])

    def number(self, name: str) -> int:
        return int(self._item.get(name, {"N": "0"})["N"])


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
