"""The event that API Gateway hands a function: Lambda proxy integration, payload 1.0.

The shape is that of "Lambda proxy integrations in API Gateway" in its developer guide.
"""

import base64
import fnmatch
import json
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from infra.laptop.apigateway.http_request import HttpRequest
from infra.laptop.apigateway.request_context import RequestContext, epoch_ms

# Between two hops only; API Gateway keeps them to itself.
HOP = frozenset({"connection", "content-length", "expect", "keep-alive", "te", "transfer-encoding", "upgrade"})


def proxy_event(context: RequestContext, body: bytes, binary_types: Sequence[str]) -> bytes:
    """The event as JSON.

    Paths and path parameters stay percent-encoded, the query is decoded. Of a repeated header or parameter the single
    form has the last value. A body is text, with U+FFFD for what is not UTF-8, unless its type is one of the API's
    binary types (`image/*`): then it is base64.
    """
    request, match = context.request, context.match
    assert match  # noqa: S101 only a routed request gets here
    headers = _grouped(_headers(context))
    query = _grouped(parse_qsl(request.query, keep_blank_values=True, errors="replace"))
    binary = is_binary(request.header("content-type"), binary_types)
    event = {
        "resource": match.route.resource,
        "path": context.path,
        "httpMethod": request.method,
        "headers": _last(headers) or None,
        "multiValueHeaders": headers or None,
        "queryStringParameters": _last(query) or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(match.parameters) or None,
        "stageVariables": dict(context.stage.variables) or None,
        "requestContext": _context(context, match.route.resource),
        "body": (base64.b64encode(body).decode() if binary else body.decode(errors="replace")) or None,
        "isBase64Encoded": binary and bool(body),
    }
    return json.dumps(event, separators=(",", ":")).encode()


def is_binary(media_type: str | None, binary_types: Sequence[str]) -> bool:
    """Whether the API takes this media type for binary; parameters do not count."""
    name = (media_type or "").partition(";")[0].strip().lower()
    return bool(name) and any(fnmatch.fnmatchcase(name, pattern.lower()) for pattern in binary_types)


def _context(context: RequestContext, resource: str) -> dict[str, Any]:
    request, stage = context.request, context.stage
    host = request.header("host") or ""
    return {
        "accountId": stage.account_id,
        "apiId": stage.api_id,
        "domainName": host,
        "domainPrefix": host.partition(".")[0],
        "extendedRequestId": context.request_id,
        "httpMethod": request.method,
        "identity": _identity(context),
        "path": request.path,
        "protocol": request.protocol,
        "requestId": context.request_id,
        "requestTime": context.request_time,
        "requestTimeEpoch": epoch_ms(context.at),
        "resourceId": resource,
        "resourcePath": resource,
        "stage": stage.name,
    }


def _identity(context: RequestContext) -> dict[str, str | None]:
    """The caller. Only the address, the agent and the key can be known where no IAM and no Cognito is asked."""
    key = {"apiKey": context.key.value, "apiKeyId": context.key.id} if context.key else {}
    return {
        "accessKey": None,
        "accountId": None,
        "caller": None,
        "cognitoAuthenticationProvider": None,
        "cognitoAuthenticationType": None,
        "cognitoIdentityId": None,
        "cognitoIdentityPoolId": None,
        "principalOrgId": None,
        "sourceIp": context.request.client,
        "user": None,
        "userAgent": context.request.header("user-agent"),
        "userArn": None,
        **key,
    }


def _headers(context: RequestContext) -> Iterable[tuple[str, str]]:
    request = context.request
    yield from ((name, value) for name, value in request.headers if name not in HOP | FORWARDED)
    yield "X-Amzn-Trace-Id", context.trace.partition(";")[0]
    yield "X-Forwarded-For", _forwarded_for(request)
    yield "X-Forwarded-Port", str(request.port)
    yield "X-Forwarded-Proto", "http"


def _forwarded_for(request: HttpRequest) -> str:
    """The addresses of a request's way: what the client says comes first, what was seen here comes last."""
    before = [value for name, value in request.headers if name == "x-forwarded-for"]
    return ", ".join([*before, request.client])


FORWARDED = frozenset({"x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"})


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def _last(grouped: dict[str, list[str]]) -> dict[str, str]:
    return {name: values[-1] for name, values in grouped.items()}
