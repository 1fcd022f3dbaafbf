"""The template's rules for events: made in moto, which matches them, with a queue before each function."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.laptop.eventbridge.event import object_created
from infra.laptop.eventbridge.event_pattern import EventPattern
from infra.laptop.intrinsic import Resolver
from infra.laptop.resources.bucket import notifying_buckets
from infra.laptop.sdk import Client
from infra.laptop.template import refuse_properties

TAKEN = ("Description", "EventPattern", "Name", "State", "Targets")
TARGET = ("Arn", "DeadLetterConfig", "Id")
TARGET_LEFT_OUT = ("RetryPolicy",)  # a queue on this machine takes what it is given, or never will
VISIBLE_AGAIN_S = "180"  # where nobody said what became of it: longer than any function of a topic or rule runs
UNVERSIONED = "null"


@dataclass(frozen=True, slots=True)
class RuleMapping:
    """Which rule invokes which function (its logical id), and the queue in between.

    What cannot be delivered, since Lambda refuses it, goes to the queue `dead_letters_url`.
    """

    name: str
    function: str
    queue_url: str
    dead_letters_url: str | None = None


def make_rule(resolver: Resolver, client: Client, logical_id: str, properties: Mapping[str, Any]) -> None:
    """Create a rule with a pattern; the scheduler reads those with a schedule from the template.

    Raises:
        SetupError: a property or a pattern that nobody handles here.
    """
    if "ScheduleExpression" in properties:
        resolver.refs[logical_id] = logical_id
        return
    refuse_properties(logical_id, properties, (*TAKEN, *TARGET_LEFT_OUT))
    wanted = resolver.resolve(properties)
    EventPattern.read(logical_id, wanted["EventPattern"])
    name, events = wanted.get("Name", logical_id), client("events")
    state = wanted.get("State", "ENABLED")
    events.put_rule(Name=name, EventPattern=json.dumps(wanted["EventPattern"]), State=state)
    targets = [_target(resolver, client, logical_id, target) for target in wanted["Targets"]]
    events.put_targets(Rule=name, Targets=targets)
    resolver.refs[logical_id] = name
    resolver.attributes[logical_id, "Arn"] = events.describe_rule(Name=name)["Arn"]


def rule_mappings(resolver: Resolver) -> list[RuleMapping]:
    """Every function that a rule invokes; the rules have been made."""
    return [
        RuleMapping(
            name, target["Arn"], resolver.attributes[name, _queue(target["Arn"])], dead_letters(resolver, target)
        )
        for name, properties in _patterned(resolver)
        for target in resolver.resolve(properties["Targets"])
        if (name, _queue(target["Arn"])) in resolver.attributes
    ]


def dead_letters(resolver: Resolver, target: Mapping[str, Any]) -> str | None:
    """The URL of the queue that takes what a target of a rule does not; the queues have been made."""
    return resolver.queue_urls().get(target.get("DeadLetterConfig", {}).get("Arn"))


def replay_object_events(resolver: Resolver, client: Client) -> int:
    """Send the rules' queues an event for every object that is there: its own may have gone with the process.

    Who reads them hears of some objects twice, as from EventBridge itself. Returns how many events were sent.
    """
    rules = list(_rules(resolver))
    told = 0
    for event in _objects(resolver, client):
        for pattern, url in rules:
            if pattern.matches(event):
                client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(event))
                told += 1
    return told


def _rules(resolver: Resolver) -> Iterator[tuple[EventPattern, str]]:
    urls = resolver.queue_urls()
    for name, properties in _patterned(resolver):
        wanted = resolver.resolve(properties)
        for target in wanted["Targets"] if wanted.get("State", "ENABLED") == "ENABLED" else ():
            url = urls.get(target["Arn"]) or resolver.attributes[name, _queue(target["Arn"])]
            yield EventPattern.read(name, wanted["EventPattern"]), url


def _objects(resolver: Resolver, client: Client) -> Iterator[dict[str, Any]]:
    for bucket in notifying_buckets(resolver):
        for page in client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket):
            for one in page.get("Versions", []):
                if one["IsLatest"]:
                    version = None if one["VersionId"] == UNVERSIONED else one["VersionId"]
                    yield object_created(bucket, one["Key"], one["Size"], one["ETag"].strip('"'), version)


def _patterned(resolver: Resolver) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, resource in resolver.template["Resources"].items():
        if resource["Type"] == "AWS::Events::Rule" and "EventPattern" in resource["Properties"]:
            yield name, resource["Properties"]


def _target(resolver: Resolver, client: Client, rule: str, target: Mapping[str, Any]) -> dict[str, Any]:
    """A rule's target. A function has no ARN here: its name stands for it, and a queue is made in between."""
    refuse_properties(f"a target of {rule}", target, (*TARGET, *TARGET_LEFT_OUT))
    arn = target["Arn"]
    if arn not in resolver.queue_urls():
        sqs = client("sqs")
        wanted = {"VisibilityTimeout": VISIBLE_AGAIN_S}
        url = sqs.create_queue(QueueName=f"{rule}-{arn}", Attributes=wanted)["QueueUrl"]
        resolver.attributes[rule, _queue(arn)] = url
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    kept = {"DeadLetterConfig": target["DeadLetterConfig"]} if "DeadLetterConfig" in target else {}
    return {"Id": target["Id"], "Arn": arn, **kept}


def _queue(function: str) -> str:
    """The attribute under which a rule's own queue for a function is known."""
    return f"QueueUrl of {function}"
