"""What a laptop takes from a template, and what it refuses by name."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.laptop import deploy
from infra.laptop.awslambda.alias import function_of
from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver
from infra.laptop.template import Template

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {}}


class FakeQueues:
    """Remembers which queues were made, in order."""

    def __init__(self) -> None:
        self.made: list[tuple[str, dict[str, str]]] = []

    def create_queue(self, QueueName: str, Attributes: dict[str, str]) -> dict[str, str]:
        self.made.append((QueueName, Attributes))
        return {"QueueUrl": f"http://queues/{QueueName}"}

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:
        return {"Attributes": {"QueueArn": f"arn:{QueueUrl.rpartition('/')[2]}"}}


def template(**resources: Any) -> Template:
    return {"Resources": resources, "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}}


def deployed(**resources: Any) -> tuple[Resolver, FakeQueues]:
    queues = FakeQueues()
    return deploy.deploy(template(**resources), {}, lambda _: queues), queues


def test_a_type_that_nobody_knows_is_refused_by_name_before_anything_is_made() -> None:
    queues = FakeQueues()
    with pytest.raises(SetupError, match=r"Cache \(AWS::ElastiCache::CacheCluster\)"):
        deploy.deploy(
            template(Queue=QUEUE, Cache={"Type": "AWS::ElastiCache::CacheCluster", "Properties": {}}),
            {},
            lambda _: queues,
        )
    assert queues.made == []


def test_a_property_that_nobody_honours_is_refused_by_name() -> None:
    with pytest.raises(SetupError, match="RedriveAllowPolicy of Queue"):
        deployed(Queue={"Type": "AWS::SQS::Queue", "Properties": {"RedriveAllowPolicy": {}}})


def test_a_table_with_a_property_that_nobody_honours_is_refused_by_name() -> None:
    with pytest.raises(SetupError, match="ResourcePolicy of Table"):
        deployed(Table={"Type": "AWS::DynamoDB::Table", "Properties": {"ResourcePolicy": {}}})


def test_a_dead_letter_queue_is_made_before_the_queue_that_names_it() -> None:
    policy = {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 5}
    _, queues = deployed(Live={"Type": "AWS::SQS::Queue", "Properties": {"RedrivePolicy": policy}}, Dead=QUEUE)
    assert queues.made == [
        ("Dead", {}),
        ("Live", {"RedrivePolicy": '{"deadLetterTargetArn": "arn:Dead", "maxReceiveCount": 5}'}),
    ]


def test_a_queues_numbers_and_truths_are_sent_as_sqs_spells_them() -> None:
    properties = {"VisibilityTimeout": 360, "FifoQueue": True, "SqsManagedSseEnabled": True}
    _, queues = deployed(Queue={"Type": "AWS::SQS::Queue", "Properties": properties})
    assert queues.made == [("Queue", {"VisibilityTimeout": "360", "FifoQueue": "true"})]


def test_a_resource_whose_condition_does_not_hold_is_not_made() -> None:
    _, queues = deployed(Queue=QUEUE | {"Condition": "Never"})
    assert queues.made == []


RULE = {"EventPattern": {"source": ["aws.s3"]}, "Targets": []}


@pytest.mark.parametrize(
    ("kind", "properties", "named"),
    [
        ("AWS::S3::Bucket", {"ReplicationConfiguration": {}}, "ReplicationConfiguration of It"),
        ("AWS::S3::Bucket", {"NotificationConfiguration": {"QueueConfigurations": []}}, "QueueConfigurations of It"),
        ("AWS::Events::Rule", {**RULE, "RoleArn": "arn:role"}, "RoleArn of It"),
        ("AWS::Events::Rule", {**RULE, "EventPattern": {"a": [{"numeric": ["<", 1]}]}}, "numeric in a pattern of It"),
        ("AWS::Events::Rule", {**RULE, "Targets": [{"Id": "a", "Arn": "b", "Input": "{}"}]}, "Input of a target of It"),
        ("AWS::StepFunctions::StateMachine", {"Definition": {}}, "Definition of It"),
        ("AWS::StepFunctions::StateMachine", {"StateMachineType": "EXPRESS"}, "only STANDARD"),
    ],
)
def test_what_moto_would_not_do_is_refused_by_name(kind: str, properties: dict[str, Any], named: str) -> None:
    with pytest.raises(SetupError, match=named):
        deploy.deploy(template(It={"Type": kind, "Properties": properties}), {}, lambda _: FakeAnything())


def test_what_names_others_is_made_after_them() -> None:
    target = {"Id": "queue", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}
    anything = FakeAnything()
    rule = {"Type": "AWS::Events::Rule", "Properties": {**RULE, "Targets": [target]}}
    deploy.deploy(template(Rule=rule, Queue=QUEUE), {}, lambda _: anything)
    assert anything.asked == ["create_queue", "get_queue_attributes", "put_rule", "put_targets", "describe_rule"]


class FakeAnything:
    """Answers whatever it is asked, and remembers what."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        self.asked.append(operation)
        told = {"QueueUrl": "http://queue", "Attributes": {"QueueArn": "arn:queue"}, "Arn": "arn:rule"}
        return lambda **_: told


def test_what_is_made_is_known_by_url_and_arn() -> None:
    resolver, _ = deployed(Queue=QUEUE)
    assert resolver.resolve({"Ref": "Queue"}) == "http://queues/Queue"
    assert resolver.resolve({"Fn::GetAtt": ["Queue", "Arn"]}) == "arn:Queue"


def test_every_type_that_is_left_out_has_a_reason() -> None:
    assert all(len(reason) > 10 for reason in deploy.LEFT_OUT.values())
    assert not deploy.LEFT_OUT.keys() & (deploy.MAKERS.keys() | deploy.READ.keys())


ALIAS = {"FunctionName": {"Ref": "Scorer"}, "FunctionVersion": {"Fn::GetAtt": ["Version1", "Version"]}, "Name": "live"}


def test_an_alias_is_invoked_as_its_function_under_its_name() -> None:
    resolver, _ = deployed(Live={"Type": "AWS::Lambda::Alias", "Properties": ALIAS})
    assert resolver.ref("Live") == "Scorer:live"
    assert [function_of(resolver.template, name) for name in ("Live", "Scorer")] == ["Scorer", "Scorer"]


def test_an_alias_that_shares_calls_out_is_refused_by_name() -> None:
    with pytest.raises(SetupError, match="RoutingConfig of Live"):
        deployed(Live={"Type": "AWS::Lambda::Alias", "Properties": {**ALIAS, "RoutingConfig": {}}})
