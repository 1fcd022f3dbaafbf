"""The REST API's routes, read from the expanded template and matched as API Gateway matches them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.laptop.apigateway.http_response import HttpResponse
from infra.laptop.awslambda.alias import function_of
from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver

ANY = "ANY"
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})  # all that ANY stands for
MOCK_HEADER = "method.response.header."
FUNCTION_URI = re.compile(r"functions/\$\{(\w+)(?:\.Arn)?\}/invocations$")  # an alias is its ARN, without `.Arn`
DEFAULT_TIMEOUT_MS = 29_000  # API Gateway's, where the integration names none
LITERAL, PARAMETER, GREEDY = range(3)  # in API Gateway's order of precedence, segment by segment


@dataclass(frozen=True, slots=True)
class LambdaIntegration:
    """A function (its logical id) to be invoked, and how long it may take."""

    function: str
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one resource. `resource` and `method` are as declared: `/a/{proxy+}`, `ANY`."""

    resource: str
    method: str
    key_required: bool
    integration: LambdaIntegration | HttpResponse


@dataclass(frozen=True, slots=True)
class RouteMatch:
    """The route of a request; parameters are percent-encoded, as API Gateway hands them on."""

    route: Route
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ApiResource:
    """One path of the API with its methods."""

    path: str
    pattern: re.Pattern[str]
    routes: Mapping[str, Route]


class Routes:
    """Every route of one API."""

    def __init__(self, body: Mapping[str, Any], resolver: Resolver) -> None:
        resources = [
            ApiResource(path, _pattern(path), {route.method: route for route in _routes(path, methods, body, resolver)})
            for path, methods in body["paths"].items()
        ]
        self._resources = sorted(resources, key=lambda resource: _precedence(resource.path))

    def __iter__(self) -> Iterator[Route]:
        for resource in self._resources:
            yield from resource.routes.values()

    def find(self, method: str, path: str) -> RouteMatch | None:
        """The route for a request; None where the path is unknown or its most specific resource lacks the method.

        A slash at the end makes no difference.
        """
        wanted = path.rstrip("/") or "/"
        for resource in self._resources:
            if found := resource.pattern.fullmatch(wanted):
                route = resource.routes.get(method) or (resource.routes.get(ANY) if method in METHODS else None)
                return RouteMatch(route, tuple(found.groupdict().items())) if route else None
        return None


def _routes(path: str, methods: Mapping[str, Any], body: Mapping[str, Any], resolver: Resolver) -> Iterator[Route]:
    for name, definition in methods.items():
        method = ANY if name == "x-amazon-apigateway-any-method" else name.upper()
        security = definition.get("security", body.get("security", []))
        keyed = any("api_key" in scheme for scheme in security)
        yield Route(path, method, keyed, _integration(f"{method} {path}", definition, resolver))


def _integration(name: str, definition: Mapping[str, Any], resolver: Resolver) -> LambdaIntegration | HttpResponse:
    integration = definition["x-amazon-apigateway-integration"]
    if integration["type"].lower() == "mock":
        return _mock(resolver.resolve(integration["responses"]["default"]))
    uri = integration.get("uri", {})
    called = FUNCTION_URI.search(uri.get("Fn::Sub", "") if isinstance(uri, dict) else uri)
    if integration["type"].lower() != "aws_proxy" or not called:
        raise SetupError(f"{name}: only Lambda proxy and mock integrations are handled on the laptop")
    timeout_ms = resolver.resolve(integration.get("timeoutInMillis", DEFAULT_TIMEOUT_MS))
    return LambdaIntegration(function_of(resolver.template, called[1]), float(timeout_ms) / 1000)


def _mock(response: Mapping[str, Any]) -> HttpResponse:
    headers = {
        name.removeprefix(MOCK_HEADER).lower(): value.strip("'")
        for name, value in response.get("responseParameters", {}).items()
    }
    body = response.get("responseTemplates", {}).get("application/json", "")
    named = (("content-type", "application/json"), *headers.items())
    return HttpResponse(int(response["statusCode"]), named, body.encode())


def _pattern(path: str) -> re.Pattern[str]:
    """Compiled so that the groups are the parameters; a greedy one takes at least one character."""
    parts = re.split(r"(\{\w+\+?\})", path.rstrip("/") or "/")
    return re.compile("".join(_group(part) if part.startswith("{") else re.escape(part) for part in parts))


def _group(parameter: str) -> str:
    name = parameter.strip("{+}")
    return f"(?P<{name}>.+)" if parameter.endswith("+}") else f"(?P<{name}>[^/]+)"


def _precedence(path: str) -> tuple[int, ...]:
    """Sorts a literal segment before a parameter before a greedy one, from the left."""
    return tuple(
        GREEDY if segment.endswith("+}") else PARAMETER if segment.startswith("{") else LITERAL
        for segment in path.split("/")
    )
