"""Batch: opens jobs for files of transactions, shows their progress and results, cancels them."""

from uuid import uuid4

from fastapi import Depends, Request, Response

from fraudshield.api.app import add_health, create_app
from fraudshield.api.entry import lambda_entry
from fraudshield.api.health import health
from fraudshield.api.openapi import documented
from fraudshield.api.path import JobIdPath
from fraudshield.api.request import json_body, query, scope
from fraudshield.api.response import created_response, json_response
from fraudshield.api.settings import RequestSettings
from fraudshield.batch import wiring as batch_wiring
from fraudshield.batch.job import INLINE, NO_HISTORY, REJECTS_FILE, SCORED_FILE, UNSTORED_FILE, UPLOADS
from fraudshield.batch.own.place import event_type_of, history_of
from fraudshield.batch.request import JobRequest, UploadRequest, read_job_request, read_upload_request, with_history
from fraudshield.batch.response import (
    LINK_S,
    UPLOAD_BYTES,
    JobResponse,
    JobsQuery,
    JobsResponse,
    JobStats,
    OneJob,
    UploadResponse,
    job_response,
    job_stats,
    jobs_response,
    one_job,
    restarted_response,
)
from fraudshield.dependency import Needs
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.errors import JobEnded, NotFound, UnknownEventType
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.payment import NAME
from fraudshield.settings import settings

SCORE, ANALYST = Depends(scope("score")), Depends(scope("analyst"))

app = create_app("batch", "Scores files of transactions of any size.")


@app.post(
    "/jobs",
    dependencies=[SCORE],
    **documented(JobResponse, JobRequest, raises=(NotFound, UnknownEventType), headers=("Location",)),
)
async def create_job(request: Request) -> Response:
    """Score a file of the jobs bucket, or up to 1,000 transactions. The same file again is the same job."""
    types, files, service = event_type_wiring.event_types(), batch_wiring.files(), batch_wiring.job_service()
    command = read_job_request(await json_body(request), settings(RequestSettings).max_batch_size, types)
    if command.s3_key is not None:
        event_type = command.event_type or event_type_of(command.s3_key, types)
        history = command.history or history_of(command.s3_key, event_type)
        options = with_history(command.options, event_type, history)
        job, new = service.open(files.find(command.s3_key).of(event_type), "process_csv", options)
    else:
        event_type = command.event_type or NAME
        options = with_history(command.options, event_type, command.history or NO_HISTORY)
        file = files.put(f"{INLINE}{uuid4().hex}.csv", command.content)
        job, new = service.open(file.of(event_type), "process_transactions", options)
    if not new and job.status in {"failed", "cancelled"}:
        job = service.again(job)
        return created_response(restarted_response(job), f"jobs/{job.job_id}")
    return created_response(job_response(job, new), f"jobs/{job.job_id}")


@app.get("/jobs", dependencies=[ANALYST], **documented(JobsResponse, query=JobsQuery))
async def jobs(request: Request) -> Response:
    """Jobs, newest first, in pages."""
    asked, store = query(request, JobsQuery), batch_wiring.jobs()
    which = {"list": "jobs", "status": asked.status}
    after = dynamo_wiring.cursors().open(which, asked.cursor) if asked.cursor else None
    found, position = store.page(asked.status, asked.limit, after)
    cursor = None if position is None else dynamo_wiring.cursors().seal(which, position)
    return json_response(jobs_response(found, store.counts(), cursor))


@app.get("/jobs/{job_id:segment}", dependencies=[SCORE], **documented(OneJob))
async def job(job_id: JobIdPath) -> Response:
    """One job: how far it is, and where its results are."""
    found, files = batch_wiring.jobs().find(job_id), batch_wiring.files()
    if found.status != "completed":
        return json_response(one_job(found))
    names = (SCORED_FILE, REJECTS_FILE, *((UNSTORED_FILE,) if found.unstored else ()))
    return json_response(one_job(found, *(files.url(found.result_key(name), LINK_S) for name in names)))


@app.delete("/jobs/{job_id:segment}", dependencies=[SCORE], **documented(OneJob, raises=(JobEnded,)))
async def cancel(job_id: JobIdPath) -> Response:
    """Cancel a job that has not ended. What it has stored stays; asking for the file again does what is left."""
    return json_response(one_job(batch_wiring.job_service().cancel(job_id)))


@app.post("/uploads", dependencies=[SCORE], **documented(UploadResponse, UploadRequest, raises=(UnknownEventType,)))
async def upload(request: Request) -> Response:
    """A link to put a file at, up to 5 GB; then ask for a job with its key."""
    named = read_upload_request(await json_body(request), event_type_wiring.event_types())
    key = f"{UPLOADS}{uuid4().hex}/{'/'.join(named)}"
    response: UploadResponse = {
        "upload_url": batch_wiring.files().upload_url(key, LINK_S),
        "method": "PUT",
        "s3_key": key,
        "expires_in_s": LINK_S,
        "max_bytes": UPLOAD_BYTES,
    }
    return json_response(response)


@app.get("/stats", dependencies=[ANALYST], **documented(JobStats))
async def stats() -> Response:
    """Jobs and rows in numbers."""
    return json_response(job_stats(batch_wiring.jobs().counts()))


def _needs() -> Needs:
    """Without the table of jobs it can do nothing, without bucket or state machine it starts none."""
    return Needs(
        vital=[(batch_wiring.jobs_needed(),)],
        besides=[batch_wiring.bucket_needed(), batch_wiring.machine_needed(), dynamo_wiring.secret_needed()],
    )


add_health(app, "batch", lambda name, now: health(name, _needs, now), "Healthy, degraded and why, or 503.")


lambda_handler = lambda_entry(app, "/api/v1/batch")
