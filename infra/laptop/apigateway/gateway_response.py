"""API Gateway's own responses (`GatewayResponses`), rendered from the template as it renders them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from infra.laptop.apigateway.http_response import HttpResponse
from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver

HEADER = "gatewayresponse.header."
# Bare or in braces, as in Apache Velocity: $context.requestId, ${context.identity.apiKeyId}.
VARIABLE = re.compile(r"\$(?:\{((?:context|stageVariables)(?:\.\w+)+)\}|((?:context|stageVariables)(?:\.\w+)+))")
DEFAULT_TEMPLATE = '{"message":$context.error.messageString}'


class GatewayResponseType(StrEnum):
    """The response types that the gateway gives here; API Gateway has more."""

    ACCESS_DENIED = "ACCESS_DENIED"
    DEFAULT_4XX = "DEFAULT_4XX"
    DEFAULT_5XX = "DEFAULT_5XX"
    INTEGRATION_FAILURE = "INTEGRATION_FAILURE"
    INTEGRATION_TIMEOUT = "INTEGRATION_TIMEOUT"
    INVALID_API_KEY = "INVALID_API_KEY"
    INVALID_SIGNATURE = "INVALID_SIGNATURE"
    MISSING_AUTHENTICATION_TOKEN = "MISSING_AUTHENTICATION_TOKEN"  # noqa: S105 not a password
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    THROTTLED = "THROTTLED"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"


@dataclass(frozen=True, slots=True)
class DefaultResponse:
    """How API Gateway responds where the template says nothing."""

    status: int
    message: str
    error_type: str


# "Gateway response types for API Gateway" in the developer guide; the types are its `x-amzn-ErrorType` header.
DEFAULTS: Mapping[GatewayResponseType, DefaultResponse] = {
    GatewayResponseType.ACCESS_DENIED: DefaultResponse(403, "Forbidden", "AccessDeniedException"),
    GatewayResponseType.DEFAULT_4XX: DefaultResponse(400, "Bad Request", "BadRequestException"),
    GatewayResponseType.DEFAULT_5XX: DefaultResponse(500, "Internal server error", "InternalServerErrorException"),
    GatewayResponseType.INTEGRATION_FAILURE: DefaultResponse(
        504, "Internal server error", "InternalServerErrorException"
    ),
    GatewayResponseType.INTEGRATION_TIMEOUT: DefaultResponse(
        504, "Endpoint request timed out", "InternalServerErrorException"
    ),
    GatewayResponseType.INVALID_API_KEY: DefaultResponse(403, "Forbidden", "ForbiddenException"),
    GatewayResponseType.INVALID_SIGNATURE: DefaultResponse(403, "Forbidden", "InvalidSignatureException"),
    GatewayResponseType.MISSING_AUTHENTICATION_TOKEN: DefaultResponse(
        403, "Missing Authentication Token", "MissingAuthenticationTokenException"
    ),
    GatewayResponseType.QUOTA_EXCEEDED: DefaultResponse(429, "Limit Exceeded", "LimitExceededException"),
    GatewayResponseType.REQUEST_TOO_LARGE: DefaultResponse(413, "Request Too Long", "RequestTooLargeException"),
    GatewayResponseType.THROTTLED: DefaultResponse(429, "Too Many Requests", "TooManyRequestsException"),
    GatewayResponseType.UNSUPPORTED_MEDIA_TYPE: DefaultResponse(
        415, "Unsupported Media Type", "UnsupportedMediaTypeException"
    ),
}


class GatewayResponses:
    """Responses by type. A type that the API leaves out takes DEFAULT_4XX or DEFAULT_5XX, then API Gateway's own."""

    def __init__(self, body: Mapping[str, Any], resolver: Resolver) -> None:
        self._customised: Mapping[str, Any] = resolver.resolve(body.get("x-amazon-apigateway-gateway-responses", {}))
        for response in self._customised.values():
            for value in response.get("responseParameters", {}).values():
                _header_value(value, {})

    def render(self, kind: GatewayResponseType, variables: Mapping[str, str]) -> HttpResponse:
        """The response to one request; `variables` are `context.*` and `stageVariables.*`."""
        unchanged = DEFAULTS[kind]
        own = self._customised.get(kind) or self._customised.get(f"DEFAULT_{unchanged.status // 100}XX", {})
        known = {**variables, **error_variables(kind)}
        headers = {"content-type": "application/json", "x-amzn-errortype": unchanged.error_type}
        for name, value in own.get("responseParameters", {}).items():
            if name.startswith(HEADER):
                headers[name.removeprefix(HEADER).lower()] = _header_value(value, known)
        template = own.get("responseTemplates", {}).get("application/json", DEFAULT_TEMPLATE)
        body = substitute(template, known, missing="").encode()
        return HttpResponse(int(own.get("statusCode") or unchanged.status), tuple(headers.items()), body)


def error_variables(kind: GatewayResponseType) -> dict[str, str]:
    """`$context.error.*` of a request that API Gateway itself responds to."""
    message = DEFAULTS[kind].message
    return {
        "context.error.message": message,
        "context.error.messageString": json.dumps(message),
        "context.error.responseType": kind.value,
    }


def substitute(text: str, variables: Mapping[str, str], missing: str) -> str:
    """`text` with every variable put in; those without a value become `missing`.

    `variables` are named without the dollar sign: `context.requestId`.
    """
    return VARIABLE.sub(lambda found: variables.get(found[1] or found[2], missing), text)


def _header_value(value: str, variables: Mapping[str, str]) -> str:
    """A literal in single quotes, or a variable. Raises SetupError for what the laptop cannot work out."""
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1]
    if value.startswith(("context.", "stageVariables.")):
        return variables.get(value, "")
    raise SetupError(f"{value} as a gateway response's header is not handled on the laptop")
