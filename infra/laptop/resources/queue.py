"""The template's queues, made in moto."""

import json
from collections.abc import Mapping
from typing import Any

from infra.laptop.intrinsic import Resolver
from infra.laptop.sdk import Client
from infra.laptop.template import refuse_properties

ATTRIBUTES = (
    "ContentBasedDeduplication",
    "DelaySeconds",
    "FifoQueue",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedrivePolicy",
    "VisibilityTimeout",
)
LEFT_OUT = ("KmsMasterKeyId", "SqsManagedSseEnabled", "Tags")  # messages stay on this machine


def make_queue(resolver: Resolver, client: Client, logical_id: str, properties: Mapping[str, Any]) -> None:
    """Create the queue; one with these attributes that is there already is kept.

    Raises:
        SetupError: a property nobody handles here.
    """
    refuse_properties(logical_id, properties, ("QueueName", *ATTRIBUTES, *LEFT_OUT))
    name = resolver.resolve(properties.get("QueueName", logical_id))
    wanted = {one: _text(resolver.resolve(properties[one])) for one in ATTRIBUTES if one in properties}
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=name, Attributes=wanted)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    resolver.refs[logical_id] = resolver.attributes[logical_id, "QueueUrl"] = url
    resolver.attributes[logical_id, "Arn"] = arn
    resolver.attributes[logical_id, "QueueName"] = name


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict) else str(value)
