"""A queue's messages, each settled by itself."""

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from fraudshield.api.sqs_entry import sqs_entry
from fraudshield.errors import Malformed
from tests.caller import Context


def settle(record: SQSRecord) -> None:
    if record.body != "good":
        raise Malformed("no message of ours")


@pytest.mark.parametrize(
    ("bodies", "again"),
    [(["good", "good"], []), (["good", "bad", "good"], ["m1"]), (["bad", "bad"], ["m0", "m1"])],
)
def test_a_message_that_fails_comes_again_alone(bodies: list[str], again: list[str]) -> None:
    records = [{"messageId": f"m{at}", "body": body, "eventSource": "aws:sqs"} for at, body in enumerate(bodies)]
    response = sqs_entry(settle)({"Records": records}, Context())  # type: ignore[arg-type]
    assert response == {"batchItemFailures": [{"itemIdentifier": name} for name in again]}
