"""The `BacktestRunner` port on Step Functions: the machine that runs jobs of files runs tests too, by their ids."""

import json
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.backtest.backtest import Backtest
from fraudshield.errors import RunnerUnavailable


@dataclass(frozen=True, slots=True)
class StepFunctionsBacktestRunner:
    """An execution for each test, named after it; a name can be used once only."""

    machine_arn: str

    def start(self, backtest: Backtest) -> None:
        sent = json.dumps({"job_id": backtest.backtest_id})
        try:
            client.stepfunctions().start_execution(
                stateMachineArn=self.machine_arn, name=backtest.execution, input=sent
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise _refused(exc.response["Error"]["Code"]) from exc
        except BotoCoreError as exc:
            raise _refused(type(exc).__name__) from exc


def _refused(why: str) -> RunnerUnavailable:
    return RunnerUnavailable(f"Step Functions did not take the test: {why}")
