"""One service's own port: its routes without the prefix, as admin, for programs on this machine only."""

from starlette.types import Receive, Scope, Send

from infra.laptop.apigateway.access_log import Observe, served_request
from infra.laptop.apigateway.gateway import Gateway
from infra.laptop.apigateway.gateway_response import GatewayResponseType
from infra.laptop.apigateway.http_request import HttpRequest
from infra.laptop.apigateway.http_response import HttpResponse
from infra.laptop.apigateway.request_context import RequestContext
from infra.laptop.apigateway.route import ANY, LambdaIntegration, Route, RouteMatch

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
CORS = "access-control-"


class ServiceListener:
    """An ASGI app in front of one function. Asks for no key and throttles nobody, so it must be hard to reach.

    A web page elsewhere can send requests to this machine: under a name of its own that it rebinds (so `Host` must be
    a loopback name with this very port), or plainly (so `Origin`, where a browser sends one, must be the door's own,
    and no answer carries CORS headers).
    """

    def __init__(self, front: Gateway, called: LambdaIntegration, port: int, observe: Observe) -> None:
        self._front, self._called, self._observe = front, called, observe
        self._admin = front.ring.of("ADMIN_API_KEY")
        self._hosts = frozenset(f"{name}:{port}" for name in LOOPBACK)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = HttpRequest.from_scope(scope)
        exchange = RequestContext(request, self._front.stage, request.path)
        answer = self._front.finished(exchange, await self._outcome(exchange, receive)).without(CORS)
        self._observe(served_request(exchange, answer))
        await answer.send(send)

    async def _outcome(self, exchange: RequestContext, receive: Receive) -> HttpResponse | GatewayResponseType:
        if not self._trusted(exchange.request):
            return GatewayResponseType.ACCESS_DENIED
        exchange.key = self._admin
        exchange.match = self._match(exchange.path)
        return await self._front.integration.answer(exchange, self._called, receive)

    def _match(self, path: str) -> RouteMatch:
        route = Route("/{proxy+}", ANY, key_required=False, integration=self._called)
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
