"""The REST API's data plane on the laptop: routes, keys, limits and errors as template.yaml declares them."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.types import Receive, Scope, Send

from infra.laptop.apigateway.access_log import Observe, served_request
from infra.laptop.apigateway.api_key import ApiKey, ApiKeys
from infra.laptop.apigateway.content_encoding import packed
from infra.laptop.apigateway.gateway_response import GatewayResponses, GatewayResponseType
from infra.laptop.apigateway.http_request import MAX_HEAD_BYTES, HttpRequest
from infra.laptop.apigateway.http_response import HttpResponse
from infra.laptop.apigateway.integration import Integration, Invoke
from infra.laptop.apigateway.request_context import RequestContext
from infra.laptop.apigateway.route import RouteMatch, Routes
from infra.laptop.apigateway.stage import stage
from infra.laptop.apigateway.usage_plan import AdmissionControl
from infra.laptop.intrinsic import Resolver
from infra.laptop.template import sole


class Gateway:
    """The API as an ASGI app. Its stage is at `/`, as behind a custom domain, and at `/{stage}`, as on execute-api."""

    def __init__(self, resolver: Resolver, invoke: Invoke, keys: Sequence[ApiKey], observe: Observe) -> None:
        _, api = sole(resolver.template, "AWS::ApiGateway::RestApi")
        binary_types = resolver.resolve(api["Body"].get("x-amazon-apigateway-binary-media-types", []))
        self.stage = stage(resolver)
        self.routes = Routes(api["Body"], resolver)
        self.responses = GatewayResponses(api["Body"], resolver)
        self.keys = ApiKeys(resolver, keys)
        self.integration = Integration(invoke, binary_types)
        self._packed_from = resolver.resolve(api.get("MinimumCompressionSize"))
        self._admission = AdmissionControl(resolver, self.stage)
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = HttpRequest.from_scope(scope)
        context = RequestContext(request, self.stage, self._below_stage(request.path))
        response = self.completed(context, await self._outcome(context, receive))
        self._observe(served_request(context, response))
        await response.send(send)

    def completed(self, context: RequestContext, outcome: HttpResponse | GatewayResponseType) -> HttpResponse:
        """The response with the request's id; a refusal as the template words it."""
        if isinstance(outcome, GatewayResponseType):
            context.refusal = outcome
            outcome = self.responses.render(outcome, context.variables())
        if context.request.method == "HEAD":
            outcome = replace(outcome, to_head=True)
        return outcome.with_headers((("x-amzn-requestid", context.request_id),))

    async def _outcome(self, context: RequestContext, receive: Receive) -> HttpResponse | GatewayResponseType:
        """Take API Gateway's steps in its order: route, key, limits; then the integration."""
        if context.request.head_bytes > MAX_HEAD_BYTES:
            return GatewayResponseType.DEFAULT_4XX
        match = self.routes.find(context.request.method, context.path)
        if match is None:
            return _unrouted(context.request)
        context.match = match
        if refusal := self._refused(context, match):
            return refusal
        called = match.route.integration
        if isinstance(called, HttpResponse):
            return called
        outcome = await self.integration.respond(context, called, receive)
        if isinstance(outcome, GatewayResponseType):
            return outcome
        return packed(outcome, context.request.header("accept-encoding"), self._packed_from)

    def _refused(self, context: RequestContext, match: RouteMatch) -> GatewayResponseType | None:
        if not match.route.key_required:
            return self._admission.refuse(match.route, None)
        key = self.keys.find(context.request.header("x-api-key"))
        if key is None or not self._admission.has_plan(key.id):
            return GatewayResponseType.INVALID_API_KEY
        context.key = key
        return self._admission.refuse(match.route, key.id)

    def _below_stage(self, path: str) -> str:
        first, rest = f"/{self.stage.name}", path.removeprefix(f"/{self.stage.name}")
        return (rest or "/") if path == first or path.startswith(f"{first}/") else path


def _unrouted(request: HttpRequest) -> GatewayResponseType:
    """API Gateway takes an Authorization header at a path that it does not know for a signature gone wrong."""
    signed = request.header("authorization") is not None
    return GatewayResponseType.INVALID_SIGNATURE if signed else GatewayResponseType.MISSING_AUTHENTICATION_TOKEN
