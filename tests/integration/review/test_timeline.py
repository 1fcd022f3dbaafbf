"""A payment's timeline and notes, and what the payment itself says of its review."""

from datetime import datetime, timedelta
from typing import Any

from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.alert import Alert, Severity
from functions.database.app import lambda_handler
from functions.notification.app import lambda_handler as notification_handler
from tests.caller import POLICY, Caller
from tests.conftest import README_TRANSACTION
from tests.fakes import NOW
from tests.integration.review.reviewing import analyst, decide, take_next, undo
from tests.labelling import DATABASE, EMPTIED, approve, flag, label, take_back
from tests.stack import Stack

SUBSCRIBER = {"notification_type": "high_risk_alerts", "contact": {"name": "Bo", "email": "bo@example.org"}}


def shown(name: str = "t") -> Any:
    return analyst().send("GET", f"{DATABASE}/transactions/{name}").json


def timeline(name: str = "t") -> list[Any]:
    found: list[Any] = analyst().send("GET", f"{DATABASE}/transactions/{name}/timeline").json["timeline"]
    return found


def note(text: str, name: str = "t", **headers: str) -> Any:
    return Caller("AnalystKey", headers, lambda_handler).send(
        "POST", f"{DATABASE}/transactions/{name}/notes", {"note": text}
    )


def test_all_that_happened_is_in_one_order(stack: Stack) -> None:
    flag(stack)
    note("Asked the holder", **{"X-Actor": "J%C3%BCrgen"})
    decide("t", "decline", label="fraud", note="Confirmed")
    undo("t")
    label("genuine", source="chargeback", labelled_at="2026-11-20T08:00:00Z")
    take_back()
    found = timeline()
    kinds = [one["kind"] for one in found]
    assert kinds[:4] == ["received", "decision", "note", "verdict"]
    assert sorted(kinds[4:]) == ["label", "label", "label_undone", "label_undone", "verdict_undone"]
    assert [one["at"] for one in found] == sorted(one["at"] for one in found)
    assert (found[2]["entry"]["note"], found[2]["entry"]["actor"]) == ("Asked the holder", "Jürgen")
    assert found[3]["entry"]["note"] == "Confirmed"


def test_a_prediction_and_whom_it_was_told_are_in_it(stack: Stack) -> None:
    flag(stack)
    sent = {"transaction_id": "t", "risk_score": 0.9, "prediction": 1, "confidence": 0.9}
    named = {"model_version": "another", "service_used": "theirs"}
    Caller(handler=lambda_handler).send("POST", f"{DATABASE}/predictions", {"prediction": sent | named})
    made = Caller(handler=notification_handler).send("POST", "/api/v1/notifications/subscribers", SUBSCRIBER)
    subscriber = made.json["subscriber"]["subscriber_id"]
    alert = Alert("transaction#t", "fraud", Severity.HIGH, NOW, "t", "A payment")
    notification_wiring.alert_queue().add(subscriber, [alert])
    found = {one["kind"]: one["entry"] for one in timeline()}
    assert found["prediction"]["service_used"] == "theirs"
    assert found["mail"] == {"subscriber_id": subscriber}


def test_a_note_of_nothing_or_of_a_payment_that_is_not_there_is_refused(stack: Stack) -> None:
    approve(stack)
    assert note("").status == 422
    assert note("a\x00").json["errors"][0]["pointer"] == "/note"
    assert note("two\nlines").status == 200
    assert note("x", "nobody").status == 404
    assert analyst().send("GET", f"{DATABASE}/transactions/nobody/timeline").status == 404


def test_a_payment_says_how_far_its_review_is(stack: Stack) -> None:
    flag(stack)
    approve(stack, "good")
    assert shown("good")["review"] is None
    assert shown()["review"] == {"state": "open"}
    given = take_next(outcome="review,block")["review"]
    assert shown()["review"] == {"state": "claimed", "claimed_until": given["claimed_until"]}
    verdict = decide("t", "decline", given["claim"]).json["verdict"]
    assert shown()["review"] == {
        "state": "closed",
        "verdict": "decline",
        "verdict_id": verdict["verdict_id"],
        "closed_at": verdict["given_at"],
        "undo_until": verdict["undo_until"],
    }


def test_what_is_labelled_is_closed_without_a_verdict(stack: Stack) -> None:
    flag(stack)
    label("fraud")
    assert shown()["review"] == {"state": "closed"}


def test_what_should_be_decided_in_time_says_until_when(stack: Stack) -> None:
    change = {"based_on": 1, "thresholds": {"review": 0.0001, "block": 1}, "review_within": "36h", "force": True}
    assert Caller().send("PUT", POLICY, change).json["review_within"] == "36h"
    [entry] = Caller().score(README_TRANSACTION | EMPTIED | {"transaction_id": "t"}).json["results"]
    assert entry["decision"] == "review"
    found = shown()
    decided = found["first_decision"]["decided_at"]
    moments = [datetime.fromisoformat(one) for one in (found["review"]["due_at"], decided)]
    assert moments[0] - moments[1] == timedelta(hours=36)
