"""What AWS would bill for while handlers run in process: their calls, units, log lines, metrics and durations."""

import json
import logging
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from statistics import quantiles
from typing import Any

import pytest
from botocore.client import BaseClient

from fraudshield.telemetry import logger
from infra.price.record import PartRecord
from tests.caller import Context

# What Lambda itself writes for each invocation.
REQUEST = "7c1c1f1e-6f4e-5b0a-9d3c-1c2d3e4f5a6b"
LAMBDA_LINES = (
    f"START RequestId: {REQUEST} Version: 12\n",
    f"END RequestId: {REQUEST}\n",
    f"REPORT RequestId: {REQUEST}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 1769 MB\t"
    "Max Memory Used: 180 MB\t\n",
)
ACCESS_VALUES = {
    "requestId": REQUEST,
    "requestTime": "01/Dec/2026:12:34:56 +0000",
    "httpMethod": "POST",
    "resourcePath": "/api/v1/score",
    "status": "200",
    "error.responseType": "-",
    "identity.apiKeyId": "a1b2c3d4e5",
    "responseLength": "614",
    "responseLatency": "27",
    "integrationLatency": "24",
    "integrationStatus": "200",
}
OWN_HEADERS_BYTES = 330  # that API Gateway puts on each response: date, ids, trace, connection


class LambdaContext(Context):
    """What a handler is handed, with an id as long as Lambda's."""

    aws_request_id = REQUEST


WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
READS = {"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"}
S3_WRITES = {
    *("PutObject", "CopyObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy"),
    *("CompleteMultipartUpload", "ListObjectsV2", "ListObjectVersions"),
}
FREE = {"DeleteObject", "DeleteObjects", "AbortMultipartUpload", "StartExecution", "Publish", "PutMetricData"}


@dataclass
class Recording:
    """What was billed for while it ran. `lines` are those that handlers logged, by function."""

    amounts: Counter[str] = field(default_factory=Counter)
    handler_s: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    lines: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    metrics: set[tuple[str, ...]] = field(default_factory=set)
    running: bool = False

    def invoke(self, function: str, handler: Callable[[Any, Any], Any], event: Any, what: str = "") -> Any:
        """Runs a handler as Lambda does; returns what it returns.

        `what` tells invocations apart that take differently long, as the steps of a job do.
        """
        with _written() as written:
            self.running = True
            began = time.perf_counter()
            returned = handler(event, LambdaContext())
            self.handler_s[function, what].append(time.perf_counter() - began)
            self.running = False
        lines = written()
        self.lines[function] += [*lines, *LAMBDA_LINES]
        self.amounts["lambda_requests"] += 1
        self.amounts["log_bytes"] += sum(len(line.encode()) for line in (*lines, *LAMBDA_LINES))
        self.metrics |= {one for line in lines if '"_aws"' in line for one in _metrics(function, json.loads(line))}
        return returned

    def request(self, function: str, handler: Callable[[Any, Any], Any], event: Any, access: str) -> Any:
        """Sends a request through API Gateway, which logs a line `access` of it; returns the response's body."""
        response = self.invoke(function, handler, event)
        assert response["statusCode"] < 300, response
        headers = response.get("headers", {}) | response.get("multiValueHeaders", {})
        self.amounts["rest_requests"] += 1
        self.amounts["log_bytes"] += len(access.encode())
        self.amounts["bytes_out"] += len(response["body"].encode()) + len(json.dumps(headers)) + OWN_HEADERS_BYTES
        return json.loads(response["body"])

    def part(self, number: int) -> PartRecord:
        """All of it, as of `number` payments or calls.

        A machine that others load stretches durations, so a function's fastest quarter stands for all of them.
        """
        seconds: dict[str, float] = defaultdict(float)
        for (function, _), each in self.handler_s.items():
            seconds[function] += round(_quarter(each) * len(each), 6)
        return PartRecord(number, {name: round(one, 3) for name, one in sorted(self.amounts.items())}, dict(seconds))

    def note(self, service: str, operation: str, returned: Any) -> None:
        """Counts a call."""
        if service == "dynamodb":
            told = returned.get("ConsumedCapacity", [])
            units = sum(one["CapacityUnits"] for one in (told if isinstance(told, list) else [told]))
            self.amounts["write_units" if operation in WRITES else "read_units"] += units
        elif service == "sqs":
            self.amounts["sqs_requests"] += 1
        elif service == "s3":
            self.amounts["s3_writes" if operation in S3_WRITES else "s3_reads"] += operation not in FREE
        elif service == "secretsmanager":
            self.amounts["secret_reads"] += 1
        else:
            assert operation in FREE, f"Nobody has said what {service} takes for {operation}"


@contextmanager
def recording() -> Iterator[Recording]:
    """Every call of this process that handlers make counts, while the block runs."""
    taken, call = Recording(), BaseClient._make_api_call  # type: ignore[attr-defined]

    def counted(client: Any, operation: str, arguments: Any) -> Any:
        service = client.meta.service_model.service_name
        if operation in WRITES | READS and service == "dynamodb":
            arguments = arguments | {"ReturnConsumedCapacity": "TOTAL"}
        returned = call(client, operation, arguments)
        if taken.running:  # what tests call in between is nobody's
            taken.note(service, operation, returned)
        return returned

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", counted)
        yield taken


def access_line(template: Any) -> str:
    """A line of the API's access log, in the template's format."""
    form: str = template["Resources"]["ApiStage"]["Properties"]["AccessLogSetting"]["Format"]
    return re.sub(r"\$context\.([A-Za-z.]+)", lambda found: ACCESS_VALUES[found[1]], form) + "\n"


def _quarter(seconds: list[float]) -> float:
    return quantiles(seconds, n=4, method="inclusive")[0] if len(seconds) > 3 else sum(seconds) / len(seconds)


@contextmanager
def _written() -> Iterator[Callable[[], list[str]]]:
    """The lines that are logged meanwhile, by the logger and by the metrics."""
    lines, printed = StringIO(), StringIO()
    listener = logging.StreamHandler(lines)
    listener.setFormatter(logger.registered_formatter)
    logging.getLogger().addHandler(listener)
    try:
        with redirect_stdout(printed):
            yield lambda: (lines.getvalue() + printed.getvalue()).splitlines(keepends=True)
    finally:
        logging.getLogger().removeHandler(listener)


def _metrics(function: str, line: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The metrics of a line, each billed: one for every set of dimensions that it is written under."""
    for told in line["_aws"]["CloudWatchMetrics"]:
        for dimensions in told["Dimensions"]:
            values = [function if name == "service" else f"{name}={line[name]}" for name in dimensions]
            yield from ((*values, one["Name"]) for one in told["Metrics"])
