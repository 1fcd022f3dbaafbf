"""Nothing that fails without anybody waiting is lost: every asynchronous path ends in a queue, which is watched.

The paths are found in the expanded template: who may invoke a function, what a topic tells, what a rule calls.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.laptop.template import Template
from tests.contract.expanded import ROOT, Defect, Rule, as_list, of_type, planted, properties, template
from tests.contract.template.test_data import failure_queues

RUNBOOK = (ROOT / "docs/runbook.md").read_text()
WAITS = "apigateway.amazonaws.com"  # the one service that waits for the answer, and passes a failure on
SENDERS = {"AWS::SNS::Subscription": "sns.amazonaws.com", "AWS::Events::Rule": "events.amazonaws.com"}


def an_asynchronously_invoked_function_has_a_failure_queue(template: Template) -> list[str]:
    return sorted(invoked(template) - failure_queues(template).keys())


def invoked(template: Template) -> set[str]:
    """The functions that a service may invoke which does not wait, or that another resource names as its target."""
    allowed = {
        named(one["FunctionName"])
        for one in of_type(template, "AWS::Lambda::Permission").values()
        if one["Principal"] != WAITS
    }
    told = {named(one["Endpoint"]) for one in subscriptions(template).values() if one["Protocol"] == "lambda"}
    called = {named(target["Arn"]) for _, target in targets(template)}
    logged = {named(one["DestinationArn"]) for one in of_type(template, "AWS::Logs::SubscriptionFilter").values()}
    return (allowed | told | called | logged) & of_type(template, "AWS::Lambda::Function").keys()


def named(reference: dict[str, Any]) -> str:
    """The logical id in `!Ref` or `!GetAtt`."""
    return str(reference.get("Ref") or reference["Fn::GetAtt"][0])


def subscriptions(template: Template) -> dict[str, dict[str, Any]]:
    """Those of programs: a mail is not delivered again."""
    found = of_type(template, "AWS::SNS::Subscription")
    return {name: one for name, one in found.items() if one["Protocol"] != "email"}


def targets(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rule and target of all that EventBridge calls."""
    for name, rule in of_type(template, "AWS::Events::Rule").items():
        for target in rule["Targets"]:
            yield name, target


def a_subscription_has_dead_letters(template: Template) -> list[str]:
    return [name for name, one in subscriptions(template).items() if "RedrivePolicy" not in one]


def a_target_of_a_rule_has_dead_letters(template: Template) -> list[str]:
    return [name for name, target in targets(template) if "DeadLetterConfig" not in target]


def a_stream_has_a_failure_queue(template: Template) -> list[str]:
    return [
        name
        for name, one in of_type(template, "AWS::Lambda::EventSourceMapping").items()
        if "StreamArn" in str(one["EventSourceArn"]) and "OnFailure" not in one.get("DestinationConfig", {})
    ]


def a_function_may_send_to_its_failure_queue(template: Template) -> list[str]:
    return [
        name
        for name, queue in failure_queues(template).items()
        if not any(
            "sqs:SendMessage" in as_list(statement["Action"]) and attribute(queue) in as_list(statement["Resource"])
            for statement in statements(template, name)
        )
    ]


def statements(template: Template, function: str) -> list[dict[str, Any]]:
    """What a function's role allows, without what depends on a condition."""
    role = properties(template, named(properties(template, function)["Role"]))
    return [one for policy in role["Policies"] for one in policy["PolicyDocument"]["Statement"] if "Action" in one]


def attribute(queue: str) -> dict[str, list[str]]:
    """`!GetAtt queue.Arn`."""
    return {"Fn::GetAtt": [queue, "Arn"]}


def a_service_may_send_to_dead_letters(template: Template) -> list[str]:
    """Of just the topic or rule that names the queue."""
    wanted = [
        (SENDERS["AWS::SNS::Subscription"], one["TopicArn"], one["RedrivePolicy"]["deadLetterTargetArn"])
        for one in subscriptions(template).values()
        if "RedrivePolicy" in one
    ]
    wanted += [
        (SENDERS["AWS::Events::Rule"], attribute(name), target["DeadLetterConfig"]["Arn"])
        for name, target in targets(template)
        if "DeadLetterConfig" in target
    ]
    return [named(queue) for service, sender, queue in wanted if not may_send(template, service, sender, queue)]


