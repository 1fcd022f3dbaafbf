"""One invocation: what goes to a worker, what comes back, and Lambda's own words for what can go wrong."""

import json
import signal
import time
from dataclasses import dataclass, field
from typing import Self
from uuid import uuid4

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; Lambda's own message has the 100 more.
REQUEST_BYTES = 6 * 1024 * 1024
RESPONSE_BYTES = REQUEST_BYTES + 100
EVENT_BYTES = 1024 * 1024
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html: a minute, then two
RETRY_WAITS_S = (60.0, 120.0)


def trace_header() -> str:
    """A new X-Ray trace header, not sampled."""
    return f"Root=1-{int(time.time()):08x}-{uuid4().hex[:24]};Sampled=0"


@dataclass(frozen=True, slots=True)
class InvocationRequest:
    """An event on its way to a worker."""

    event: bytes
    request_id: str = field(default_factory=lambda: str(uuid4()))
    trace: str = field(default_factory=trace_header)


@dataclass(frozen=True, slots=True)
class FunctionResponse:
    """What a worker, or Lambda for it, says to a request. `error_type` is None for a success."""

    body: bytes
    error_type: str | None = None

    @classmethod
    def failure(cls, error_type: str, message: str, request_id: str | None = None) -> Self:
        """An error as Lambda words it: the message names the request when the sandbox itself failed."""
        said = message if request_id is None else f"RequestId: {request_id} Error: {message}"
        return cls(json.dumps({"errorType": error_type, "errorMessage": said}).encode(), error_type)

    @classmethod
    def raised(cls, body: bytes) -> Self:
        """What a runtime reports about an exception, without the stack trace: that is for the log alone."""
        try:
            report = json.loads(body)
            error_type = str(report["errorType"])
        except (ValueError, TypeError, KeyError):
            return cls.failure("Runtime.Unknown", "Unknown application error occurred")
        report.pop("stackTrace", None)
        return cls(json.dumps(report).encode(), error_type)


@dataclass(frozen=True, slots=True)
class Invocation:
    """A finished invocation. `error` is Lambda's FunctionError: None, or "Unhandled" and `error_type` says why.

    Refusals by Lambda itself come the same way: TooManyRequestsException, RequestTooLargeException.
    """

    body: bytes
    error: str | None
    error_type: str | None
    request_id: str
    duration_ms: float

    @classmethod
    def of(cls, response: FunctionResponse, request_id: str, duration_ms: float = 0.0) -> Self:
        """A response, and how long it took."""
        error = None if response.error_type is None else "Unhandled"
        return cls(response.body, error, response.error_type, request_id, duration_ms)


@dataclass(frozen=True, slots=True)
class DiscardedEvent:
    """An asynchronous event that failed every time, how often that was, and how it failed last."""

    function: str
    event: bytes
    last: Invocation
    times: int


def timed_out(request_id: str, timeout_s: float) -> FunctionResponse:
    """The function ran longer than its Timeout."""
    return FunctionResponse.failure("Sandbox.Timedout", f"Task timed out after {timeout_s:.2f} seconds", request_id)


def exited(request_id: str, returncode: int) -> FunctionResponse:
    """The process ended in the middle. A negative `returncode` is the signal that ended it."""
    if returncode == 0:
        return FunctionResponse.failure("Runtime.ExitError", "Runtime exited without providing a reason", request_id)
    how = f"exit status {returncode}"
    if returncode < 0:
        how = f"signal: {(signal.strsignal(-returncode) or str(-returncode)).lower()}"
    return FunctionResponse.failure("Runtime.ExitError", f"Runtime exited with error: {how}", request_id)


def out_of_memory(request_id: str) -> FunctionResponse:
    """The process held more than its MemorySize."""
    return FunctionResponse.failure("Runtime.OutOfMemory", "Runtime exited with error: signal: killed", request_id)


def throttled() -> FunctionResponse:
    """Every worker was busy for as long as the caller would wait."""
    return FunctionResponse.failure("TooManyRequestsException", "Rate Exceeded.")


def request_too_large(limit_bytes: int) -> FunctionResponse:
    """The event is over the limit of its invocation type."""
    return FunctionResponse.failure("RequestTooLargeException", f"Request must be smaller than {limit_bytes} bytes")


def response_too_large() -> FunctionResponse:
    """The function returned more than Lambda passes on."""
    message = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_BYTES} bytes)."
    return FunctionResponse.failure("Function.ResponseSizeTooLarge", message)
