"""One line per request: for `.local/logs/access.log` in the template's own format, and for the console."""

import logging
from collections.abc import Callable
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


def served_request(exchange: RequestContext, answer: HttpResponse) -> ServedRequest:
    """What is said of a request. `line` is in the stage's access-log format, `-` for what has no value."""
    return ServedRequest(
        method=exchange.request.method,
        path=exchange.request.path,
        status=answer.status,
        ms=exchange.elapsed_ms(),
        key=exchange.key.setting if exchange.key else "",
        note=exchange.note,
        line=substitute(exchange.stage.log_format, exchange.outcome(answer), missing="-"),
    )


class AccessLog:
    """A file of bounded size."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = RotatingFileHandler(path, maxBytes=MAX_BYTES, backupCount=1, encoding="utf-8")

    def write(self, one: ServedRequest) -> None:
        """Append a line."""
        self._file.emit(logging.makeLogRecord({"msg": one.line}))

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
