"""Starting executions of a state machine, each by a name that can be used once only."""

import json

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.errors import RunnerUnavailable

RUNS_ALREADY = "ExecutionAlreadyExists"


def start(machine_arn: str, name: str, job_id: str, what: str) -> None:
    """Starts it unless it was started before. Raises RunnerUnavailable, which calls it by `what` it is."""
    try:
        client.stepfunctions().start_execution(
            stateMachineArn=machine_arn, name=name, input=json.dumps({"job_id": job_id})
        )
    except ClientError as exc:
        if exc.response["Error"]["Code"] != RUNS_ALREADY:
            raise unavailable(exc, what) from exc
    except BotoCoreError as exc:
        raise unavailable(exc, what) from exc


def unavailable(exc: Exception, what: str) -> RunnerUnavailable:
    """What a failure of Step Functions is to callers."""
    code = exc.response["Error"]["Code"] if isinstance(exc, ClientError) else type(exc).__name__
    return RunnerUnavailable(f"Step Functions did not take the {what}: {code}")
