"""One service's own port: its routes without the prefix, with one key's rights, for programs on this machine only."""

from starlette.types import Receive, Scope, Send

from infra.laptop.apigateway.access_log import Observe, served_request
from infra.laptop.apigateway.api_key import IssuedKey
from infra.laptop.apigateway.gateway import Gateway
from infra.laptop.apigateway.gateway_response import GatewayResponseType
from infra.laptop.apigateway.http_request import HttpRequest
from infra.laptop.apigateway.http_response import HttpResponse
from infra.laptop.apigateway.request_context import RequestContext
from infra.laptop.apigateway.route import ANY, LambdaIntegration, Route, RouteMatch

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
CORS = "access-control-"


class ServiceListener:
    """An ASGI app in front of one function. It asks for no key and throttles nobody, so it must be hard to reach.

    A web page elsewhere can send requests to this machine: under a name of its own that it rebinds (so `Host` must be
    a loopback name with this very port), or plainly (so `Origin`, where a browser sends one, must be the listener's
    own, and no response carries CORS headers).
    """

    def __init__(
        self, gateway: Gateway, integration: LambdaIntegration, key: IssuedKey, port: int, observe: Observe
    ) -> None:
        self._gateway, self._integration, self._key, self._observe = gateway, integration, key, observe
        self._hosts = frozenset(f"{name}:{port}" for name in LOOPBACK)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = HttpRequest.from_scope(scope)
        context = RequestContext(request, self._gateway.stage, request.path)
        response = self._gateway.completed(context, await self._outcome(context, receive)).without(CORS)
        self._observe(served_request(context, response))
        await response.send(send)

    async def _outcome(self, context: RequestContext, receive: Receive) -> HttpResponse | GatewayResponseType:
        if not self._trusted(context.request):
            return GatewayResponseType.ACCESS_DENIED
        context.key = self._key
        context.match = self._match(context.path)
        return await self._gateway.integration.respond(context, self._integration, receive)

    def _match(self, path: str) -> RouteMatch:
        route = Route("/{proxy+}", ANY, key_required=False, integration=self._integration)
        return RouteMatch(route, (("proxy", path.strip("/")),))

    def _trusted(self, request: HttpRequest) -> bool:
        hosts = [value.lower() for name, value in request.headers if name == "host"]
        origins = {value.lower() for name, value in request.headers if name == "origin"}
        own = {f"http://{host}" for host in hosts}
        fetched_from = request.header("sec-fetch-site") or "none"
        return (
            len(hosts) == 1
            and self._hosts.issuperset(hosts)
            and own.issuperset(origins)
            and fetched_from in {"none", "same-origin"}
        )
