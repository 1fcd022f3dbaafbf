"""The job service: opens, cancels and fails jobs for the API, for received files and for the state machine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fraudshield.batch.job import Job, JobFile, JobOptions, JobType
from fraudshield.batch.port import JobAnnouncer, JobEnd, JobRunner, JobStore
from fraudshield.errors import JobEnded

MESSAGE_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class JobService:
    """Opens, restarts, cancels and fails jobs. Each call may be repeated: it changes a job once."""

    jobs: JobStore
    runner: JobRunner
    announcer: JobAnnouncer
    now: Callable[[], datetime]

    def open(self, file: JobFile, kind: JobType, options: JobOptions) -> tuple[Job, bool]:
        """Returns the job of this file, started, and whether it is new."""
        job, new = self.jobs.create(Job(file, kind, options, "pending", self.now()))
        if job.status == "pending":  # new, or stored by a process that ended before it started the job
            self.runner.start(job)
        return job, new

    def again(self, job: Job) -> Job:
        """Starts another attempt at a job that failed or was cancelled; the attempt scores the chunks that are left."""
        restarted = self.jobs.restart(job)
        if restarted.status == "pending":
            self.runner.start(restarted)
        return restarted

    def cancel(self, job_id: str) -> Job:
        """Cancels the job; the results of chunks that have ended stay. Raises NotFound, JobEnded."""
        job, ended = self.jobs.end(job_id, JobEnd("cancelled", self.now(), error_message="Cancelled as asked"))
        if not ended and job.status != "cancelled":
            raise JobEnded(f"The job is {job.status} already")
        self.runner.stop(job)
        self.announcer.announce(job)
        return job

    def fail(self, job_id: str, code: str, message: str) -> Job:
        """Ends the job as failed, unless it has ended otherwise meanwhile, and announces its end."""
        ending = JobEnd("failed", self.now(), error_code=code, error_message=message[:MESSAGE_CHARACTERS])
        job, _ = self.jobs.end(job_id, ending)
        self.announcer.announce(job)
        return job
