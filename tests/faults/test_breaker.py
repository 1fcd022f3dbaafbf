"""What one caller's bad luck costs the next one: a payment is spared the wait, a reader is answered."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest

from fraudshield.aws import client
from functions.database import app as database
from tests.aws_failure import refused
from tests.caller import POLICY, Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack

TRANSACTION = "/api/v1/database/transactions/test_123"
READER = Caller("ScoreKey", handler=database.lambda_handler)


@contextmanager
def store_at(url: str) -> Iterator[None]:
    """Meanwhile DynamoDB's requests go elsewhere."""

    def lead(request: AWSRequest, **_: object) -> None:
        request.url = url

    events = client.dynamodb().meta.events
    events.register("before-sign.dynamodb", lead)
    yield
    events.unregister("before-sign.dynamodb", lead)


@pytest.fixture
def stored(stack: Stack, caller: Caller) -> Stack:
    assert caller.score(README_TRANSACTION).json["results"][0]["persisted"]
    return stack


def test_after_one_slow_read_the_next_reader_is_answered(stored: Stack, fault: str) -> None:
    with store_at(fault):
        assert READER.send("GET", TRANSACTION).status == 503
    assert READER.send("GET", TRANSACTION).status == 200


def test_a_slow_read_parks_no_payment(stored: Stack, fault: str, caller: Caller) -> None:
    with store_at(fault):
        assert caller.send("GET", POLICY).status == 503
    [entry] = caller.score(README_TRANSACTION | {"transaction_id": "t2"}).json["results"]
    assert entry["persisted"]


def test_a_payment_that_was_parked_refuses_no_reader(stored: Stack, fault: str, caller: Caller) -> None:
    with store_at(fault):
        [entry] = caller.score(README_TRANSACTION | {"transaction_id": "t2"}).json["results"]
        assert not entry["persisted"]
    assert caller.send("GET", POLICY).status == 200
    assert READER.send("GET", TRANSACTION).status == 200


@pytest.mark.parametrize("path", ["/api/v1/database/transactions/", "/api/v1/database/transactions/" + "a" * 2100])
def test_an_id_that_can_be_none_costs_nobody_else_an_answer(stored: Stack, path: str) -> None:
    assert Caller(handler=database.lambda_handler).send("GET", path).status < 500
    assert READER.send("GET", TRANSACTION).status == 200


@pytest.fixture
def refuse(stack: Stack) -> Callable[[str], None]:
    """DynamoDB refuses the next read for this reason, and the one after it no more."""

    def refuse(code: str) -> None:
        left = [1]

        def once(**_: object) -> Any:
            if left:
                left.pop()
                raise refused(code)

        client.dynamodb().meta.events.register_first("before-send.dynamodb.PutItem", once)

    return refuse


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"])
def test_a_write_that_the_store_refuses_parks_itself_and_no_other(
    stored: Stack, refuse: Callable[[str], None], caller: Caller, code: str
) -> None:
    refuse(code)
    results = [caller.score(README_TRANSACTION | {"transaction_id": one}).json["results"][0] for one in ("bad", "good")]
    assert [one["persisted"] for one in results] == [False, True]
    assert [item["transaction_id"]["S"] for item in stored.parked()] == ["bad"]
