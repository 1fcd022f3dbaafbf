"""Verdicts: given once, undone in time, replaced after; with their label, claim and place in the queue."""

from datetime import timedelta
from typing import Any

import pytest

from fraudshield.review import wiring as review_wiring
from fraudshield.review.refusal import ClaimLost, VerdictFinal
from fraudshield.review.review import CLAIM_FOR, UNDO_FOR, SaidVerdict
from tests.authors import ADA
from tests.concurrently import concurrently
from tests.integration.review.reviewing import REVIEWS, SetClock, analyst, decide, reviews_at, take_next, undo
from tests.labelling import ANALYST, DATABASE, approve, flag, in_review, item, label, take_back
from tests.stack import Stack

RELEASE, DECLINE = SaidVerdict("release"), SaidVerdict("decline")
BOTH = {"outcome": "review,block"}


def shown(name: str = "t") -> Any:
    return ANALYST.send("GET", f"{DATABASE}/transactions/{name}").json


def test_a_verdict_closes_the_review_and_says_who_gave_it(stack: Stack) -> None:
    flag(stack)
    answer = decide("t", "decline", reason="stolen_card", note="The holder called")
    assert answer.status == 200
    assert answer.json["history"] == [answer.json["verdict"]]
    kept = {name: answer.json["verdict"][name] for name in ("verdict", "label", "reason", "note", "by", "undone_at")}
    assert kept == {
        "verdict": "decline",
        "label": None,
        "reason": "stolen_card",
        "note": "The holder called",
        "by": "AnalystKey",
        "undone_at": None,
    }
    assert in_review(stack) == set()
    assert analyst().send("GET", f"{REVIEWS}/t/verdict").text == answer.text


def test_an_undo_puts_it_back_as_it_was(stack: Stack) -> None:
    before = flag(stack)
    decide("t")
    answer = undo("t")
    assert (answer.status, answer.json["verdict"]) == (200, None)
    assert [one["undone_at"] is not None for one in answer.json["history"]] == [True]
    assert item(stack) == before | {"label_revision": {"N": "2"}}
    assert in_review(stack) == {"t"}


def test_the_same_verdict_again_is_the_same_verdict(stack: Stack) -> None:
    flag(stack)
    assert decide("t", label="genuine").text == decide("t", label="genuine").text
    labels = ANALYST.send("GET", f"{DATABASE}/transactions/t/label").json
    assert len(labels["history"]) == 1


def test_its_label_is_recorded_with_it_and_undone_with_it(stack: Stack) -> None:
    flag(stack)
    given = decide("t", "decline", label="fraud").json["verdict"]
    told = ANALYST.send("GET", f"{DATABASE}/transactions/t/label").json["label"]
    assert (told["label"], told["source"], told["labelled_at"]) == ("fraud", "analyst", given["given_at"])
    assert undo("t").status == 200
    assert "label" not in item(stack)
    assert in_review(stack) == {"t"}


def test_another_label_is_left_alone_by_an_undo(stack: Stack) -> None:
    flag(stack)
    decide("t", "decline", label="fraud")
    label("genuine", source="chargeback")
    undo("t")
    assert item(stack)["label"] == {"S": "genuine"}
    assert in_review(stack) == set()


def test_a_label_that_is_taken_back_does_not_open_what_has_a_verdict(stack: Stack) -> None:
    flag(stack)
    decide("t")
    label("fraud")
    take_back()
    assert in_review(stack) == set()
    assert undo("t").status == 200
    assert in_review(stack) == {"t"}


def test_an_undo_that_comes_twice_undoes_once(stack: Stack) -> None:
    flag(stack)
    clock = SetClock()
    reviews = reviews_at(clock)
    reviews.give("t", RELEASE, None, ADA)
    reviews.give("t", DECLINE, None, ADA)
    twice = [reviews.undo("t", None, ADA), reviews.undo("t", None, ADA)]
    assert twice[0] == twice[1]
    assert [one.said for one in twice[0] if one.undone_at is None] == []


def test_a_slip_that_is_replaced_before_anybody_was_told_of_it_is_taken_back(stack: Stack) -> None:
    flag(stack)
    clock = SetClock()
    clock.advance(-timedelta(minutes=5))
    reviews = reviews_at(clock)
    reviews.give("t", RELEASE, None, ADA)
    clock.advance(UNDO_FOR - timedelta(microseconds=1))
    reviews.give("t", DECLINE, None, ADA)
    closed = analyst().send("GET", REVIEWS).json["reviews"]
    assert [(one["transaction_id"], one["verdict"]) for one in closed] == [("t", "decline")]


def test_the_label_of_a_slip_goes_with_it(stack: Stack) -> None:
    flag(stack)
    decide("t", "release", label="genuine")
    assert decide("t", "decline").status == 200
    assert "label" not in item(stack)
    assert in_review(stack) == set()


def test_an_undo_takes_its_label_back_beneath_a_newer_one(stack: Stack) -> None:
    """Else the newer one's end would bring back what was undone."""
    flag(stack)
    decide("t", "decline", label="fraud")
    label("genuine")
    assert undo("t").status == 200
    assert item(stack)["label"] == {"S": "genuine"}
    take_back()
    assert "label" not in item(stack)
    assert in_review(stack) == {"t"}


def test_an_undo_whose_label_could_not_be_taken_back_is_finished_by_the_next(stack: Stack) -> None:
    flag(stack)
    decide("t", label="genuine")
    review_wiring.reviews().undo("t", None, ADA)  # and there it stopped
    assert undo("t", request="another").status == 200
    assert in_review(stack) == {"t"}
    assert "label" not in item(stack)


