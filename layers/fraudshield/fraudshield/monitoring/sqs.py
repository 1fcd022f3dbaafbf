"""The number of messages in queues."""

from collections.abc import Mapping, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.errors import QueueUnavailable


def depths(urls: Sequence[str]) -> Mapping[str, int]:
    """Counts messages by queue name (the last part of the URL), as SQS does: nearly. Raises QueueUnavailable."""
    try:
        return {url.rsplit("/", 1)[-1]: _depth(url) for url in urls}
    except (BotoCoreError, ClientError) as exc:
        raise QueueUnavailable(f"SQS does not say what waits: {type(exc).__name__}") from exc


def _depth(url: str) -> int:
    told = client.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(told["Attributes"]["ApproximateNumberOfMessages"])
