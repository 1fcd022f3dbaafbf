"""The `JobRunner` port on Step Functions, and the `JobAnnouncer` port on SNS."""

import json
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.batch.event import job_message
from fraudshield.batch.job import Job
from fraudshield.errors import QueueUnavailable, RunnerUnavailable

RUNS_ALREADY = "ExecutionAlreadyExists"
RUNS_NO_MORE = {"ExecutionDoesNotExist", "ExecutionNotRedrivable"}


@dataclass(frozen=True, slots=True)
class StepFunctionsRunner:
    """The `JobRunner` port: an execution for each attempt of a job, named after it; a name can be used once only."""

    machine_arn: str

    def start(self, job: Job) -> None:
        try:
            client.stepfunctions().start_execution(
                stateMachineArn=self.machine_arn, name=job.execution, input=json.dumps({"job_id": job.job_id})
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] != RUNS_ALREADY:
                raise _unavailable(exc) from exc
        except BotoCoreError as exc:
            raise _unavailable(exc) from exc

    def stop(self, job: Job) -> None:
        arn = f"{self.machine_arn.replace(':stateMachine:', ':execution:')}:{job.execution}"
        try:
            client.stepfunctions().stop_execution(executionArn=arn, error="Cancelled", cause="as asked")
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in RUNS_NO_MORE:
                raise _unavailable(exc) from exc
        except BotoCoreError as exc:
            raise _unavailable(exc) from exc


@dataclass(frozen=True, slots=True)
class SnsAnnouncer:
    """The `JobAnnouncer` port: one message for each ended job."""

    topic_arn: str

    def announce(self, job: Job) -> None:
        try:
            client.sns().publish(TopicArn=self.topic_arn, Message=json.dumps(job_message(job)))
        except (BotoCoreError, ClientError) as exc:
            raise QueueUnavailable(f"A job's end was not announced: {type(exc).__name__}") from exc


def _unavailable(exc: Exception) -> RunnerUnavailable:
    code = exc.response["Error"]["Code"] if isinstance(exc, ClientError) else type(exc).__name__
    return RunnerUnavailable(f"Step Functions did not take the job: {code}")
