"""Alarms: each reaches somebody, says how bad it is, watches what somebody counts, and has a line in the runbook."""

import re
from typing import Any

import pytest

from infra.laptop.template import Template
from tests.contract.expanded import ROOT, Defect, Rule, of_type, planted, properties, template

RUNBOOK = (ROOT / "docs/runbook.md").read_text()
OURS = "FraudShield/"
SOURCES = ("layers/fraudshield/fraudshield", "functions")


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    return of_type(template, "AWS::CloudWatch::Alarm")


def every_alarm_reaches_somebody_when_it_comes_and_when_it_goes(template: Template) -> list[str]:
    wanted = [{"Ref": "AlarmsTopic"}]
    return [
        name
        for name, alarm in alarms(template).items()
        if alarm.get("AlarmActions") != wanted or alarm.get("OKActions") != wanted
    ]


def every_alarm_says_how_bad_it_is(template: Template) -> list[str]:
    return [
        name
        for name, alarm in alarms(template).items()
        if not re.match(r"(critical|warning): \w", str(alarm.get("AlarmDescription")))
    ]


def every_alarm_has_its_line_in_the_runbook(template: Template) -> list[str]:
    lines = {
        (name, severity)
        for names, severity in re.findall(r"(?m)^\| ([^|]+) \| (critical|warning) \|", RUNBOOK)
        for name in re.findall(r"`(\w+)`", names)
    }
    wanted = {
        (name.removesuffix("Alarm"), alarm["AlarmDescription"].partition(":")[0])
        for name, alarm in alarms(template).items()
    }
    return sorted(name for name, _ in wanted ^ lines)


def every_metric_of_ours_is_counted_somewhere(template: Template) -> list[str]:
    written = "".join(path.read_text() for folder in SOURCES for path in (ROOT / folder).rglob("*.py"))
    return [
        name
        for name, alarm in alarms(template).items()
        if any(OURS in str(one["Namespace"]) and f'"{one["MetricName"]}"' not in written for one in watched(alarm))
    ]


def watched(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics that an alarm reads: its one, or those that it works something out from."""
    if "Metrics" not in alarm:
        return [alarm]
    return [one["MetricStat"]["Metric"] for one in alarm["Metrics"] if "MetricStat" in one]


def every_alarm_says_what_no_data_means(template: Template) -> list[str]:
    """Nothing, or that somebody is told of the change: `breaching` would tell of every deployment's first minutes."""
    told = [{"Ref": "AlarmsTopic"}]
    return [
        name
        for name, alarm in alarms(template).items()
        if (alarm.get("TreatMissingData"), alarm.get("InsufficientDataActions"))
        not in [("notBreaching", None), ("missing", told)]
    ]


RULES: list[Rule] = [
    every_alarm_reaches_somebody_when_it_comes_and_when_it_goes,
    every_alarm_says_how_bad_it_is,
    every_alarm_has_its_line_in_the_runbook,
    every_metric_of_ours_is_counted_somewhere,
    every_alarm_says_what_no_data_means,
]


def cpu(**changes: Any) -> Defect:
    return lambda t: properties(t, "CpuAlarm").update(changes)


PLANTED: list[tuple[Rule, Defect, str]] = [
    (every_alarm_reaches_somebody_when_it_comes_and_when_it_goes, cpu(AlarmActions=[]), "CpuAlarm"),
    (every_alarm_reaches_somebody_when_it_comes_and_when_it_goes, cpu(OKActions=[]), "CpuAlarm"),
    (every_alarm_says_how_bad_it_is, cpu(AlarmDescription="it is hot"), "CpuAlarm"),
    (every_alarm_has_its_line_in_the_runbook, lambda t: t["Resources"].pop("CpuAlarm"), "Cpu"),
    (every_alarm_has_its_line_in_the_runbook, cpu(AlarmDescription="critical: it is hot"), "Cpu"),
    (every_metric_of_ours_is_counted_somewhere, cpu(MetricName="CpuPercents"), "CpuAlarm"),
    (every_alarm_says_what_no_data_means, cpu(TreatMissingData="missing"), "CpuAlarm"),
    (every_alarm_says_what_no_data_means, cpu(TreatMissingData="breaching"), "CpuAlarm"),
    (
        every_alarm_says_what_no_data_means,
        lambda t: properties(t, "NotWatchedAlarm").pop("InsufficientDataActions"),
        "NotWatchedAlarm",
    ),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_template_keeps_the_rule(rule: Rule) -> None:
    assert rule(template()) == []


@pytest.mark.parametrize(("rule", "defect", "named"), PLANTED)
def test_a_planted_defect_is_named(rule: Rule, defect: Defect, named: str) -> None:
    assert named in rule(planted(defect))
