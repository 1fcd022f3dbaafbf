"""The API's stage: its name, variables, access-log format and the limits of its methods."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.laptop.apigateway.route import Route
from infra.laptop.apigateway.throttle import RateLimit
from infra.laptop.intrinsic import Resolver
from infra.laptop.template import sole

EVERYTHING = ("*", "*")
RATE, BURST = "ThrottlingRateLimit", "ThrottlingBurstLimit"


@dataclass(frozen=True, slots=True)
class Stage:
    """A deployed stage of the API.

    `limits` are by resource and method as declared (`ANY`), either of them `*` for each that has none of its own.
    """

    name: str
    resource_id: str
    api_id: str
    account_id: str
    variables: Mapping[str, str]
    limits: Mapping[tuple[str, str], RateLimit]
    log_format: str

    def limit(self, route: Route) -> RateLimit | None:
        """The limit that all callers of a route share."""
        names = ((route.resource, route.method), (route.resource, "*"), EVERYTHING)
        return next((self.limits[name] for name in names if name in self.limits), None)

    def named(self, name: str) -> bool:
        """Whether a plan's stage is this one; before it is deployed, `!Ref` gives the resource's own name."""
        return name in {self.name, self.resource_id}


def stage(resolver: Resolver) -> Stage:
    """The template's stage. Raises SetupError unless there is exactly one, of one API."""
    resource_id, properties = sole(resolver.template, "AWS::ApiGateway::Stage")
    resolved = resolver.resolve(properties)
    return Stage(
        name=resolved["StageName"],
        resource_id=resource_id,
        api_id=resolved["RestApiId"],
        account_id=resolver.ref("AWS::AccountId"),
        variables=resolved.get("Variables", {}),
        limits=dict(_limit(setting) for setting in resolved.get("MethodSettings", []) if RATE in setting),
        log_format=resolved.get("AccessLogSetting", {}).get("Format", ""),
    )


def _limit(setting: Mapping[str, Any]) -> tuple[tuple[str, str], RateLimit]:
    """A method setting's path is a slash and the resource's path, whose own slashes are written ~1."""
    resource = setting["ResourcePath"].removeprefix("/").replace("~1", "/") or "/"
    return (resource, setting["HttpMethod"]), RateLimit(float(setting[RATE]), float(setting[BURST]))
