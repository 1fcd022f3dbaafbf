"""A queue's message that could not be settled is back within seconds, for days; what nobody can read is given up."""

from typing import Any

import boto3
import pytest

from fraudshield.aws.delivery import SqsDeadLetters, SqsReturns, wait_s
from fraudshield.errors import QueueUnavailable
from tests.contract.expanded import properties, template
from tests.stack import Stack

PATIENT = ("UnpersistedQueue", "IngestQueue", "JobsQueue", "MailQueue")


@pytest.mark.parametrize(("receives", "seconds"), [(1, 5), (2, 10), (6, 30), (500, 30), (501, 300), (1000, 300)])
def test_a_message_waits_seconds_for_hours_and_then_minutes(receives: int, seconds: int) -> None:
    assert wait_s(receives) == seconds


@pytest.mark.parametrize("queue", PATIENT)
def test_all_deliveries_of_a_message_last_longer_than_a_day(queue: str) -> None:
    attempts = properties(template(), queue)["RedrivePolicy"]["maxReceiveCount"]
    assert sum(map(wait_s, range(1, attempts + 1))) > 24 * 3600


def test_a_message_that_is_put_back_comes_again_before_its_queue_would_let_it(stack: Stack) -> None:
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=stack.ingest, MessageBody="{}")
    asked: dict[str, Any] = {"QueueUrl": stack.ingest, "AttributeNames": ["All"]}
    [received] = sqs.receive_message(**asked)["Messages"]
    SqsReturns(stack.ingest).put_back(received["ReceiptHandle"], 1)
    [again] = sqs.receive_message(**asked, WaitTimeSeconds=20)["Messages"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"


def test_a_queue_that_is_gone_takes_nothing(stack: Stack) -> None:
    gone = f"{stack.ingest}-gone"
    with pytest.raises(QueueUnavailable):
        SqsReturns(gone).put_back("handle", 1)
    with pytest.raises(QueueUnavailable):
        SqsDeadLetters(gone).give_up("{}")
