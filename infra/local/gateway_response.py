"""API Gateway's own answers (`GatewayResponses`), rendered from the template as it renders them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fraudshield.errors import ConfigurationError
from infra.local.context_variable import substitute
from infra.local.http_answer import HttpAnswer
from infra.local.intrinsic import Resolver

HEADER = "gatewayresponse.header."
DEFAULT_TEMPLATE = '{"message":$context.error.messageString}'


class Kind(StrEnum):
    """The response types that the front gives; API Gateway has more."""

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


@dataclass(frozen=True, slots=True)
class Unchanged:
    """What API Gateway says where the template says nothing."""

    status: int
    message: str
    error_type: str


# "Gateway response types for API Gateway" in the developer guide; the types are its `x-amzn-ErrorType` header.
UNCHANGED: Mapping[Kind, Unchanged] = {
    Kind.ACCESS_DENIED: Unchanged(403, "Forbidden", "AccessDeniedException"),
    Kind.DEFAULT_4XX: Unchanged(400, "Bad Request", "BadRequestException"),
    Kind.DEFAULT_5XX: Unchanged(500, "Internal server error", "InternalServerErrorException"),
    Kind.INTEGRATION_FAILURE: Unchanged(504, "Internal server error", "InternalServerErrorException"),
    Kind.INTEGRATION_TIMEOUT: Unchanged(504, "Endpoint request timed out", "InternalServerErrorException"),
    Kind.INVALID_API_KEY: Unchanged(403, "Forbidden", "ForbiddenException"),
    Kind.INVALID_SIGNATURE: Unchanged(403, "Forbidden", "InvalidSignatureException"),
    Kind.MISSING_AUTHENTICATION_TOKEN: Unchanged(
        403, "Missing Authentication Token", "MissingAuthenticationTokenException"
    ),
    Kind.QUOTA_EXCEEDED: Unchanged(429, "Limit Exceeded", "LimitExceededException"),
    Kind.REQUEST_TOO_LARGE: Unchanged(413, "Request Too Long", "RequestTooLargeException"),
    Kind.THROTTLED: Unchanged(429, "Too Many Requests", "TooManyRequestsException"),
}


class GatewayResponses:
    """Answers by kind. A kind that the API leaves out takes DEFAULT_4XX or DEFAULT_5XX, then API Gateway's own."""

    def __init__(self, body: Mapping[str, Any], resolver: Resolver) -> None:
        self._customised: Mapping[str, Any] = resolver.resolve(body.get("x-amazon-apigateway-gateway-responses", {}))
        for response in self._customised.values():
            for value in response.get("responseParameters", {}).values():
                _header_value(value, {})

    def render(self, kind: Kind, variables: Mapping[str, str]) -> HttpAnswer:
        """The answer for one request; `variables` are `context.*` and `stageVariables.*`."""
        unchanged = UNCHANGED[kind]
        own = self._customised.get(kind) or self._customised.get(f"DEFAULT_{unchanged.status // 100}XX", {})
        known = {**variables, **error_variables(kind)}
        headers = {"content-type": "application/json", "x-amzn-errortype": unchanged.error_type}
        for name, value in own.get("responseParameters", {}).items():
            if name.startswith(HEADER):
                headers[name.removeprefix(HEADER).lower()] = _header_value(value, known)
        template = own.get("responseTemplates", {}).get("application/json", DEFAULT_TEMPLATE)
        body = substitute(template, known, missing="").encode()
        return HttpAnswer(int(own.get("statusCode") or unchanged.status), tuple(headers.items()), body)


def error_variables(kind: Kind) -> dict[str, str]:
    """`$context.error.*` of a request that API Gateway itself answered."""
    message = UNCHANGED[kind].message
    return {
        "context.error.message": message,
        "context.error.messageString": json.dumps(message),
        "context.error.responseType": kind.value,
    }


def _header_value(value: str, variables: Mapping[str, str]) -> str:
    """A literal in single quotes, or a variable. Raises ConfigurationError for what the laptop cannot work out."""
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1]
    if value.startswith(("context.", "stageVariables.")):
        return variables.get(value, "")
    raise ConfigurationError(f"{value} as a gateway response's header is not handled on the laptop")