def may_send(template: Template, service: str, sender: Any, queue: Any) -> bool:
    return any(
        statement["Principal"] == {"Service": service}
        and queue in statement["Resource"]
        and sender in as_list(statement["Condition"]["ArnEquals"]["aws:SourceArn"])
        for policy in of_type(template, "AWS::SQS::QueuePolicy").values()
        if {"Ref": named(queue)} in policy["Queues"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    )


def dead_letters_are_counted(template: Template) -> list[str]:
    """By the health check, whose metric the alarm `DeadLetters` watches."""
    told = properties(template, "MonitoringScheduleFunction")["Environment"]["Variables"]["DEAD_LETTER_QUEUE_URLS"]
    counted = {named(one) for one in told["Fn::Join"][1]}
    read = {
        named(one)
        for statement in statements(template, "MonitoringScheduleFunction")
        if "sqs:GetQueueAttributes" in as_list(statement["Action"])
        for one in as_list(statement["Resource"])
    }
    return sorted(dead_letters(template) - (counted & read))


def dead_letters(template: Template) -> set[str]:
    """The queues from which nothing goes on by itself."""
    return {name for name, queue in of_type(template, "AWS::SQS::Queue").items() if "RedrivePolicy" not in queue}


def dead_letters_are_in_the_runbook(template: Template) -> list[str]:
    return sorted(name for name in dead_letters(template) if f"`{name}`" not in RUNBOOK)


INVOKED, SUBSCRIBED, TARGETED, STREAMED, SENDS, LET_IN, COUNTED, TOLD = RULES = [
    an_asynchronously_invoked_function_has_a_failure_queue,
    a_subscription_has_dead_letters,
    a_target_of_a_rule_has_dead_letters,
    a_stream_has_a_failure_queue,
    a_function_may_send_to_its_failure_queue,
    a_service_may_send_to_dead_letters,
    dead_letters_are_counted,
    dead_letters_are_in_the_runbook,
]


def without(logical_id: str, name: str) -> Defect:
    return lambda t: properties(t, logical_id).pop(name)


def called_by_a_new_service(template: Template) -> None:
    template["Resources"]["FromS3"] = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {"FunctionName": {"Ref": "BatchIntakeFunction"}, "Principal": "s3.amazonaws.com"},
    }


def unwatched(template: Template) -> None:
    template["Resources"]["MoreDeadLetters"] = {"Type": "AWS::SQS::Queue", "Properties": {}}


def mute(template: Template) -> None:
    for policy in properties(template, "MonitoringAlarmRole")["Policies"]:
        kept = [one for one in policy["PolicyDocument"]["Statement"] if "sqs:SendMessage" not in str(one)]
        policy["PolicyDocument"]["Statement"] = kept


def locked_out(template: Template) -> None:
    properties(template, "QueuesOverTlsOnly")["PolicyDocument"]["Statement"].pop()


PLANTED: list[tuple[Rule, Defect, str]] = [
    *(
        (INVOKED, lambda t, name=name: t["Resources"].pop(f"{name}EventInvokeConfig"), name)
        for name in sorted(failure_queues(template()))
    ),
    (INVOKED, called_by_a_new_service, "BatchIntakeFunction"),
    *((SUBSCRIBED, without(name, "RedrivePolicy"), name) for name in sorted(subscriptions(template()))),
    *(
        (TARGETED, lambda t, name=name: properties(t, name)["Targets"][0].pop("DeadLetterConfig"), name)
        for name, _ in targets(template())
    ),
    (STREAMED, without("AnalyticsStreamFunctionStored", "DestinationConfig"), "AnalyticsStreamFunctionStored"),
    (SENDS, mute, "MonitoringAlarmFunction"),
    (LET_IN, locked_out, "JobsDeadLetters"),
    (COUNTED, unwatched, "MoreDeadLetters"),
    (TOLD, unwatched, "MoreDeadLetters"),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_template_keeps_the_rule(rule: Rule) -> None:
    assert rule(template()) == []


@pytest.mark.parametrize(("rule", "defect", "named"), PLANTED)
def test_a_planted_defect_is_named(rule: Rule, defect: Defect, named: str) -> None:
    assert named in rule(planted(defect))


def test_the_paths_are_those_of_today() -> None:
    """That the search finds something at all."""
    assert len(invoked(template())) == 6
    assert len(subscriptions(template())) == 4
    assert len(list(targets(template()))) == 7
