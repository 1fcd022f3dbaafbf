"""The template's subscription filters: which function gets which lines of whose log."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.laptop.cloudwatch.log_pattern import LogPattern
from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver
from infra.laptop.template import of_type, refuse_properties

TAKEN = ("DestinationArn", "FilterName", "FilterPattern", "LogGroupName")
ACCESS_LOG = ":log-group:"  # in the ARN that the stage names


@dataclass(frozen=True, slots=True)
class LogSubscription:
    """Which lines of a log group a function (its logical id) gets."""

    name: str
    group: str
    function: str
    pattern: LogPattern


def log_groups(resolver: Resolver) -> dict[str, str]:
    """The log group that each function writes to, by its logical id."""
    return {
        name: resolver.resolve(properties).get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{name}")
        for name, properties in of_type(resolver.template, "AWS::Lambda::Function")
    }


def access_log_group(resolver: Resolver) -> str | None:
    """The log group of the stage's access log, if it has one."""
    for _, properties in of_type(resolver.template, "AWS::ApiGateway::Stage"):
        arn: str = resolver.resolve(properties).get("AccessLogSetting", {}).get("DestinationArn", "")
        if ACCESS_LOG in arn:
            return arn.partition(ACCESS_LOG)[2]
    return None


def log_subscriptions(resolver: Resolver) -> list[LogSubscription]:
    """Every subscription filter of the template.

    Raises:
        SetupError: a property or pattern that nobody handles here, or a function that would be told of itself,
            without end.
    """
    groups = log_groups(resolver)
    return [
        _subscription(resolver, name, groups) for name, _ in of_type(resolver.template, "AWS::Logs::SubscriptionFilter")
    ]


def _subscription(resolver: Resolver, name: str, groups: Mapping[str, str]) -> LogSubscription:
    told = resolver.resolve(resolver.template["Resources"][name]["Properties"])
    refuse_properties(name, told, TAKEN)
    group, function = told["LogGroupName"], told["DestinationArn"]
    if function not in groups:
        raise SetupError(f"{name} tells {function}, which is no function: the laptop knows no other destination")
    if groups[function] == group:
        raise SetupError(f"{name} tells {function} of its own log: each line would make another")
    return LogSubscription(name, group, function, LogPattern.read(name, told["FilterPattern"]))
