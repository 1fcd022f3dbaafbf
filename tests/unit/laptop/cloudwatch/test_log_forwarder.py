"""What is logged and who is told: groups, patterns, deliveries and their size, and nobody told of itself."""

import asyncio
import gzip
import json
from base64 import b64decode
from random import Random
from typing import Any

import pytest

from infra.laptop.awslambda.invocation import EVENT_BYTES, FunctionResponse, Invocation
from infra.laptop.cloudwatch import log_forwarder
from infra.laptop.cloudwatch.log_forwarder import LogForwarder
from infra.laptop.cloudwatch.log_pattern import LogPattern
from infra.laptop.cloudwatch.log_subscription import LogSubscription, access_log_group, log_groups, log_subscriptions
from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver

GROUPS = {"Model": "ModelLogs", "Reader": "ReaderLogs"}


class FakeReader:
    """Remembers what it was told."""

    def __init__(self, refusal: FunctionResponse | None = None) -> None:
        self.events: list[bytes] = []
        self._refusal = refusal

    async def invoke(self, function: str, event: bytes) -> Invocation:
        assert function == "Reader"
        self.events.append(event)
        return Invocation.of(self._refusal or FunctionResponse(b""), "request")

    @property
    def told(self) -> list[dict[str, Any]]:
        packed = [json.loads(event)["awslogs"]["data"] for event in self.events]
        return [json.loads(gzip.decompress(b64decode(one))) for one in packed]

    @property
    def messages(self) -> list[str]:
        return [event["message"] for told in self.told for event in told["logEvents"]]


def subscription(group: str = "ModelLogs", pattern: str = "") -> LogSubscription:
    return LogSubscription("Filter", group, "Reader", LogPattern.read("Filter", pattern))


def forwarder_of(*subscriptions: LogSubscription) -> LogForwarder:
    return LogForwarder(subscriptions, GROUPS, "AccessLogs")


def flush(forwarder: LogForwarder, reader: FakeReader) -> None:
    asyncio.run(forwarder.flush(reader.invoke))


def test_a_delivery_has_cloudwatchs_shape() -> None:
    forwarder, reader = forwarder_of(subscription()), FakeReader()
    forwarder.line("Model", "first\rsecond")
    flush(forwarder, reader)
    [told] = reader.told
    [event] = told.pop("logEvents")
    assert told == {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "ModelLogs",
        "logStream": "laptop",
        "subscriptionFilters": ["Filter"],
    }
    assert event["message"] == "first\nsecond"
    assert event["timestamp"] > 1_700_000_000_000
    assert (len(event["id"]), event["id"].isdecimal()) == (56, True)


def test_lines_are_told_together_in_their_order_and_under_ids_of_their_own() -> None:
    forwarder, reader = forwarder_of(subscription()), FakeReader()
    for number in range(5):
        forwarder.line("Model", str(number))
    flush(forwarder, reader)
    flush(forwarder, reader)
    assert len(reader.events) == 1
    assert reader.messages == ["0", "1", "2", "3", "4"]
    assert len({event["id"] for event in reader.told[0]["logEvents"]}) == 5


def test_only_the_subscribed_group_is_told_and_only_what_the_pattern_wants() -> None:
    forwarder, reader = forwarder_of(subscription(pattern='{ $.level = "ERROR" }')), FakeReader()
    forwarder.line("Model", '{"level": "INFO"}')
    forwarder.line("Model", '{"level": "ERROR"}')
    forwarder.line("Reader", '{"level": "ERROR", "of": "itself"}')
    forwarder.line("Nobody", '{"level": "ERROR", "of": "another"}')
    forwarder.request('{"level": "ERROR", "of": "the gateway"}')
    flush(forwarder, reader)
    assert reader.messages == ['{"level": "ERROR"}']


