"""A client as the function sees it: API Gateway's proxy events go in, responses come out."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from fraudshield.api.entry import Handler
from functions.model import app as model
from tests.api.documented import undocumented

ROOT = Path(__file__).parents[1]
SCORE = "/api/v1/score"
EXPLAIN = "/api/v1/model/explain"
REPLAY = "/api/v1/model/replay"
POLICY = "/api/v1/model/policy"
INFO = "/api/v1/model/model/info"
HEALTH = "/api/v1/model/health"


class Context:
    """What Lambda hands a handler, as far as ours reads it."""

    aws_request_id = "an-invocation"
    memory_limit_in_mb = "1769"  # a text, as awslambdaric has it

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """Time enough for any test."""
        return 60_000


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """One response of the function. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str
    size: int = 0

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.text)

    @property
    def entries(self) -> list[str]:
        """The results of a request to score, each as the text that was sent."""
        decoder, at, found = json.JSONDecoder(), self.text.index("[") + 1, []
        while self.text[at] != "]":
            _, end = decoder.raw_decode(self.text, at)
            found.append(self.text[at:end])
            at = end + (self.text[end] == ",")
        return found


@dataclass(frozen=True, slots=True)
class Caller:
    """Speaks to one function; `key_id` is of the key that API Gateway has checked."""

    key_id: str | None = "AdminKey"
    headers: Mapping[str, str] = field(default_factory=dict)
    handler: Handler = model.lambda_handler

    def score(self, *transactions: Any, **more: Any) -> ApiResponse:
        """Posts transactions to be scored."""
        return self.send("POST", SCORE, {"transactions": list(transactions)} | more)

    def send(self, method: str, path: str, body: Any = None) -> ApiResponse:
        """Sends `body` as JSON."""
        return self.send_text(method, path, None if body is None else json.dumps(body))

    def send_text(self, method: str, path: str, body: str | None) -> ApiResponse:
        """Sends `body` as it is."""
        return self.send_frame(method, path, body=body)

    def send_bytes(self, method: str, path: str, body: bytes) -> ApiResponse:
        """Sends the body encoded, as API Gateway sends what is not text."""
        return self.send_frame(method, path, body=b64encode(body).decode(), isBase64Encoded=True)

    def send_frame(self, method: str, path: str, **frame: Any) -> ApiResponse:
        """Sends an event with members replaced by `frame`."""
        path, _, query = path.partition("?")
        event = frame_event(method, path, None, self.key_id) | asked(query)
        event["headers"] |= self.headers
        event["multiValueHeaders"] |= {name: [value] for name, value in self.headers.items()}
        return answer(event | frame, self.handler)


def asked(query: str) -> dict[str, Any]:
    """A query string as API Gateway hands it over: decoded, null where there is none."""
    values = parse_qs(query, keep_blank_values=True) or None
    return {
        "queryStringParameters": values and {name: found[-1] for name, found in values.items()},
        "multiValueQueryStringParameters": values,
    }


def frame_event(method: str, path: str, body: str | None, key_id: str | None) -> dict[str, Any]:
    """An event as API Gateway makes it, from the recorded one; every path is below one resource."""
    event: dict[str, Any] = json.loads((ROOT / "events/model_api_score.json").read_text())
    event["requestContext"]["identity"]["apiKeyId"] = key_id
    routed = {"resource": "/{proxy+}", "pathParameters": {"proxy": path.removeprefix("/")}}
    return event | routed | {"httpMethod": method, "path": path, "body": body}


def answer(event: dict[str, Any], handler: Handler = model.lambda_handler) -> ApiResponse:
    """The function's response, after the way through JSON that it takes on Lambda."""
    sent = json.dumps(handler(event, Context()))
    got = json.loads(sent)
    assert not got["isBase64Encoded"]
    headers = {name.lower(): value for name, value in got.get("headers", {}).items()}
    headers |= {name.lower(): values[-1] for name, values in got.get("multiValueHeaders", {}).items()}
    said = undocumented(event["httpMethod"], event["path"], got["statusCode"], headers.get("content-type", ""))
    assert not said, f"{said}: {got['body'][:500]}"
    return ApiResponse(got["statusCode"], headers, got["body"], len(sent))
