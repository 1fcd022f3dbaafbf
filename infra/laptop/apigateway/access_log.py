"""One line a request: for `.local/logs/access.log` in the template's own format, and for the console."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path

from infra.laptop.apigateway.gateway_response import substitute
from infra.laptop.apigateway.http_response import HttpResponse
from infra.laptop.apigateway.request_context import RequestContext

MAX_BYTES = 10 * 1024 * 1024  # then the file becomes access.log.1, and the one before that goes


@dataclass(frozen=True, slots=True)
class ServedRequest:
    """A request that was answered. `path` is without the query, `key` is a setting's name and never a value."""

    method: str
    path: str
    status: int
    ms: float
    key: str
    note: str
    line: str


Observe = Callable[[ServedRequest], None]


def served_request(context: RequestContext, response: HttpResponse) -> ServedRequest:
    """What is logged of a request. `line` is in the stage's access-log format, `-` for what has no value."""
    return ServedRequest(
        method=context.request.method,
        path=context.request.path,
        status=response.status,
        ms=context.elapsed_ms(),
        key=context.key.setting if context.key else "",
        note=context.note,
        line=substitute(context.stage.log_format, context.outcome(response), missing="-"),
    )


class _LogFile(RotatingFileHandler):
    """A file whose lines a full disk may cost: by itself it would tell the terminal of each, with its traceback."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 its parent's name
        pass


class AccessLog:
    """The access log, a file of bounded size."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = _LogFile(path, maxBytes=MAX_BYTES, backupCount=1, encoding="utf-8")

    def write(self, one: ServedRequest) -> None:
        """Append the request's line."""
        self._file.emit(logging.makeLogRecord({"msg": one.line}))

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError):
            self._file.close()