def test_the_access_log_is_told_to_who_subscribed_to_it() -> None:
    forwarder, reader = forwarder_of(subscription("AccessLogs")), FakeReader()
    forwarder.line("Model", "a function's")
    forwarder.request("a request's")
    flush(forwarder, reader)
    assert reader.messages == ["a request's"]
    assert reader.told[0]["logGroup"] == "AccessLogs"


def test_no_delivery_is_larger_than_an_event_may_be() -> None:
    forwarder, reader = forwarder_of(subscription()), FakeReader()
    noise = [Random(number).randbytes(1000).hex() for number in range(900)]
    for line in noise:
        forwarder.line("Model", line)
    flush(forwarder, reader)
    assert reader.messages == noise
    assert len(reader.events) > 1
    assert max(map(len, reader.events)) < EVENT_BYTES


def test_a_line_that_is_too_long_is_cut() -> None:
    forwarder, reader = forwarder_of(subscription()), FakeReader()
    forwarder.line("Model", "x" * 1_000_000)
    flush(forwarder, reader)
    assert [len(message) for message in reader.messages] == [log_forwarder.LINE_CHARACTERS]


def test_what_waits_for_a_reader_is_bounded() -> None:
    forwarder, reader = forwarder_of(subscription()), FakeReader()
    for number in range(log_forwarder.MOST + 1):
        forwarder.line("Model", str(number))
    flush(forwarder, reader)
    assert (len(reader.messages), reader.messages[0]) == (log_forwarder.MOST, "1")


def test_a_reader_that_refuses_does_not_stop_the_others() -> None:
    forwarder, reader = (
        forwarder_of(subscription(), subscription("AccessLogs")),
        FakeReader(FunctionResponse.failure("Busy", "no")),
    )
    forwarder.line("Model", "a")
    forwarder.request("b")
    flush(forwarder, reader)
    assert reader.messages == ["a", "b"]


def resolver(**properties: Any) -> Resolver:
    told = {
        "DestinationArn": {"Fn::GetAtt": ["Reader", "Arn"]},
        "FilterPattern": "",
        "LogGroupName": {"Ref": "ModelLogs"},
    } | properties
    arn = {"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${AccessLogs}"}
    return Resolver(
        {
            "Resources": {
                "Filter": {"Type": "AWS::Logs::SubscriptionFilter", "Properties": told},
                "Model": function("ModelLogs"),
                "Reader": function("ReaderLogs"),
                "Bare": {"Type": "AWS::Lambda::Function", "Properties": {}},
                "Stage": {
                    "Type": "AWS::ApiGateway::Stage",
                    "Properties": {"AccessLogSetting": {"DestinationArn": arn}},
                },
            }
        },
        {},
    )


def function(group: str) -> Any:
    return {"Type": "AWS::Lambda::Function", "Properties": {"LoggingConfig": {"LogGroup": {"Ref": group}}}}


def test_a_subscription_is_read_as_it_says() -> None:
    [found] = log_subscriptions(resolver(FilterPattern="ERROR"))
    assert (found.name, found.group, found.function) == ("Filter", "ModelLogs", "Reader")
    assert [found.pattern.matches(line) for line in ("ERROR", "INFO")] == [True, False]


def test_the_groups_are_the_templates() -> None:
    assert log_groups(resolver()) == GROUPS | {"Bare": "/aws/lambda/Bare"}
    assert access_log_group(resolver()) == "AccessLogs"


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"RoleArn": "arn:role"}, "RoleArn of Filter"),
        ({"DestinationArn": "arn:stream"}, "Filter tells arn:stream, which is no function"),
        ({"LogGroupName": {"Ref": "ReaderLogs"}}, "Filter tells Reader of its own log"),
        ({"FilterPattern": "-no"}, "does not understand the filter pattern of Filter"),
    ],
)
def test_what_nobody_here_does_is_refused_by_name(properties: dict[str, Any], named: str) -> None:
    with pytest.raises(SetupError, match=named):
        log_subscriptions(resolver(**properties))
