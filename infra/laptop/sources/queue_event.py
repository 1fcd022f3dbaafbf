"""SQS messages as a function gets them, and what its response says of each.

Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html and .../services-sqs-errorhandling.html
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from infra.laptop.awslambda.invocation import Invocation
from infra.laptop.sdk import REGION
from infra.laptop.sources.queue_mapping import QueueMapping

Message = Mapping[str, Any]  # boto3's


def queue_event(mapping: QueueMapping, messages: Sequence[Message]) -> bytes:
    """The event for one batch."""
    return json.dumps({"Records": [_record(mapping, message) for message in messages]}).encode()


def processed(mapping: QueueMapping, messages: Sequence[Message], invocation: Invocation) -> list[Message]:
    """The messages that the function has dealt with; the others come again.

    None of them after an error, or where the response names a message that was not in the batch.
    """
    if invocation.error is not None:
        return []
    if not mapping.partial:
        return list(messages)
    failed = _failed(invocation.body)
    if failed is None or not failed <= {message["MessageId"] for message in messages}:
        return []
    return [message for message in messages if message["MessageId"] not in failed]


def _failed(body: bytes) -> set[str] | None:
    """The ids that the function names as failed. None: the response cannot be read, so all of them."""
    try:
        response = json.loads(body)
        failures = (response or {}).get("batchItemFailures") or []
        return {failure["itemIdentifier"] for failure in failures}
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _record(mapping: QueueMapping, message: Message) -> dict[str, Any]:
    attributes = {name: _attribute(value) for name, value in message.get("MessageAttributes", {}).items()}
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": attributes,
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": mapping.queue_arn,
        "awsRegion": REGION,
    }


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
    if "StringValue" in value:
        told["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        told["binaryValue"] = b64encode(value["BinaryValue"]).decode()
    return told
