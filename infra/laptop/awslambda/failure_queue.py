"""The queues that take events which a function failed on every time, as Lambda's OnFailure destination does.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.laptop.awslambda.invocation import DiscardedEvent
from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import PSEUDO, Resolver
from infra.laptop.template import of_type, refuse_properties

TAKEN = ("DestinationConfig", "FunctionName", "Qualifier")

logger = logging.getLogger(__name__)


def failure_queues(resolver: Resolver) -> dict[str, str]:
    """The URL of each function's failure queue, by the function's logical id; the queues have been made.

    Raises:
        SetupError: a property that nobody handles here, or a destination that is no queue.
    """
    return {
        resolver.resolve(properties["FunctionName"]): _url(resolver, name, properties)
        for name, properties in of_type(resolver.template, "AWS::Lambda::EventInvokeConfig")
    }


def _url(resolver: Resolver, name: str, properties: Mapping[str, Any]) -> str:
    refuse_properties(name, properties, TAKEN)
    told = resolver.resolve(properties["DestinationConfig"])
    refuse_properties(f"the destinations of {name}", told, ("OnFailure",))
    arn = told["OnFailure"]["Destination"]
    if arn not in resolver.queue_urls():
        raise SetupError(f"{name} sends failures to {arn}, which is no queue: the laptop knows no other destination")
    return resolver.queue_urls()[arn]


class FailureQueues:
    """Sends discarded events to queues, by function. `sqs` is a boto3 client; its calls run in threads."""

    def __init__(self, urls: Mapping[str, str], sqs: Any) -> None:
        self._urls = urls
        self._sqs = sqs

    async def take(self, discarded: DiscardedEvent) -> None:
        """Send the event to its function's queue. Without one it is lost, which is logged."""
        url = self._urls.get(discarded.function)
        if url is None:
            logger.warning("%s failed on an event, which no queue takes", discarded.function)
            return
        try:
            await asyncio.to_thread(self._sqs.send_message, QueueUrl=url, MessageBody=failure_message(discarded))
        except (BotoCoreError, ClientError) as exc:
            logger.warning("%s failed on an event, and its queue does not take it: %s", discarded.function, exc)


def failure_message(discarded: DiscardedEvent) -> str:
    """The message to an OnFailure destination: the event, and how the function failed last."""
    last = discarded.last
    return json.dumps(
        {
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "requestContext": {
                "requestId": last.request_id,
                "functionArn": f"{_arn(discarded.function)}:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": discarded.times,
            },
            "requestPayload": json.loads(discarded.event),
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": last.error},
            "responsePayload": json.loads(last.body or b"null"),
        }
    )


def _arn(function: str) -> str:
    return f"arn:aws:lambda:{PSEUDO['AWS::Region']}:{PSEUDO['AWS::AccountId']}:function:{function}"
