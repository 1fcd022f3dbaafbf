"""Wiring of batch: jobs, their files, and the erasures that files are still to be swept for."""

from datetime import UTC, datetime
from functools import lru_cache

from fraudshield.aws.delivery import SqsDeadLetters, SqsReturns
from fraudshield.aws.probe import bucket, machine, table
from fraudshield.aws.wiring import FileSettings, JobSettings, MachineSettings
from fraudshield.batch.dynamo import DynamoJobStore
from fraudshield.batch.dynamo_sweep import DynamoFileErasures, DynamoRewrites
from fraudshield.batch.own.sender import SenderColumns
from fraudshield.batch.s3 import S3Files
from fraudshield.batch.service import JobService
from fraudshield.batch.stepfunctions import SnsAnnouncer, StepFunctionsRunner
from fraudshield.batch.sweep.sweep import Sweep
from fraudshield.dependency import Dependency
from fraudshield.erasure import wiring as erasure_wiring
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.settings import Settings, settings


class SweepSettings(Settings):
    """The queue of messages that start a sweep of the files."""

    file_erasures_queue_url: str


class NoticeSettings(Settings):
    """The queue of files that came in and of executions that ended, and where its messages go that nothing can help."""

    jobs_queue_url: str
    jobs_dead_letters_url: str


class AnnouncementSettings(Settings):
    """The topic that announces the ends of jobs."""

    jobs_topic_arn: str


@lru_cache
def jobs() -> DynamoJobStore:
    """The store of jobs."""
    values = settings(JobSettings)
    return DynamoJobStore(values.jobs_table, values.batch_file_days)


@lru_cache
def files() -> S3Files:
    """The files of transactions, and their results."""
    values = settings(JobSettings)
    return S3Files(settings(FileSettings).jobs_bucket, DynamoRewrites(values.jobs_table, values.batch_file_days))


@lru_cache
def file_erasures() -> DynamoFileErasures:
    """The erasures that files are to be swept for."""
    queue = settings(SweepSettings).file_erasures_queue_url
    return DynamoFileErasures(settings(JobSettings).jobs_table, queue, files())


def sweep() -> Sweep:
    """The sweep of the files. Raises StoreUnavailable where the secret or the event types cannot be read."""
    erasures, types = erasure_wiring.erasures(), event_type_wiring.event_types().all()
    return Sweep(files(), jobs(), erasures, erasures.mark, SenderColumns(types, jobs().find).of)


@lru_cache
def job_announcer() -> SnsAnnouncer:
    """The announcer of ended jobs."""
    return SnsAnnouncer(settings(AnnouncementSettings).jobs_topic_arn)


@lru_cache
def job_service() -> JobService:
    """The service that opens and ends jobs."""
    runner = StepFunctionsRunner(settings(MachineSettings).batch_machine_arn)
    return JobService(jobs(), runner, job_announcer(), lambda: datetime.now(UTC))


@lru_cache
def notice_returns() -> SqsReturns:
    """Puts back notices of files and executions that could not be dealt with."""
    return SqsReturns(settings(NoticeSettings).jobs_queue_url)


@lru_cache
def notice_dead_letters() -> SqsDeadLetters:
    """Takes notices that nobody can read."""
    return SqsDeadLetters(settings(NoticeSettings).jobs_dead_letters_url)


def jobs_needed() -> Dependency:
    """The table of jobs, to be asked whether it answers."""
    return table("jobs", settings(JobSettings).jobs_table, "job_id", "record")


def bucket_needed() -> Dependency:
    """The bucket of files, to be asked whether it answers."""
    return bucket("files", settings(FileSettings).jobs_bucket)


def machine_needed() -> Dependency:
    """The state machine that runs jobs, to be asked whether it answers."""
    return machine("jobs", settings(MachineSettings).batch_machine_arn)
