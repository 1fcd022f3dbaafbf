"""The template's alarms: kept in moto, which never evaluates them, and evaluated here as CloudWatch would.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import PSEUDO, Resolver
from infra.laptop.sdk import Client
from infra.laptop.template import refuse_properties

TAKEN = (
    *("AlarmActions", "AlarmDescription", "AlarmName", "ComparisonOperator", "DatapointsToAlarm", "Dimensions"),
    *(
        "InsufficientDataActions",
        "EvaluateLowSampleCountPercentile",
        "EvaluationPeriods",
        "ExtendedStatistic",
        "MetricName",
        "Namespace",
    ),
    *("Metrics", "OKActions", "Period", "Statistic", "Threshold", "TreatMissingData"),
)
ONE_OF = re.compile(r"MAX\(\[(FILL\(\w+,0\)(?:,FILL\(\w+,0\))*)\]\)")
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
LONG_AGO = datetime.min.replace(tzinfo=UTC)
OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"


@dataclass(frozen=True, slots=True)
class AlarmSpec:
    """One alarm of the template. `missing` is what a period without data counts as."""

    name: str
    description: str
    metric: Mapping[str, Any]
    statistic: str
    period_s: int
    periods: int
    comparison: str
    threshold: float
    missing: str
    alarm_actions: Sequence[str]
    ok_actions: Sequence[str]
    to_alarm: int = 0  # how many of the periods; all of them where it is 0
    no_data_actions: Sequence[str] = ()
    others: Sequence[Mapping[str, Any]] = ()  # metrics beside the first: the greatest value counts

    def queries(self) -> list[dict[str, Any]]:
        """The values that the alarm is evaluated on, as GetMetricData takes the queries."""
        return [
            {"Id": f"m{n}", "MetricStat": {"Metric": one, "Period": self.period_s, "Stat": self.statistic}}
            for n, one in enumerate((self.metric, *self.others))
        ]

    def since(self, now: datetime) -> datetime:
        """The start of the oldest period that counts: whole periods, the one under way included."""
        return period_start(now, self.period_s) - timedelta(seconds=self.period_s * (self.periods - 1))


def period_start(at: datetime, period_s: int) -> datetime:
    """The start of the period that `at` is in."""
    return datetime.fromtimestamp(int(at.timestamp()) // period_s * period_s, UTC)


def make_alarm(resolver: Resolver, client: Client, logical_id: str, properties: Mapping[str, Any]) -> None:
    """Create the alarm.

    Raises:
        SetupError: a property nobody handles here.
    """
    refuse_properties(logical_id, properties, TAKEN)
    wanted = resolver.resolve(properties)
    wanted.setdefault("AlarmName", logical_id)
    if "Metrics" in wanted:
        metrics_of(wanted)
    numbers = {"Period": int, "EvaluationPeriods": int, "Threshold": float, "DatapointsToAlarm": int}
    client("cloudwatch").put_metric_alarm(
        **wanted | {name: kind(wanted[name]) for name, kind in numbers.items() if name in wanted}
    )
    resolver.refs[logical_id] = wanted["AlarmName"]
    arn = f"arn:aws:cloudwatch:{PSEUDO['AWS::Region']}:{PSEUDO['AWS::AccountId']}:alarm:{wanted['AlarmName']}"
    resolver.attributes[logical_id, "Arn"] = arn


def alarm_specs(resolver: Resolver) -> list[AlarmSpec]:
    """Every alarm of the template."""
    return [
        _spec(resolver.resolve(resource["Properties"]))
        for resource in resolver.template["Resources"].values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]


def alarm_state(
    spec: AlarmSpec, values: Mapping[datetime, float], now: datetime, before: str, begun: datetime = LONG_AGO
) -> str:
    """The alarm's state, from the values of its periods by their start: enough of them must be over the threshold.

    A period without data that started before anybody could look, at `begun`, is not over it.
    """
    starts = [spec.since(now) + timedelta(seconds=spec.period_s * number) for number in range(spec.periods)]
    judged = [_breaches(spec, values.get(start)) if start in values or start >= begun else False for start in starts]
    known = [one for one in judged if one is not None]
    if not known:
        return before if spec.missing == "ignore" else INSUFFICIENT
    return ALARM if sum(known) >= (spec.to_alarm or spec.periods) else OK


def _breaches(spec: AlarmSpec, value: float | None) -> bool | None:
    if value is None:
        return {"breaching": True, "notBreaching": False}.get(spec.missing)
    return COMPARE[spec.comparison](value, spec.threshold)


def metrics_of(wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The metrics that an alarm takes the greatest value of, each with its statistic and period.

    Raises:
        SetupError: it works out anything else from them.
    """
    worked_out = [one["Expression"] for one in wanted["Metrics"] if "Expression" in one]
    read = {one["Id"]: one["MetricStat"] for one in wanted["Metrics"] if "MetricStat" in one}
    found = ONE_OF.fullmatch("".join(worked_out))
    named = re.findall(r"FILL\((\w+),0\)", found[1]) if found else []
    if sorted(named) != sorted(read) or len({(one["Stat"], int(one["Period"])) for one in read.values()}) != 1:
        raise SetupError(
            f"{wanted['AlarmName']}: the laptop knows MAX([FILL(a,0),...]) of metrics with one statistic and period"
        )
    return list(read.values())


def _spec(wanted: Mapping[str, Any]) -> AlarmSpec:
    others: list[Mapping[str, Any]] = []
    if "Metrics" in wanted:
        first, *rest = metrics_of(wanted)
        wanted = {**wanted, **first["Metric"], "Statistic": first["Stat"], "Period": first["Period"]}
        others = [one["Metric"] for one in rest]
    return AlarmSpec(
        name=wanted["AlarmName"],
        description=wanted.get("AlarmDescription", ""),
        metric={
            "Namespace": wanted["Namespace"],
            "MetricName": wanted["MetricName"],
            "Dimensions": wanted.get("Dimensions", []),
        },
        statistic=wanted.get("Statistic") or wanted["ExtendedStatistic"],
        period_s=int(wanted["Period"]),
        periods=int(wanted["EvaluationPeriods"]),
        comparison=wanted["ComparisonOperator"],
        threshold=float(wanted["Threshold"]),
        missing=wanted.get("TreatMissingData", "missing"),
        alarm_actions=wanted.get("AlarmActions", []),
        ok_actions=wanted.get("OKActions", []),
        to_alarm=int(wanted.get("DatapointsToAlarm", 0)),
        no_data_actions=wanted.get("InsufficientDataActions", []),
        others=others,
    )
