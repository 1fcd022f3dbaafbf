"""The steps of a batch job in this process, in the order and with the retries of `infra/batch.asl.json`."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fraudshield.batch import wiring as batch_wiring
from fraudshield.batch.event import FileReceived, read_notice
from fraudshield.batch.job import Job
from fraudshield.batch.own.place import event_type_of
from fraudshield.errors import FraudShieldError
from fraudshield.event_type import wiring as event_type_wiring
from functions.batch import app, intake, tasks
from infra.laptop.eventbridge.event import object_created
from tests.caller import ApiResponse, Caller, Context
from tests.stack import Stack, client

PREFIX = "/api/v1/batch"
NEVER_AGAIN = {
    *("Malformed", "TooLarge", "InvalidInput", "NotFound", "UnknownEventType", "JobEnded", "ModelRefused"),
    "ChunksFailed",
}
TRIES = 7


class StepFailed(Exception):
    """The failure of a step, as Step Functions passes it on."""

    def __init__(self, exc: Exception) -> None:
        super().__init__(str(exc))
        cause = {"errorMessage": str(exc), "errorType": type(exc).__name__}
        self.told = {"Error": type(exc).__name__, "Cause": json.dumps(cause)}


@dataclass
class Batch:
    """A stack with files and jobs. `around` wraps every call of the tasks function."""

    stack: Stack
    around: Callable[[Callable[[], Any]], Any] = field(default=lambda call: call())
    steps: list[str] = field(default_factory=list)

    @property
    def caller(self) -> Caller:
        return Caller(handler=app.lambda_handler)

    def send(self, method: str, path: str, body: Any = None) -> ApiResponse:
        return self.caller.send(method, PREFIX + path, body)

    def drop(self, content: bytes | str, key: str = "incoming/payments.csv") -> Job:
        """Puts a file and sends its event to the intake, as EventBridge does; returns the job."""
        body = content.encode() if isinstance(content, str) else content
        put = client("s3").put_object(Bucket=self.stack.bucket, Key=key, Body=body)
        return self.tell(key, put["VersionId"], len(body))

    def tell(self, key: str, version: str | None, size: int = 1) -> Job:
        """Sends the event of a received file to the intake; returns the job."""
        event = object_created(self.stack.bucket, key, size, "etag", version)
        response = intake.lambda_handler(queued(json.dumps(event)), Context())  # type: ignore[arg-type]
        assert response == {"batchItemFailures": []}
        notice = read_notice(json.dumps(event))
        assert isinstance(notice, FileReceived)
        named = event_type_of(key, event_type_wiring.event_types())
        return batch_wiring.jobs().find(batch_wiring.files().find(key, version).of(named).job_id)

    def run(self, job_id: str) -> Job:
        """Runs the state machine to its end; returns the job."""
        given: dict[str, Any] = {"job_id": job_id}
        try:
            given = self.step("plan", given)
            for chunk in json.loads(self.read(given["key"])):
                self._chunk(job_id, chunk)
            self.step("merge", {"job_id": job_id, "plan_id": given["plan_id"]})
            self.step("notify", {"job_id": job_id})
        except StepFailed as failed:
            self.step("fail", {"job_id": job_id, "error": failed.told})
        return batch_wiring.jobs().find(job_id)

    def score(self, content: bytes | str, key: str = "incoming/payments.csv") -> Job:
        """Puts a file and runs its job to the end; returns the job."""
        return self.run(self.drop(content, key).job_id)

    def step(self, name: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """Runs one step, and tries it again where the state machine does. Raises StepFailed."""
        for attempt in range(TRIES):
            self.steps.append(name)
            try:
                found = self.around(lambda: tasks.lambda_handler({"step": name, **event}, Context()))  # type: ignore[arg-type]
                return dict(json.loads(json.dumps(found)))
            except FraudShieldError as exc:
                if type(exc).__name__ in NEVER_AGAIN or attempt == TRIES - 1:
                    raise StepFailed(exc) from exc
        raise AssertionError("the last attempt ended otherwise")

    def read(self, key: str) -> bytes:
        """Returns the content of an object."""
        found: bytes = client("s3").get_object(Bucket=self.stack.bucket, Key=key)["Body"].read()
        return found

    def put(self, key: str, content: str) -> None:
        """Writes an object, as whoever has an upload's link."""
        client("s3").put_object(Bucket=self.stack.bucket, Key=key, Body=content.encode())

    def scored(self, job: Job) -> list[dict[str, str]]:
        """The rows of the scored file."""
        text = self.read(job.result_key("scored.csv")).decode()
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def rejects(self, job: Job) -> list[tuple[int, str, str, str]]:
        """Line of the file, field, code and reason of each refusal."""
        text = self.read(job.result_key("rejects.csv")).decode()
        found = csv.DictReader(io.StringIO(text, newline=""))
        return [(int(one["line"]), one["field"], one["code"], one["reason"]) for one in found]

    def names(self) -> list[str]:
        """Lists the keys of all objects."""
        pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.stack.bucket)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def _chunk(self, job_id: str, chunk: Mapping[str, Any]) -> None:
        try:
            self.step("score", {"job_id": job_id, "chunk": chunk})
        except StepFailed as failed:
            self.step("give_up", {"job_id": job_id, "chunk": chunk, "error": failed.told})


def queued(*bodies: str) -> dict[str, Any]:
    """Messages of a queue as Lambda hands them on."""
    return {
        "Records": [
            {
                "messageId": f"m{at}",
                "receiptHandle": "r",
                "body": body,
                "attributes": {},
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:JobsQueue",
                "awsRegion": "eu-west-1",
            }
            for at, body in enumerate(bodies)
        ]
    }
