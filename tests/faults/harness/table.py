"""What is in the cloud's table and queues, asked as anybody would who holds the keys."""

import time
from collections.abc import Iterable
from typing import Any

from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.dynamo_item import from_item
from fraudshield.transaction.dynamo import TRANSACTION_RECORD
from tests.faults.harness.cloud import Cloud, until

TABLE = "TransactionsTable"
QUEUE, DEAD = "UnpersistedQueue", "UnpersistedDeadLetters"
AT_ONCE = 100  # BatchGetItem's limit
WAITING = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


def stored(cloud: Cloud, ids: Iterable[str]) -> dict[str, ScoredTransaction]:
    """Those of `ids` that are in the table, each read by its key and consistently."""
    client, wanted = cloud.client("dynamodb"), sorted(ids)
    found: dict[str, ScoredTransaction] = {}
    for begin in range(0, len(wanted), AT_ONCE):
        for item in _read(client, wanted[begin : begin + AT_ONCE]):
            found[item["transaction_id"]["S"]] = from_item(item)
    return found


def _read(client: Any, ids: list[str]) -> list[dict[str, Any]]:
    keys = [{"transaction_id": {"S": one}, "record": {"S": TRANSACTION_RECORD}} for one in ids]
    asked: dict[str, Any] = {TABLE: {"Keys": keys, "ConsistentRead": True}}
    items: list[dict[str, Any]] = []
    while asked:
        answer = client.batch_get_item(RequestItems=asked)
        items += answer["Responses"].get(TABLE, [])
        asked = answer.get("UnprocessedKeys", {})
    return items


def retry_soon(cloud: Cloud, seconds: int) -> None:
    """What the backfill could not store comes again that soon; by the template it takes minutes."""
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})


def depth(cloud: Cloud, queue: str) -> int:
    """Messages in it, those under way too."""
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=WAITING)["Attributes"]
    return sum(int(number) for number in told.values())


def drained(cloud: Cloud, within_s: float) -> float:
    """Wait until nothing waits to be stored; the seconds it took."""
    began = time.monotonic()
    until(lambda: depth(cloud, QUEUE) == 0, within_s)
    return time.monotonic() - began
