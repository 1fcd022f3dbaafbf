"""What CloudWatch tells of a log, read."""

import gzip
import json
from base64 import b64encode
from typing import Any

import pytest

from fraudshield.errors import Malformed
from fraudshield.monitoring.log import read_delivery
from tests.log_event import ACCESS_LOGS, AT, MODEL_LOGS, told


def packed(content: Any) -> dict[str, Any]:
    return {"awslogs": {"data": b64encode(gzip.compress(json.dumps(content).encode())).decode()}}


def test_lines_come_with_their_time() -> None:
    delivery = read_delivery(told("one", "two"))
    assert delivery.group == MODEL_LOGS
    assert [line.text for line in delivery.lines] == ["one", "two"]
    assert [(line.at - AT).total_seconds() for line in delivery.lines] == [0, 0.001]


def test_a_delivery_that_comes_again_is_the_same_and_no_other_is() -> None:
    first = read_delivery(told("one", "two"))
    assert read_delivery(told("one", "two")) == first
    others = [told("one"), told("one", "two", first=1), told("one", "two", group=ACCESS_LOGS)]
    assert first.id not in {read_delivery(other).id for other in others}
    assert {line.key for line in first.lines}.isdisjoint(
        line.key for line in read_delivery(told("one", "two", group=ACCESS_LOGS)).lines
    )


def test_cloudwatchs_own_messages_have_no_lines() -> None:
    content = {"messageType": "CONTROL_MESSAGE", "logGroup": "", "logStream": "", "logEvents": [{"id": "", "x": 1}]}
    assert read_delivery(packed(content)).lines == ()


GOOD = {"messageType": "DATA_MESSAGE", "logGroup": "g", "logStream": "s"}


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"awslogs": {}},
        {"awslogs": {"data": "no base64"}},
        {"awslogs": {"data": b64encode(b"not packed").decode()}},
        {"awslogs": {"data": b64encode(gzip.compress(b"{}")[:-9]).decode()}},
        {"awslogs": {"data": b64encode(gzip.compress(b"\xff")).decode()}},
        packed([]),
        packed({}),
        packed(GOOD),
        packed(GOOD | {"logEvents": [{"id": "1", "timestamp": "soon", "message": "m"}]}),
        packed(GOOD | {"logEvents": [{"id": "1", "timestamp": 1e300, "message": "m"}]}),
        packed(GOOD | {"logEvents": [{"id": "1", "timestamp": 1, "message": {}}]}),
        packed(GOOD | {"logEvents": [None]}),
    ],
)
def test_what_is_no_delivery_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_delivery(event)
