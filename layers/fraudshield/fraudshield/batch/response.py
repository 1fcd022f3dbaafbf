"""The responses of the batch API."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from fraudshield.batch.job import STATUSES, HistoryFrom, Job, JobType, Status, StoreWhat
from fraudshield.event_type.payment import NAME
from fraudshield.text.query import Query, Whole
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp

UPLOAD_BYTES = 5 * 1024**3  # what S3 takes in one request
LINK_S = 3600


class JobsQuery(Query):
    """Which jobs, newest first."""

    limit: Annotated[Whole, Field(ge=1, le=1000)] = 100
    cursor: str | None = None
    status: Status | None = None


class JobObject(TypedDict):
    """A job. Progress is in percent of the file's bytes; `total_items` is null until all of the file was read.

    Items are rows; `failed_items` are those that could not be scored, with their reasons behind `rejects_url`;
    `unstored_items` were scored and could not be stored, and stand behind `unstored_url`. The links are good for an
    hour, and only where one job is asked for.
    """

    job_id: str
    job_type: JobType
    status: Status
    event_type: str
    file: str
    store: StoreWhat
    history: HistoryFrom
    notify: str | None
    attempt: int
    created_at: Moment
    started_at: Moment | None
    completed_at: Moment | None
    progress: float
    total_items: int | None
    processed_items: int
    failed_items: int
    unstored_items: int
    chunks: int
    chunks_done: int
    file_bytes: int
    results: dict[str, int]
    model_version: str | None
    policy_version: int | None
    result_url: str | None
    rejects_url: str | None
    unstored_url: str | None
    error_code: str | None
    error_message: str | None


class JobLinks(TypedDict):
    """Relative to this answer's own address: the job, and those of its flagged rows that are stored."""

    self: str
    flagged: str


class OneJob(JobObject):
    """A job that was asked for alone."""

    links: JobLinks


class JobResponse(TypedDict):
    """A job that was asked for; `status` is `created`, or of the job that knows this file already.

    `history` is the job's, which a file that is known keeps.
    """

    job_id: str
    status: Annotated[str, one_of("created", *STATUSES)]
    message: str
    known: bool
    history: HistoryFrom


class JobsResponse(TypedDict):
    """A page of jobs; the counts are over all."""

    jobs: list[JobObject]
    count: int
    active_jobs: int
    completed_jobs: int
    next_cursor: str | None


class JobStats(TypedDict):
    """Jobs since the first, and rows of those that completed."""

    total_jobs: int
    active_jobs: int
    completed_jobs: int
    failed_jobs: int
    cancelled_jobs: int
    processed_items: int
    failed_items: int
    high_risk_count: int


class UploadResponse(TypedDict):
    """Put the file there with one request, then ask for a job with the key. S3 takes up to `max_bytes` so."""

    upload_url: str
    method: Annotated[str, one_of("PUT")]
    s3_key: str
    expires_in_s: int
    max_bytes: int


def job_response(job: Job, new: bool) -> JobResponse:
    """The response to a request for a job."""
    if new:
        return _response(job, "created", "The job has been created", known=False)
    return _response(job, job.status, f"This version of the file is known: its job is {job.status}", known=True)


def restarted_response(job: Job) -> JobResponse:
    """The response to another request for a job that had failed or was cancelled."""
    message = f"The job starts again (attempt {job.attempt}) and does what is left"
    return _response(job, "created", message, known=True)


def _response(job: Job, status: str, message: str, *, known: bool) -> JobResponse:
    return {
        "job_id": job.job_id,
        "status": status,
        "message": message,
        "known": known,
        "history": job.options.history,
    }


def job_object(
    job: Job, result_url: str | None = None, rejects_url: str | None = None, unstored_url: str | None = None
) -> JobObject:
    """A job as the API shows it."""
    return {
        "job_id": job.job_id,
        "job_type": job.job_type,
        "status": job.status,
        "event_type": job.file.event_type,
        "file": job.file.key,
        "store": job.options.store,
        "history": job.options.history,
        "notify": job.options.notify,
        "attempt": job.attempt,
        "created_at": timestamp(job.created_at),
        "started_at": timestamp(job.started_at) if job.started_at else None,
        "completed_at": timestamp(job.completed_at) if job.completed_at else None,
        "progress": job.percent,
        "total_items": job.progress.rows if job.status == "completed" else None,
        "processed_items": job.progress.rows,
        "failed_items": job.progress.rejected,
        "unstored_items": job.unstored,
        "chunks": job.chunks,
        "chunks_done": job.progress.chunks,
        "file_bytes": job.file.size,
        "results": {"high_risk_count": job.progress.flagged, **(job.results or {})},
        "model_version": job.model_version,
        "policy_version": job.policy_version,
        "result_url": result_url,
        "rejects_url": rejects_url,
        "unstored_url": unstored_url,
        "error_code": job.error_code,
        "error_message": job.error_message,
    }


def one_job(
    job: Job, result_url: str | None = None, rejects_url: str | None = None, unstored_url: str | None = None
) -> OneJob:
    """A job with its links."""
    of_type = "" if job.file.event_type == NAME else f"&event_type={job.file.event_type}"
    flagged = f"../../database/transactions?outcome=review,block&job_id={job.job_id}{of_type}"
    shown = job_object(job, result_url, rejects_url, unstored_url)
    return {**shown, "links": {"self": job.job_id, "flagged": flagged}}


def jobs_response(jobs: Sequence[Job], counts: Mapping[str, int], next_cursor: str | None) -> JobsResponse:
    """A page of jobs as the API shows it."""
    return {
        "jobs": [job_object(job) for job in jobs],
        "count": len(jobs),
        "active_jobs": _active(counts),
        "completed_jobs": counts.get("completed", 0),
        "next_cursor": next_cursor,
    }


def job_stats(counts: Mapping[str, int]) -> JobStats:
    """The counts as the API shows them."""
    return {
        "total_jobs": sum(counts.get(status, 0) for status in STATUSES),
        "active_jobs": _active(counts),
        "completed_jobs": counts.get("completed", 0),
        "failed_jobs": counts.get("failed", 0),
        "cancelled_jobs": counts.get("cancelled", 0),
        "processed_items": counts.get("rows", 0),
        "failed_items": counts.get("rejected", 0),
        "high_risk_count": counts.get("flagged", 0),
    }


def _active(counts: Mapping[str, int]) -> int:
    return counts.get("pending", 0) + counts.get("running", 0)
