"""What services stand on in AWS, and the cheapest question to each that a role allows."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.dependency import Dependency, Question
from fraudshield.errors import Unavailable

NOBODY, NO_NUMBER = {"S": "-"}, {"N": "-1"}  # of keys that no item has: they cost a read of nothing


def table(what: str, name: str, *key: str, numbers: Sequence[str] = ()) -> Dependency:
    """The table of something; `key` and `numbers` are the attributes of its key that are texts and numbers."""
    item: Any = {**dict.fromkeys(key, NOBODY), **dict.fromkeys(numbers, NO_NUMBER)}

    def connect() -> Question:
        return _asked(partial(client.patient_dynamodb().get_item, TableName=name, Key=item))

    return Dependency(f"the table of {what}", "store_unavailable", connect)


def queue(what: str, url: str) -> Dependency:
    """The queue of something."""

    def connect() -> Question:
        return _asked(partial(client.sqs().get_queue_attributes, QueueUrl=url, AttributeNames=["QueueArn"]))

    return Dependency(f"the queue of {what}", "queue_unavailable", connect)


def bucket(what: str, name: str) -> Dependency:
    """The bucket of something."""

    def connect() -> Question:
        return _asked(partial(client.s3().head_bucket, Bucket=name))

    return Dependency(f"the bucket of {what}", "files_unavailable", connect)


def machine(what: str, arn: str) -> Dependency:
    """The state machine of something."""

    def connect() -> Question:
        return _asked(partial(client.stepfunctions().describe_state_machine, stateMachineArn=arn))

    return Dependency(f"the state machine of {what}", "runner_unavailable", connect)


def _asked(call: Callable[[], object]) -> Question:
    def ask() -> object:
        try:
            return call()
        except (BotoCoreError, ClientError) as exc:
            raise Unavailable(f"No answer: {type(exc).__name__}") from exc

    return ask
