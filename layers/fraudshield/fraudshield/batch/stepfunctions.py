"""The `JobRunner` port on Step Functions, and the `JobAnnouncer` port on SNS."""

import json
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client, execution
from fraudshield.batch.event import job_message
from fraudshield.batch.job import Job
from fraudshield.errors import QueueUnavailable

RUNS_NO_MORE = {"ExecutionDoesNotExist", "ExecutionNotRedrivable"}


@dataclass(frozen=True, slots=True)
class StepFunctionsRunner:
    """The `JobRunner` port: an execution for each attempt of a job, named after it; a name can be used once only."""

    machine_arn: str

    def start(self, job: Job) -> None:
        execution.start(self.machine_arn, job.execution, job.job_id, "job")

    def stop(self, job: Job) -> None:
        arn = f"{self.machine_arn.replace(':stateMachine:', ':execution:')}:{job.execution}"
        try:
            client.stepfunctions().stop_execution(executionArn=arn, error="Cancelled", cause="as asked")
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in RUNS_NO_MORE:
                raise execution.unavailable(exc, "job") from exc
        except BotoCoreError as exc:
            raise execution.unavailable(exc, "job") from exc


@dataclass(frozen=True, slots=True)
class SnsAnnouncer:
    """The `JobAnnouncer` port: one message for each ended job."""

    topic_arn: str

    def announce(self, job: Job) -> None:
        try:
            client.sns().publish(TopicArn=self.topic_arn, Message=json.dumps(job_message(job)))
        except (BotoCoreError, ClientError) as exc:
            raise QueueUnavailable(f"A job's end was not announced: {type(exc).__name__}") from exc
