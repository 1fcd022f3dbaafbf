"""One request on its way through the gateway, and what API Gateway would know about it."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from infra.laptop.apigateway.api_key import IssuedKey
from infra.laptop.apigateway.gateway_response import GatewayResponseType, error_variables
from infra.laptop.apigateway.http_request import HttpRequest
from infra.laptop.apigateway.http_response import HttpResponse
from infra.laptop.apigateway.route import RouteMatch
from infra.laptop.apigateway.stage import Stage
from infra.laptop.awslambda.invocation import trace_header


def now() -> datetime:
    """The time now, in UTC and aware of it."""
    return datetime.now(UTC)


@dataclass(slots=True)
class RequestContext:
    """What is known of a request, filled in as it goes on; `path` is the request's without the stage."""

    request: HttpRequest
    stage: Stage
    path: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    trace: str = field(default_factory=trace_header)
    at: datetime = field(default_factory=now)
    started: float = field(default_factory=time.perf_counter)
    match: RouteMatch | None = None
    key: IssuedKey | None = None
    refusal: GatewayResponseType | None = None
    integration_ms: int | None = None
    note: str = ""  # for people at the laptop: what went wrong behind a response that does not say

    def elapsed_ms(self) -> float:
        """Milliseconds since the request's head was there."""
        return (time.perf_counter() - self.started) * 1000

    @property
    def request_time(self) -> str:
        """When the request came, as the common log format writes it."""
        return self.at.strftime("%d/%b/%Y:%H:%M:%S +0000")

    def variables(self) -> Mapping[str, str]:
        """`$context.*` and `$stageVariables.*` as far as they are known by now."""
        known = {
            "context.accountId": self.stage.account_id,
            "context.apiId": self.stage.api_id,
            "context.stage": self.stage.name,
            "context.requestId": self.request_id,
            "context.extendedRequestId": self.request_id,
            "context.requestTime": self.request_time,
            "context.requestTimeEpoch": str(epoch_ms(self.at)),
            "context.httpMethod": self.request.method,
            "context.path": self.request.path,
            "context.protocol": self.request.protocol,
            "context.domainName": self.request.header("host") or "",
            "context.identity.sourceIp": self.request.client,
            "context.identity.userAgent": self.request.header("user-agent") or "",
            **{f"stageVariables.{name}": value for name, value in self.stage.variables.items()},
        }
        if self.match:
            known["context.resourcePath"] = self.match.route.resource
        if self.key:
            known["context.identity.apiKeyId"] = self.key.id
        if self.refusal:
            known |= error_variables(self.refusal)
        return known

    def outcome(self, response: HttpResponse) -> Mapping[str, str]:
        """All variables of an access-log line, once the response is there."""
        known = {
            **self.variables(),
            "context.status": str(response.status),
            "context.responseLength": str(len(response.body)),
            "context.responseLatency": str(round(self.elapsed_ms())),
        }
        if self.integration_ms is not None:
            latency = str(self.integration_ms)
            known |= {"context.integrationLatency": latency, "context.integration.latency": latency}
            if self.refusal is not GatewayResponseType.INTEGRATION_TIMEOUT:
                known["context.integrationStatus"] = "200"  # what Lambda said, not what the function said
        return known


def epoch_ms(at: datetime) -> int:
    """A time in milliseconds since 1970."""
    return int(at.timestamp() * 1000)
