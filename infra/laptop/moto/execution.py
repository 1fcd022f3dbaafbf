"""moto's Step Functions, on our Lambda: executions are written down while they run, and EventBridge gets their events.

moto looks for functions and buckets at a name that not every machine resolves, calls all executions without a name
`None`, and forgets those that run when it ends.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache, partial
from typing import Any
from uuid import uuid4

from moto.stepfunctions.parser.asl.component.state.exec.state_map.item_reader.eval import resource_eval_s3 as reader
from moto.stepfunctions.parser.asl.component.state.exec.state_map.result_writer.resource_eval import (
    resource_eval_s3 as writer,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_sns,
    state_task_service_sqs,
)
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from infra.laptop.eventbridge.event import execution_changed
from infra.laptop.moto.event_bus import put_event
from infra.laptop.moto.patch import Patch
from infra.laptop.resources.execution_journal import ExecutionJournal
from infra.laptop.sdk import Sdk

# It may have ended before its beginning is told of.
BEGUN = {"status": "RUNNING"} | dict.fromkeys(("stopDate", "output", "outputDetails", "error", "cause"))
LONGEST_S = 960.0  # Lambda's 15 minutes, and a wait for a worker

_start_execution = StepFunctionsParserBackend.start_execution
_terminated = BaseExecutionWorkerCommunication.terminated


def patches(sdk: Sdk, journal: ExecutionJournal) -> Iterator[Patch]:
    """The patches for the process that runs executions. `sdk` says where functions and services answer."""
    client = cache(partial(sdk.client, read_timeout_s=LONGEST_S))

    def client_for(*_: Any, service: str, **__: Any) -> Any:
        return client(service)

    def start_execution(
        backend: Any, state_machine_arn: str, name: Any = None, execution_input: Any = None, trace_header: Any = None
    ) -> Any:
        with journal.lock:  # `terminated` waits for the entry that it is to remove
            name = name or str(uuid4())
            execution = _start_execution(backend, state_machine_arn, name, execution_input, trace_header)
            journal.begin(execution.exec_arn, state_machine_arn, name, execution.execution_input)
        put_event(execution_changed(execution.exec_arn, _detail(execution) | BEGUN))
        return execution

    def terminated(communication: Any) -> None:
        _terminated(communication)
        with journal.lock:
            journal.end(communication.execution.exec_arn)
        execution = communication.execution
        put_event(execution_changed(execution.exec_arn, _detail(execution)))

    for module in (lambda_eval_utils, reader, writer, state_task_service_sns, state_task_service_sqs):
        yield Patch(module, "boto_client_for", client_for)
    yield Patch(StepFunctionsParserBackend, "start_execution", start_execution)
    yield Patch(BaseExecutionWorkerCommunication, "terminated", terminated)


def _detail(execution: Any) -> dict[str, Any]:
    return {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine.arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": _milliseconds(execution.start_date),
        "stopDate": _milliseconds(execution.stop_date),
        "input": json.dumps(execution.input_data),
        "output": None if execution.output is None else json.dumps(execution.output),
        "inputDetails": {"included": True},
        "outputDetails": None if execution.output is None else {"included": True},
        "error": execution.error,
        "cause": execution.cause,
    }


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp() * 1000)
