"""Where jobs are opened, cancelled and closed, whoever asks: the API, a file that came in, the state machine's end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fraudshield.batch.job import Job, JobFile, JobOptions, JobType
from fraudshield.batch.port import JobAnnouncer, JobEnd, JobRunner, JobStore
from fraudshield.errors import JobEnded

MESSAGE_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class JobService:
    """Everything here is safe to repeat."""

    jobs: JobStore
    runner: JobRunner
    announcer: JobAnnouncer
    now: Callable[[], datetime]

    def open(self, file: JobFile, kind: JobType, options: JobOptions) -> tuple[Job, bool]:
        """The job of this file, and whether it is new. It has been started, whenever it was."""
        job, new = self.jobs.create(Job(file, kind, options, "pending", self.now()))
        if job.status == "pending":  # new, or whoever made it did not come to start it
            self.runner.start(job)
        return job, new

    def again(self, job: Job) -> Job:
        """Another attempt at a job that failed or was cancelled: it does what is left."""
        restarted = self.jobs.restart(job)
        if restarted.status == "pending":
            self.runner.start(restarted)
        return restarted

    def cancel(self, job_id: str) -> Job:
        """It is cancelled; parts that have ended stay. Raises NotFound, JobEnded."""
        job, ended = self.jobs.end(job_id, JobEnd("cancelled", self.now(), error_message="Cancelled as asked"))
        if not ended and job.status != "cancelled":
            raise JobEnded(f"The job is {job.status} already")
        self.runner.stop(job)
        self.announcer.announce(job)
        return job

    def fail(self, job_id: str, code: str, message: str) -> Job:
        """It failed, unless it has ended otherwise meanwhile; whoever wants to know is told."""
        ending = JobEnd("failed", self.now(), error_code=code, error_message=message[:MESSAGE_CHARACTERS])
        job, _ = self.jobs.end(job_id, ending)
        self.announcer.announce(job)
        return job
