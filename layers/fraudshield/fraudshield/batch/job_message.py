"""What `JobsTopic` says of a job that has ended."""

from typing_extensions import TypedDict

from fraudshield.batch.job import REJECTS_FILE, SCORED_FILE, Job
from fraudshield.timestamp import timestamp


class JobMessage(TypedDict):
    """Null where there is none."""

    job_id: str
    job_type: str
    status: str
    notify: str | None
    created_at: str
    completed_at: str | None
    total_items: int
    processed_items: int
    failed_items: int
    high_risk_count: int
    error_message: str | None
    result_key: str | None
    rejects_key: str | None


def job_message(job: Job) -> JobMessage:
    """Of a job as it ended."""
    completed = job.status == "completed"
    return {
        "job_id": job.job_id,
        "job_type": job.job_type,
        "status": job.status,
        "notify": job.wish.notify,
        "created_at": timestamp(job.created_at),
        "completed_at": timestamp(job.completed_at) if job.completed_at else None,
        "total_items": job.done.rows,
        "processed_items": job.done.rows,
        "failed_items": job.done.rejected,
        "high_risk_count": job.done.flagged,
        "error_message": job.error_message,
        "result_key": job.result_key(SCORED_FILE) if completed else None,
        "rejects_key": job.result_key(REJECTS_FILE) if completed else None,
    }
