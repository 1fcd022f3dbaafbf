"""What a worker's process runs: `bootstrap.py awslambdaric|plain HANDLER`.

It stands alone, so that a handler finds nothing imported but itself. `awslambdaric` is AWS's own runtime client,
with wheels for Linux; `plain` speaks the same public protocol in this file
(https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
"""

import importlib
import json
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from threading import Thread
from typing import Any

PREFIX = "/2018-06-01/runtime"
LOG_FORMAT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"

Handler = Callable[[Any, "LambdaContext"], Any]


class RuntimeFault(Exception):
    """A fault that the runtime itself finds, under AWS's own name for it."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type


class LambdaContext:
    """What a handler is told about its invocation, as awslambdaric's LambdaContext has it."""

    client_context = None
    identity = None

    def __init__(self, request_id: str, arn: str, deadline_ms: int) -> None:
        self.aws_request_id = request_id
        self.invoked_function_arn = arn
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self._deadline_ms = deadline_ms

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the invocation."""
        return max(0, self._deadline_ms - int(time.time() * 1000))


class _Api:
    """The client's side of the Runtime API, over one connection."""

    def __init__(self, address: str) -> None:
        self._connection = HTTPConnection(address)

    def next(self) -> tuple[Any, bytes]:
        self._connection.request("GET", f"{PREFIX}/invocation/next")
        response = self._connection.getresponse()
        return response.headers, response.read()

    def post(self, path: str, body: bytes) -> None:
        self._connection.request("POST", f"{PREFIX}/{path}", body, {"Content-Type": "application/json"})
        self._connection.getresponse().read()  # a refusal has been told to the caller already


def main(client: str, handler: str) -> None:
    """Run until the process is ended."""
    Thread(target=_end_with_parent, args=(_take_stdin(),), daemon=True).start()
    if client == "awslambdaric":
        importlib.import_module("awslambdaric.__main__").main(["awslambdaric", handler])
    else:
        _serve(_Api(os.environ["AWS_LAMBDA_RUNTIME_API"]), handler)


def _take_stdin() -> int:
    """Move the pipe that was given as standard input out of the handler's way."""
    guard = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return guard


def _end_with_parent(guard: int) -> None:
    """End this process when the pipe ends: whoever holds its other end is gone, however it went."""
    os.read(guard, 1)
    os.killpg(0, signal.SIGKILL)


def _serve(api: _Api, name: str) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a crash must not swallow lines
    logs = _log_to_stdout()
    try:
        handler = find(name)
    except Exception as exc:  # whatever a module raises at import is reported, as AWS does
        api.post("init/error", _report(exc, ""))
        sys.exit(1)
    while True:
        headers, event = api.next()
        request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers["Lambda-Runtime-Trace-Id"]
        logs.request_id = request_id
        arn, deadline_ms = headers["Lambda-Runtime-Invoked-Function-Arn"], headers["Lambda-Runtime-Deadline-Ms"]
        api.post(*outcome(handler, event, LambdaContext(request_id, arn, int(deadline_ms))))


def outcome(handler: Handler, event: bytes, context: LambdaContext) -> tuple[str, bytes]:
    """Run the handler; where to post what. Only what is not an Exception (SystemExit, say) ends the process."""
    path = f"invocation/{context.aws_request_id}"
    try:
        return f"{path}/response", _encoded(handler(_decoded(event), context))
    except Exception as exc:
        return f"{path}/error", _report(exc, context.aws_request_id)


def find(name: str) -> Handler:
    """The function that `module.function` names. Raises RuntimeFault."""
    module_name, dot, function = name.rpartition(".")
    if not dot:
        raise RuntimeFault("Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as exc:
        raise RuntimeFault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {exc}") from exc
    except SyntaxError as exc:
        raise RuntimeFault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {exc}") from exc
    found: Handler | None = getattr(module, function, None)
    if found is None:
        raise RuntimeFault("Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{module_name}'")
    return found


def _decoded(event: bytes) -> Any:
    try:
        return json.loads(event)
    except ValueError as exc:
        raise RuntimeFault("Runtime.UnmarshalError", f"Unable to unmarshal input: {exc}") from exc


def _encoded(response: Any) -> bytes:
    if isinstance(response, bytes):
        return response
    try:
        return json.dumps(response, ensure_ascii=False).encode()
    except (TypeError, ValueError) as exc:
        raise RuntimeFault("Runtime.MarshalError", f"Unable to marshal response: {exc}") from exc


def _report(exc: Exception, request_id: str) -> bytes:
    error_type = exc.error_type if isinstance(exc, RuntimeFault) else type(exc).__name__
    trace = list(_trace(exc))
    sys.stdout.write("\r".join([f"[ERROR] {error_type}: {exc}", "Traceback (most recent call last):", *trace]) + "\n")
    report = {"errorMessage": str(exc), "errorType": error_type, "requestId": request_id, "stackTrace": trace}
    return json.dumps(report).encode()


def _trace(exc: Exception) -> Iterator[str]:
    """The handler's own frames: ours say nothing to its author."""
    for frame in traceback.extract_tb(exc.__traceback__):
        if frame.filename != __file__:
            yield from traceback.format_list([frame])[0].splitlines()


class _RequestId(logging.Filter):
    """Puts the request's id on every record."""

    request_id = ""

    def filter(self, record: logging.LogRecord) -> bool:
        record.aws_request_id = self.request_id
        return True


def _log_to_stdout() -> _RequestId:
    logging.Formatter.converter = time.gmtime
    marked = _RequestId()
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(logging.Formatter(LOG_FORMAT, "%Y-%m-%dT%H:%M:%S"))
    lines.addFilter(marked)
    logging.getLogger().addHandler(lines)
    return marked


if __name__ == "__main__":
    main(*sys.argv[1:])
