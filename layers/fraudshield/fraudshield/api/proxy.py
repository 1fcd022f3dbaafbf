"""A request of API Gateway's as the app sees it. Mangum's own reading decodes the path before it is split."""

from typing import Any

from mangum.handlers import APIGateway
from mangum.types import Response, Scope

from fraudshield.api import gateway_event
from fraudshield.api.segment import below, routable

HEAD = "HEAD"


class ProxyRequest(APIGateway):
    """A Lambda proxy event, payload 1.0. Its route is found by `resource` and `pathParameters`.

    HEAD is answered as GET is, without the body (RFC 9110, 9.3.2).
    """

    @property
    def scope(self) -> Scope:
        """The ASGI scope, with the path that `routable` makes of what was sent."""
        sent = gateway_event.path(self.event)
        path = below(self.config["api_gateway_base_path"], sent) or sent
        method = "GET" if self.event["httpMethod"] == HEAD else self.event["httpMethod"]
        return {**super().scope, "method": method, "path": routable(path), "raw_path": path.encode()}

    def __call__(self, response: Response) -> dict[str, Any]:
        """The response as API Gateway takes it."""
        answered = super().__call__(response)
        return answered | {"body": "", "isBase64Encoded": False} if self.event["httpMethod"] == HEAD else answered
