"""What a month costs in which nobody calls: worked out from the template, line by line, without any free tier."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fraudshield.monitoring.metric import RESOURCES, WATCHED
from infra.laptop.eventbridge.cron import schedule
from infra.laptop.intrinsic import Resolver
from infra.laptop.template import Template, of_type
from infra.price.table import prices

MONTH_S = 30 * 86_400
IDLE_METRICS = 1  # UnhealthyServices; a test holds a health check of all services to that
LOOK_S, HEALTH_S = 1.0, 0.05  # of a health check, and of one function's response to it
TELLING_S = 0.1  # of a look at what was closed: one item, one query
LINES_BYTES = 700  # what Lambda and we log of one invocation that has nothing to say
POLLERS, POLL_S = 5, 20  # Lambda's on an empty queue: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html


@dataclass(frozen=True, slots=True)
class CostLine:
    """One part of the month. `chosen` is ours: it follows from the template's alarms, metrics, schedules and keys."""

    what: str
    dollars: float
    chosen: bool = True


def idle_month(template: Template) -> list[CostLine]:
    """Every part of it, for the template's default parameters."""
    resolver = Resolver(template, {})
    looks = sum(_runs(rule) for rule in _rules(template, "health"))
    trends = sum(_runs(rule) for rule in _rules(template, "trend"))
    tellings = sum(_runs(rule) for check in ("reviews", "overdue") for rule in _rules(template, check))
    asked = len(_services(resolver))
    reads = looks * len(RESOURCES) + trends * 2 * len(WATCHED)
    seconds = looks * (LOOK_S * 0.5 + asked * HEALTH_S * 1.769) + trends * LOOK_S * 0.5
    invocations = looks * (1 + asked) + trends
    watched = sum(_metrics(one) for _, one in of_type(resolver.template, "AWS::CloudWatch::Alarm"))
    queues = sum("Queue" in str(one["EventSourceArn"]) for one in _mappings(template))
    dollars = prices().dollars
    return [
        CostLine(
            f"{_made(resolver, 'AWS::CloudWatch::Alarm')} alarms of {watched} metrics, each billed",
            dollars({"alarms": watched}),
        ),
        CostLine(
            f"{_made(resolver, 'AWS::CloudWatch::Dashboard')} dashboards",
            dollars({"dashboards": _made(resolver, "AWS::CloudWatch::Dashboard")}),
        ),
        CostLine(f"{IDLE_METRICS} metric that is written though nobody calls", dollars({"metrics": IDLE_METRICS})),
        CostLine(
            f"{_made(resolver, 'AWS::SecretsManager::Secret')} secrets; keys are AWS's own",
            dollars({"secrets": _made(resolver, "AWS::SecretsManager::Secret")}),
        ),
        CostLine(
            f"{looks:,} looks at {asked} services: {invocations:,} invocations",
            dollars({"lambda_requests": invocations, "lambda_gb_s": seconds}),
        ),
        CostLine(f"{reads:,} metrics read by them", dollars({"metric_reads": reads})),
        CostLine(
            f"{tellings:,} looks at closed and overdue reviews",
            tellings
            * dollars(
                {
                    "lambda_requests": 1,
                    "lambda_gb_s": TELLING_S * 0.5,
                    "read_units": 2,
                    "log_bytes": LINES_BYTES,
                }
            ),
        ),
        CostLine("what they keep and log", dollars({"write_units": looks, "log_bytes": invocations * LINES_BYTES})),
        CostLine(
            f"Lambda's polls of {queues} empty queues",
            dollars({"sqs_requests": queues * POLLERS * MONTH_S / POLL_S}),
            chosen=False,
        ),
    ]


def _made(resolver: Resolver, kind: str) -> int:
    """How many of a type are made by the template's default parameters."""
    return sum(1 for _ in of_type(resolver.template, kind))


def _metrics(alarm: Mapping[str, Any]) -> int:
    """How many metrics an alarm reads: where it works something out from several, each counts as an alarm."""
    return len([one for one in alarm["Metrics"] if "MetricStat" in one]) if "Metrics" in alarm else 1


def _rules(template: Template, check: str) -> Iterator[str]:
    for _, rule in of_type(template, "AWS::Events::Rule"):
        if any(f'"{check}"' in str(target.get("Input")) for target in rule.get("Targets", [])):
            yield Resolver(template, {}).resolve(rule["ScheduleExpression"])


def _runs(expression: str) -> int:
    """How often a schedule falls due in a month: by the minutes of an hour, since none of ours asks for more."""
    when, start = schedule(expression), datetime(2026, 11, 1, tzinfo=UTC)
    return 30 * sum(when.is_due(start + timedelta(minutes=minute)) for minute in range(24 * 60))


def _services(resolver: Resolver) -> list[str]:
    function: Any = resolver.template["Resources"]["MonitoringScheduleFunction"]["Properties"]
    asked: str = resolver.resolve(function["Environment"]["Variables"]["SERVICE_FUNCTIONS"])
    return asked.split(",")


def _mappings(template: Template) -> list[Any]:
    return [one for _, one in of_type(template, "AWS::Lambda::EventSourceMapping")]
