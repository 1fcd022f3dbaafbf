"""The API's stage: its name, variables, access-log format and the limits of its methods."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fraudshield.errors import ConfigurationError
from infra.local.intrinsic import Resolver
from infra.local.route import Route
from infra.local.throttle import Limit
from infra.template import Template

EVERYTHING = ("*", "*")
RATE, BURST = "ThrottlingRateLimit", "ThrottlingBurstLimit"


@dataclass(frozen=True, slots=True)
class Stage:
    """`limits` are by resource and method as declared (`ANY`), either of them `*` for each that has none of its own."""

    name: str
    resource_id: str
    api_id: str
    account_id: str
    variables: Mapping[str, str]
    limits: Mapping[tuple[str, str], Limit]
    log_format: str

    def limit(self, route: Route) -> Limit | None:
        """What all callers of a route may do together."""
        names = ((route.resource, route.method), (route.resource, "*"), EVERYTHING)
        return next((self.limits[name] for name in names if name in self.limits), None)

    def named(self, name: str) -> bool:
        """Whether a plan's stage is this one; before it is deployed, `!Ref` gives the resource's own name."""
        return name in {self.name, self.resource_id}


def stage(resolver: Resolver) -> Stage:
    """The template's stage. Raises ConfigurationError unless there is exactly one, of one API."""
    resource_id, properties = only(resolver.template, "AWS::ApiGateway::Stage")
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


def only(template: Template, kind: str) -> tuple[str, Mapping[str, Any]]:
    """The logical id and properties of the one resource of a type. Raises ConfigurationError."""
    found = list(of_type(template, kind))
    if len(found) != 1:
        raise ConfigurationError(f"The laptop serves one {kind}; the template has {len(found)}")
    return found[0]


def of_type(template: Template, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The logical id and properties of each resource of a type."""
    return ((name, one["Properties"]) for name, one in template["Resources"].items() if one["Type"] == kind)


def _limit(setting: Mapping[str, Any]) -> tuple[tuple[str, str], Limit]:
    """A method setting's path is a slash and the resource's path, whose own slashes are written ~1."""
    resource = setting["ResourcePath"].removeprefix("/").replace("~1", "/") or "/"
    return (resource, setting["HttpMethod"]), Limit(float(setting[RATE]), float(setting[BURST]))
