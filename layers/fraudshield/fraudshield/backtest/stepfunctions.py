"""The `BacktestRunner` port on Step Functions: the machine that runs jobs of files runs tests too, by their ids."""

from dataclasses import dataclass

from fraudshield.aws import execution
from fraudshield.backtest.backtest import Backtest


@dataclass(frozen=True, slots=True)
class StepFunctionsBacktestRunner:
    """An execution for each test, named after it; a name can be used once only."""

    machine_arn: str

    def start(self, backtest: Backtest) -> None:
        execution.start(self.machine_arn, backtest.execution, backtest.backtest_id, "test")
