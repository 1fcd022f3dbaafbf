"""The next review: dearest first, held by one at a time, extended, released, lost."""

from datetime import timedelta

import pytest

from fraudshield.aws import client
from fraudshield.review.refusal import ClaimLost
from fraudshield.review.review import CLAIM_FOR
from tests.caller import Caller
from tests.concurrently import concurrently
from tests.conftest import README_TRANSACTION
from tests.integration.review.reviewing import REVIEWS, SetClock, analyst, decide, reviews_at, take_next
from tests.labelling import EMPTIED, approve, flag, label
from tests.stack import Stack

BOTH = {"outcome": "review,block"}


def flag_worth(amount: float, name: str) -> str:
    """Makes a flagged payment of this amount."""
    sent = README_TRANSACTION | EMPTIED | {"transaction_id": name, "amount": amount, "oldbalanceOrg": amount}
    [entry] = Caller().score(sent).json["results"]
    assert entry["decision"] != "approve"
    return name


def test_the_dearest_comes_first_with_a_claim_and_what_is_left(stack: Stack) -> None:
    for name, amount in (("a", 5000.0), ("b", 9000.0), ("c", 7000.0)):
        flag_worth(amount, name)
    first = take_next(**BOTH)
    assert first["review"]["transaction_id"] == "b"
    assert (first["left"], first["left_more"]) == (2, False)
    assert len(first["review"]["claim"]) > 16
    assert first["review"]["claimed_until"] > first["review"]["decided_at"]


def test_nobody_is_given_what_somebody_has_not_even_by_the_same_key(stack: Stack) -> None:
    for name in ("a", "b"):
        flag(stack, name)
    assert {take_next(**BOTH)["review"]["transaction_id"] for _ in range(2)} == {"a", "b"}
    assert take_next(**BOTH)["review"] is None


def test_many_at_once_are_given_one_each(engine_stack: Stack) -> None:
    names = {flag(engine_stack, f"t{number}")["transaction_id"]["S"] for number in range(4)}
    answers = concurrently([lambda: take_next(**BOTH) for _ in range(4)])
    assert {answer["review"]["transaction_id"] for answer in answers} == names


def test_what_was_skipped_is_not_given_again(stack: Stack) -> None:
    for name in ("a", "b"):
        flag(stack, name)
    skipped = take_next(**BOTH)["review"]["transaction_id"]
    assert take_next(skipped, **BOTH)["review"]["transaction_id"] != skipped


def test_a_claim_that_was_given_back_is_there_for_the_next(stack: Stack) -> None:
    flag(stack)
    claim = take_next(**BOTH)["review"]["claim"]
    assert analyst(claim).send("DELETE", f"{REVIEWS}/t/claim").status == 200
    assert take_next(**BOTH)["review"]["transaction_id"] == "t"
    lost = analyst(claim).send("POST", f"{REVIEWS}/t/claim")
    assert (lost.status, lost.json["code"]) == (409, "claim_lost")


def test_a_claim_is_held_longer(stack: Stack) -> None:
    flag(stack)
    given = take_next(**BOTH)["review"]
    held = analyst(given["claim"]).send("POST", f"{REVIEWS}/t/claim").json
    assert held["claim"] == given["claim"]
    assert held["claimed_until"] > given["claimed_until"]


def test_a_claim_route_without_a_claim_says_what_it_wants(stack: Stack) -> None:
    flag(stack)
    for method in ("POST", "DELETE"):
        answer = analyst().send(method, f"{REVIEWS}/t/claim")
        assert (answer.status, answer.json["code"]) == (400, "invalid_claim")
    assert analyst("no claim").send("POST", f"{REVIEWS}/t/claim").status == 400


def test_an_expired_claim_may_still_decide_until_somebody_took_it(stack: Stack) -> None:
    flag(stack)
    clock = SetClock()
    reviews = reviews_at(clock)
    first = reviews.claim("t")
    assert first is not None
    clock.advance(CLAIM_FOR - timedelta(microseconds=1))
    assert reviews.claim("t") is None
    clock.advance(timedelta(microseconds=1))
    assert reviews.extend("t", first.token).claimed_until == clock.now + CLAIM_FOR
    clock.advance(CLAIM_FOR)
    taken_at = clock.now
    assert reviews.claim("t") is not None
    with pytest.raises(ClaimLost, match=taken_at.isoformat()[:19]):
        reviews.extend("t", first.token)
    with pytest.raises(ClaimLost):
        reviews.release("t", first.token)


@pytest.mark.parametrize("closing", ["verdict", "label"])
def test_what_is_closed_is_not_claimed(stack: Stack, closing: str) -> None:
    flag(stack)
    assert (decide("t") if closing == "verdict" else label("fraud")).status == 200
    assert take_next(**BOTH) == {"review": None, "left": 0, "left_more": False}
    assert reviews_at(SetClock()).claim("t") is None


def test_a_claim_ages_out_and_no_stream_tells_of_it(stack: Stack) -> None:
    flag(stack)
    take_next(**BOTH)
    [record] = [item for item in stack.items() if item["record"]["S"] != "transaction"]
    assert record["record"] == {"S": "review#claim"}
    assert "expires_at" in record
    key = {"transaction_id": {"S": "t"}, "record": {"S": "transaction"}}
    kept = client.dynamodb().get_item(TableName=stack.transactions, Key=key)["Item"]
    assert "claimed_until" not in kept


@pytest.mark.parametrize(
    ("filters", "pointer"),
    [
        ({"min_amount": "much"}, "/filters/min_amount"),
        ({"sort": "occurred_at"}, "/filters/sort"),
        ({"outcome": "approve"}, "/filters/sort"),
        ({"colour": "red"}, "/filters/colour"),
    ],
)
def test_a_filter_that_there_is_not_is_named(stack: Stack, filters: dict[str, str], pointer: str) -> None:
    answer = analyst().send("POST", f"{REVIEWS}/next", {"filters": filters})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_filters_narrow_the_queue(stack: Stack) -> None:
    flag_worth(5000.0, "a")
    flag_worth(9000.0, "b")
    assert take_next(**BOTH, max_amount=6000)["review"]["transaction_id"] == "a"
    assert take_next(**BOTH, min_amount=6000.5)["review"]["transaction_id"] == "b"


def test_what_does_not_wait_is_not_held_by_a_claim_that_nobody_gave(stack: Stack) -> None:
    approve(stack)
    answer = analyst("made-up").send("POST", f"{REVIEWS}/t/claim")
    assert (answer.status, answer.json["code"]) == (409, "nothing_to_review")


def test_fifty_that_others_hold_keep_nobody_from_the_next(stack: Stack) -> None:
    names = [f"t{number:02d}" for number in range(51)]
    for name in names:
        flag(stack, name)
    reviews = reviews_at(SetClock())
    assert all(reviews.claim(name) is not None for name in names[:-1])
    assert take_next(**BOTH)["review"]["transaction_id"] == names[-1]
    assert take_next(**BOTH)["review"] is None
