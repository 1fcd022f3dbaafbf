"""What was closed: listed in order, each verdict once, when nobody can undo it; told to the topic; overdue counted."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fraudshield.review import wiring as review_wiring
from fraudshield.review.review import SETTLED_AFTER, UNDO_FOR, SaidVerdict
from functions.database.schedule import lambda_handler as schedule
from tests.authors import ADA
from tests.caller import POLICY, Caller
from tests.conftest import README_TRANSACTION
from tests.integration.review.reviewing import REVIEWS, SetClock, analyst, reviews_at
from tests.labelling import EMPTIED, flag
from tests.stack import Stack, client

RELEASE, DECLINE = SaidVerdict("release"), SaidVerdict("decline", "fraud", "stolen_card")
TICK = timedelta(microseconds=1)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime.now(UTC) - timedelta(hours=1))


def closed(cursor: str | None = None, limit: int = 100) -> Any:
    after = f"&closed_after={cursor}" if cursor else ""
    return Caller("ScoreKey", handler=analyst().handler).send("GET", f"{REVIEWS}?limit={limit}{after}").json


def ids(page: Any) -> list[tuple[str, str]]:
    return [(one["transaction_id"], one["verdict"]) for one in page["reviews"]]


def test_each_is_listed_once_in_the_order_of_closing(stack: Stack, clock: SetClock) -> None:
    for name in ("a", "b", "c", "d", "e"):
        flag(stack, name)
    for name in ("c", "a", "e", "b"):
        reviews_at(clock).give(name, RELEASE, None, ADA)
        clock.advance(timedelta(seconds=1))
    first = closed(limit=3)
    assert ids(first) == [("c", "release"), ("a", "release"), ("e", "release")]
    second = closed(first["next_cursor"], 3)
    assert ids(second) == [("b", "release")]
    nothing = closed(second["next_cursor"])
    assert ids(nothing) == []
    reviews_at(clock).give("d", DECLINE, None, ADA)
    third = closed(nothing["next_cursor"])
    assert ids(third) == [("d", "decline")]
    assert {name: third["reviews"][0][name] for name in ("label", "reason", "amount")} == {
        "label": "fraud",
        "reason": "stolen_card",
        "amount": 5000,
    }


def test_nobody_hears_of_a_verdict_that_may_still_be_undone(stack: Stack) -> None:
    flag(stack)
    clock = SetClock()
    given = reviews_at(clock).give("t", RELEASE, None, ADA)[0].given_at
    closings = review_wiring.closings()
    for early in (given, given + UNDO_FOR, given + SETTLED_AFTER - TICK):
        assert closings.after([], 10, early).reviews == []
    assert [one.transaction_id for one in closings.after([], 10, given + SETTLED_AFTER).reviews] == ["t"]


def test_what_was_undone_is_never_listed_and_what_stands_again_not_twice(stack: Stack, clock: SetClock) -> None:
    flag(stack)
    reviews = reviews_at(clock)
    reviews.give("t", DECLINE, None, ADA)
    reviews.undo("t", None, ADA)
    assert ids(closed()) == []
    clock.advance(timedelta(minutes=1))
    reviews.give("t", RELEASE, None, ADA)
    page = closed()
    assert ids(page) == [("t", "release")]
    clock.advance(timedelta(minutes=1))
    reviews.give("t", DECLINE, None, ADA)
    assert ids(closed(page["next_cursor"])) == [("t", "decline")]
    reviews.undo("t", None, ADA.__class__("key-id", request_id="another"))
    assert ids(closed(page["next_cursor"])) == []
    assert ids(closed()) == [("t", "release")]


def test_a_cursor_of_another_list_is_refused(stack: Stack) -> None:
    answer = analyst().send("GET", f"{REVIEWS}?closed_after=abc")
    assert (answer.status, answer.json["code"]) == (400, "invalid_cursor")


def subscribed_queue(stack: Stack) -> str:
    """A queue that gets what the topic is told."""
    url = client("sqs").create_queue(QueueName="payment-system")["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client("sns").subscribe(
        TopicArn=stack.resolver.refs["ReviewsTopic"],
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"RawMessageDelivery": "true"},
    )
    return str(url)


def test_the_topic_is_told_of_each_as_the_list_shows_it(engine_stack: Stack, clock: SetClock) -> None:
    queue = subscribed_queue(engine_stack)
    for number in range(12):
        flag(engine_stack, f"t{number}")
        reviews_at(clock).give(f"t{number}", DECLINE if number % 2 else RELEASE, None, ADA)
        clock.advance(timedelta(seconds=1))
    schedule({"check": "reviews"}, None)
    told = sorted(engine_stack.messages(queue), key=lambda one: str(json.loads(one)["closed_at"]))
    assert [json.loads(one) for one in told] == closed()["reviews"]
    schedule({"check": "reviews"}, None)
    assert engine_stack.messages(queue) == []


def overdue(capsys: pytest.CaptureFixture[str]) -> list[float]:
    capsys.readouterr()
    schedule({"check": "overdue"}, None)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "ReviewsOverdue" in line]
    return [number for line in lines for number in line["ReviewsOverdue"]]


def test_what_is_overdue_is_counted_where_the_policy_says_a_time(
    stack: Stack, capsys: pytest.CaptureFixture[str], told: Any
) -> None:
    change = {"based_on": 1, "thresholds": {"review": 0.0001, "block": 1}, "force": True}
    assert Caller().send("PUT", POLICY, change).status == 200
    Caller().score(README_TRANSACTION | EMPTIED | {"transaction_id": "t"})
    assert overdue(capsys) == []
    Caller().send("PUT", POLICY, change | {"based_on": 2, "review_within": "1d"})
    assert overdue(capsys) == [0]
    key = {"transaction_id": {"S": "t"}, "record": {"S": "transaction"}}
    long_ago = {":at": {"S": "2020-01-01T00:00:00.000000Z"}}
    client("dynamodb").update_item(
        TableName=stack.transactions,
        Key=key,
        UpdateExpression="SET decided_at = :at",
        ExpressionAttributeValues=long_ago,
    )
    assert overdue(capsys) == [1]
    assert Caller().send("PUT", POLICY, change | {"based_on": 3}).json["review_within"] == "1d"
    assert "review_within" not in Caller().send("PUT", POLICY, change | {"based_on": 4, "review_within": None}).json
    told()
    assert overdue(capsys) == []