def test_after_thirty_seconds_it_is_final_and_can_be_replaced(stack: Stack) -> None:
    flag(stack)
    clock = SetClock()
    reviews = reviews_at(clock)
    reviews.give("t", RELEASE, None, ADA)
    clock.advance(UNDO_FOR - timedelta(microseconds=1))
    reviews.undo("t", None, ADA)
    reviews.give("t", RELEASE, None, ADA)
    clock.advance(UNDO_FOR)
    with pytest.raises(VerdictFinal):
        reviews.undo("t", None, ADA.__class__("key-id", request_id="another"))
    verdicts = reviews.give("t", DECLINE, None, ADA)
    assert [one.said for one in verdicts if one.undone_at is None] == [RELEASE, DECLINE]
    assert item(stack)["review"]["M"]["verdict"] == {"S": "decline"}


def test_an_undo_too_late_is_refused_over_http(stack: Stack) -> None:
    flag(stack)
    clock = SetClock()
    clock.advance(-UNDO_FOR)
    reviews_at(clock).give("t", RELEASE, None, ADA)
    refused = undo("t")
    assert (refused.status, refused.json["code"]) == (409, "verdict_final")


def test_where_no_verdict_stands_none_is_undone(stack: Stack) -> None:
    flag(stack)
    assert undo("t").status == 404
    decide("t")
    undo("t", request="one")
    assert undo("t", request="two").json == undo("t", request="three").json


@pytest.mark.parametrize("name", ["t", "nobody"])
def test_what_is_not_flagged_has_no_verdict(stack: Stack, name: str) -> None:
    approve(stack)
    refused = decide(name)
    assert (refused.status, refused.json["code"]) == {"t": (409, "nothing_to_review"), "nobody": (404, "not_found")}[
        name
    ]


def test_nobody_decides_what_somebody_else_has(stack: Stack) -> None:
    flag(stack)
    claim = take_next(**BOTH)["review"]["claim"]
    for other in (None, "another-claim"):
        refused = decide("t", claim=other)
        assert (refused.status, refused.json["code"]) == (409, "claim_lost")
        assert "since 20" in refused.json["detail"]
    assert in_review(stack) == {"t"}
    assert decide("t", claim=claim).status == 200


def test_nobody_else_undoes_a_verdict_while_it_can_be_undone(stack: Stack) -> None:
    flag(stack)
    claim = take_next(**BOTH)["review"]["claim"]
    decide("t", claim=claim)
    assert undo("t").json["code"] == "claim_lost"
    assert decide("t", "decline").json["code"] == "claim_lost"
    assert undo("t", claim).status == 200
    assert decide("t", "decline", claim).status == 200  # after its undo the review is still held


def test_an_expired_claim_decides_until_somebody_took_the_review_since(stack: Stack) -> None:
    flag(stack)
    clock = SetClock()
    reviews = reviews_at(clock)
    first = reviews.claim("t")
    assert first is not None
    clock.advance(CLAIM_FOR)
    second = reviews.claim("t")
    assert second is not None
    clock.advance(CLAIM_FOR)
    with pytest.raises(ClaimLost):
        reviews.give("t", RELEASE, first.token, ADA)
    assert len(reviews.give("t", RELEASE, second.token, ADA)) == 1
    clock.advance(UNDO_FOR)
    assert len(reviews.give("t", DECLINE, None, ADA)) == 2  # its time is over, and so is the hold


def test_of_many_at_once_all_are_kept_and_one_stands(engine_stack: Stack) -> None:
    flag(engine_stack)
    answers = concurrently([lambda n=n: decide("t", note=f"{n}") for n in range(6)])  # type: ignore[misc]
    assert {answer.status for answer in answers} == {200}
    history = analyst().send("GET", f"{REVIEWS}/t/verdict").json["history"]
    assert sorted(one["note"] for one in history) == [f"{n}" for n in range(6)]
    assert item(engine_stack)["review"]["M"]["verdict_id"]["S"] == history[0]["verdict_id"]


def test_several_count_or_fail_each_for_itself(stack: Stack) -> None:
    for name in ("a", "b", "c"):
        flag(stack, name)
    held = take_next(**BOTH)["review"]
    free = sorted({"a", "b", "c"} - {held["transaction_id"]})
    sent = [
        {"transaction_id": held["transaction_id"], "verdict": "release", "claim": held["claim"]},
        {"transaction_id": free[0], "verdict": "decline", "label": "fraud"},
        {"transaction_id": free[1], "verdict": "perhaps"},
        {"transaction_id": "nobody", "verdict": "release"},
    ]
    answer = analyst().send("POST", f"{REVIEWS}/verdicts", {"verdicts": sent})
    assert answer.status == 200
    results = answer.json["results"]
    assert [one["status"] for one in results] == ["success", "success", "failed", "failed"]
    assert [one.get("code") for one in results] == [None, None, "invalid_verdict", "not_found"]
    assert results[2]["errors"][0]["pointer"] == "/verdict"
    assert in_review(stack) == {free[1]}


def test_several_that_all_fail_say_so_as_a_whole(stack: Stack) -> None:
    flag(stack)
    take_next(**BOTH)
    one = {"transaction_id": "t", "verdict": "release"}
    conflicting = analyst().send("POST", f"{REVIEWS}/verdicts", {"verdicts": [one]})
    assert (conflicting.status, conflicting.json["results"][0]["code"]) == (409, "claim_lost")
    assert analyst().send("POST", f"{REVIEWS}/verdicts", {"verdicts": [{"verdict": "release"}]}).status == 422
    many = analyst().send("POST", f"{REVIEWS}/verdicts", {"verdicts": [one] * 101})
    assert (many.status, many.json["code"]) == (400, "too_many_verdicts")
    assert analyst().send("POST", f"{REVIEWS}/verdicts", {"verdicts": []}).status == 400
