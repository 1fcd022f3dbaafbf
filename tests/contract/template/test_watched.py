"""What runs without anybody waiting is watched: every queue's age, every stream's, every function's failures."""

from typing import Any

import pytest

from infra.laptop.template import Template
from tests.contract.expanded import Defect, Rule, of_type, planted, properties, template
from tests.contract.template.test_alarm import watched
from tests.contract.template.test_data import KEEPER, working

FAILURES = ('?"Task timed out"', '?"Runtime exited"', "?ERROR")


def metrics(template: Template) -> list[dict[str, Any]]:
    """Every metric that some alarm reads."""
    return [one for alarm in of_type(template, "AWS::CloudWatch::Alarm").values() for one in watched(alarm)]


def is_watched(template: Template, metric: str, dimension: str, value: Any) -> bool:
    wanted = [{"Name": dimension, "Value": value}]
    return any((one["MetricName"], one["Dimensions"]) == (metric, wanted) for one in metrics(template))


def the_age_of_every_queue_is_watched(template: Template) -> list[str]:
    """Dead letters do not age: that there are any is an alarm."""
    return [
        name
        for name in working(of_type(template, "AWS::SQS::Queue"))
        if not is_watched(template, "ApproximateAgeOfOldestMessage", "QueueName", {"Fn::GetAtt": [name, "QueueName"]})
    ]


def the_age_of_every_stream_is_watched(template: Template) -> list[str]:
    return [
        mapping["FunctionName"]["Ref"]
        for mapping in of_type(template, "AWS::Lambda::EventSourceMapping").values()
        if "StreamArn" in str(mapping["EventSourceArn"])
        and not is_watched(template, "IteratorAge", "FunctionName", mapping["FunctionName"])
    ]


def the_failures_of_every_function_are_watched(template: Template) -> list[str]:
    """Its log is told to the function that counts them in an alarm's metric, or Lambda's own count is watched."""
    told = {
        one["LogGroupName"]["Ref"]
        for one in of_type(template, "AWS::Logs::SubscriptionFilter").values()
        if one["DestinationArn"] == {"Fn::GetAtt": [KEEPER, "Arn"]}
        and all(part in one["FilterPattern"] for part in FAILURES)
    }
    counted = told if is_watched(template, "FunctionFailed", "scope", "all") else set()
    return [
        name
        for name, function in of_type(template, "AWS::Lambda::Function").items()
        if function["LoggingConfig"]["LogGroup"]["Ref"] not in counted
        and not is_watched(template, "Errors", "FunctionName", {"Ref": name})
    ]


def failed_and_throttled_executions_are_watched(template: Template) -> list[str]:
    return [
        name
        for name in of_type(template, "AWS::StepFunctions::StateMachine")
        if not is_watched(template, "ExecutionsFailed", "StateMachineArn", {"Ref": name})
    ]


def a_machine_logs_its_failures_and_no_content(template: Template) -> list[str]:
    """Into a group of its own."""
    problems = []
    for name, machine in of_type(template, "AWS::StepFunctions::StateMachine").items():
        logging = machine.get("LoggingConfiguration", {})
        groups = [
            one["CloudWatchLogsLogGroup"]["LogGroupArn"]["Fn::GetAtt"][0] for one in logging.get("Destinations", [])
        ]
        fits = (logging.get("Level"), logging.get("IncludeExecutionData")) == ("ERROR", False)
        if not fits or not groups or any(group not in of_type(template, "AWS::Logs::LogGroup") for group in groups):
            problems.append(name)
    return problems


def the_concurrency_of_scoring_is_a_parameter(template: Template) -> list[str]:
    wanted = {"Fn::If": ["ReserveScoring", {"Ref": "ScoreConcurrency"}, {"Ref": "AWS::NoValue"}]}
    found = properties(template, "ModelFunction").get("ReservedConcurrentExecutions")
    return [] if found == wanted else ["ModelFunction"]


QUEUES, STREAMS, FUNCTIONS, EXECUTIONS, MACHINE, RESERVED = RULES = [
    the_age_of_every_queue_is_watched,
    the_age_of_every_stream_is_watched,
    the_failures_of_every_function_are_watched,
    failed_and_throttled_executions_are_watched,
    a_machine_logs_its_failures_and_no_content,
    the_concurrency_of_scoring_is_a_parameter,
]


def without(logical_id: str) -> Defect:
    return lambda t: t["Resources"].pop(logical_id)


def logging(**changes: Any) -> Defect:
    return lambda t: properties(t, "BatchMachine")["LoggingConfiguration"].update(changes)


def without_the_third(alarm: str) -> Defect:
    """One metric of those that an alarm works something out from: the third entry, after the expression."""
    return lambda t: properties(t, alarm)["Metrics"].pop(2)


def deaf(template: Template) -> None:
    found = of_type(template, "AWS::Logs::SubscriptionFilter").values()
    next(one for one in found if one["LogGroupName"] == {"Ref": "BackfillLogs"})["FilterPattern"] = "?ERROR"


def new_queue(template: Template) -> None:
    template["Resources"]["NewQueue"] = {"Type": "AWS::SQS::Queue", "Properties": {"RedrivePolicy": {}}}


PLANTED: list[tuple[Rule, Defect, str]] = [
    (QUEUES, new_queue, "NewQueue"),
    (QUEUES, without("IngestLateAlarm"), "IngestQueue"),
    (QUEUES, without_the_third("RetriesLateAlarm"), "AlertsRetryQueue"),
    (STREAMS, without("CountingLateAlarm"), "AnalyticsStreamFunction"),
    (FUNCTIONS, without("FunctionsFailAlarm"), "BackfillFunction"),
    (FUNCTIONS, without_the_third("FunctionsFailAlarm"), "MonitoringLogsFunction"),
    (FUNCTIONS, deaf, "BackfillFunction"),
    (EXECUTIONS, without("JobsFailedAlarm"), "BatchMachine"),
    (MACHINE, lambda t: properties(t, "BatchMachine").pop("LoggingConfiguration"), "BatchMachine"),
    (MACHINE, logging(Level="OFF"), "BatchMachine"),
    (MACHINE, logging(IncludeExecutionData=True), "BatchMachine"),
    (MACHINE, without("BatchMachineLogs"), "BatchMachine"),
    (RESERVED, lambda t: properties(t, "ModelFunction").pop("ReservedConcurrentExecutions"), "ModelFunction"),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_template_keeps_the_rule(rule: Rule) -> None:
    assert rule(template()) == []


@pytest.mark.parametrize(("rule", "defect", "named"), PLANTED)
def test_a_planted_defect_is_named(rule: Rule, defect: Defect, named: str) -> None:
    assert named in rule(planted(defect))
