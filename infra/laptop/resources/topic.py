"""The template's topics and subscriptions, made in moto. A function subscribes through a queue of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.laptop.intrinsic import Resolver
from infra.laptop.sdk import Client
from infra.laptop.template import refuse_properties

TOPIC = ("DisplayName", "TopicName")
TOPIC_LEFT_OUT = ("KmsMasterKeyId", "Tags")  # messages stay in this machine's memory
SUBSCRIPTION = ("Endpoint", "Protocol", "TopicArn", "RawMessageDelivery", "RedrivePolicy")
VISIBLE_AGAIN_S = "180"  # where nobody said what became of it: longer than any function of a topic or rule runs


@dataclass(frozen=True, slots=True)
class TopicMapping:
    """Which topic invokes which function (its logical id), and the queue in between.

    What cannot be delivered, since Lambda refuses it, goes to the queue `dead_letters_url`.
    """

    name: str
    function: str
    queue_url: str
    dead_letters_url: str | None = None


def make_topic(resolver: Resolver, client: Client, logical_id: str, properties: Mapping[str, Any]) -> None:
    """Create the topic.

    Raises:
        SetupError: a property nobody handles here.
    """
    refuse_properties(logical_id, properties, (*TOPIC, *TOPIC_LEFT_OUT))
    name = resolver.resolve(properties.get("TopicName", logical_id))
    arn = client("sns").create_topic(Name=name)["TopicArn"]
    resolver.refs[logical_id] = resolver.attributes[logical_id, "TopicArn"] = arn
    resolver.attributes[logical_id, "TopicName"] = name


def make_subscription(resolver: Resolver, client: Client, logical_id: str, properties: Mapping[str, Any]) -> None:
    """Subscribe a queue, or a function through a queue that is made here. Mail is not sent from a laptop.

    Raises:
        SetupError: a property nobody handles here.
    """
    refuse_properties(logical_id, properties, SUBSCRIPTION)
    wanted = resolver.resolve(properties)
    resolver.refs[logical_id] = logical_id
    if wanted["Protocol"] == "email":
        return
    if wanted["Protocol"] == "lambda":
        sqs = client("sqs")
        url = sqs.create_queue(QueueName=logical_id, Attributes={"VisibilityTimeout": VISIBLE_AGAIN_S})["QueueUrl"]
        resolver.attributes[logical_id, "QueueUrl"] = url
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        wanted |= {"Protocol": "sqs", "Endpoint": attributes["QueueArn"]}
    raw = str(wanted.get("RawMessageDelivery", False)).lower()
    client("sns").subscribe(
        TopicArn=wanted["TopicArn"],
        Protocol=wanted["Protocol"],
        Endpoint=wanted["Endpoint"],
        Attributes={"RawMessageDelivery": raw},
    )


def topic_mappings(resolver: Resolver) -> list[TopicMapping]:
    """Every function that a topic invokes; the subscriptions have been made."""
    return [
        TopicMapping(
            name,
            resolver.resolve(properties["Endpoint"]),
            resolver.attributes[name, "QueueUrl"],
            resolver.queue_urls().get(resolver.resolve(properties.get("RedrivePolicy", {})).get("deadLetterTargetArn")),
        )
        for name, properties in (
            (name, resource["Properties"])
            for name, resource in resolver.template["Resources"].items()
            if resource["Type"] == "AWS::SNS::Subscription" and (name, "QueueUrl") in resolver.attributes
        )
    ]
