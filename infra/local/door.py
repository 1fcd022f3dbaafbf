"""One service's own port: its routes without the prefix, as admin, for programs on this machine only."""

from starlette.types import Receive, Scope, Send

from infra.local.access_log import Observe, served
from infra.local.exchange import Exchange
from infra.local.front import Front
from infra.local.gateway_response import Kind
from infra.local.http_answer import HttpAnswer
from infra.local.http_request import HttpRequest
from infra.local.route import ANY, Lambda, Match, Route

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
CORS = "access-control-"


class Door:
    """An ASGI app in front of one function. Asks for no key and throttles nobody, so it must be hard to reach.

    A web page elsewhere can send requests to this machine: under a name of its own that it rebinds (so `Host` must be
    a loopback name with this very port), or plainly (so `Origin`, where a browser sends one, must be the door's own,
    and no answer carries CORS headers).
    """

    def __init__(self, front: Front, called: Lambda, port: int, observe: Observe) -> None:
        self._front, self._called, self._observe = front, called, observe
        self._admin = front.ring.of("ADMIN_API_KEY")
        self._hosts = frozenset(f"{name}:{port}" for name in LOOPBACK)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = HttpRequest.from_scope(scope)
        exchange = Exchange(request, self._front.stage, request.path)
        answer = self._front.finished(exchange, await self._outcome(exchange, receive)).without(CORS)
        self._observe(served(exchange, answer))
        await answer.send(send)

    async def _outcome(self, exchange: Exchange, receive: Receive) -> HttpAnswer | Kind:
        if not self._trusted(exchange.request):
            return Kind.ACCESS_DENIED
        exchange.key = self._admin
        exchange.match = self._match(exchange.path)
        return await self._front.integration.answer(exchange, self._called, receive)

    def _match(self, path: str) -> Match:
        route = Route("/{proxy+}", ANY, key_required=False, integration=self._called)
        return Match(route, (("proxy", path.strip("/")),))

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
