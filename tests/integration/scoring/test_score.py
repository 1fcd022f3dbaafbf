"""Scoring through the real handler, with the template's tables and queue: what is answered, kept and parked."""

import json
from typing import Any, get_type_hints

import pytest

from fraudshield.predictor.response import ModelInfo
from fraudshield.scoring import explain
from fraudshield.scoring import response as scoring_response
from fraudshield.scoring.dynamo_item import from_item
from fraudshield.scoring.response import ScoreResponse
from tests import caller as gateway
from tests.caller import SCORE, Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack

DRAIN: dict[str, Any] = README_TRANSACTION | {
    "transaction_id": "drain_1",
    "type": "TRANSFER",
    "amount": 353874.22,
    "oldbalanceOrg": 353874.22,
    "newbalanceOrig": 0.0,
    "nameDest": "C1808767376",
}
FLAGGED = {"review", "block"}
BAD = README_TRANSACTION | {"transaction_id": "bad_1", "amount": -5}
TYPES: dict[str, Any] = {
    "transaction_id": str,
    "risk": float,
    "prediction": int,
    "confidence": float,
    "decision": str,
    "decided_by": str,
    "reasons": list,
    "model_version": str,
    "policy_version": int,
    "decision_source": str,
    "degraded": list,
    "quality": list,
    "decided_at": str,
    "persisted": bool,
}


def text(**changes: str) -> str:
    """A scoring call with members of the README's transaction spelled as given."""
    members = {name: json.dumps(value) for name, value in README_TRANSACTION.items()} | changes
    transaction = ", ".join(f"{json.dumps(name)}: {spelled}" for name, spelled in members.items())
    return f'{{"transactions": [{{{transaction}}}]}}'


@pytest.mark.parametrize("sent", [README_TRANSACTION, DRAIN], ids=["approved", "flagged"])
def test_an_entry_has_the_fields_and_types_of_the_contract(stack: Stack, caller: Caller, sent: dict[str, Any]) -> None:
    answered = caller.score(sent)
    [entry] = answered.json["results"]
    assert {name: type(value) for name, value in entry.items()} == TYPES
    assert 0 <= entry["risk"] <= 1
    right = entry["risk"] if entry["prediction"] else round(1 - entry["risk"], 4)
    assert entry["confidence"] == right
    assert entry["decided_at"].endswith("Z")
    assert (entry["persisted"], entry["decision_source"], entry["policy_version"]) == (True, "model", 1)


def test_the_envelope_has_the_fields_of_the_contract(stack: Stack, caller: Caller) -> None:
    answered = caller.score(README_TRANSACTION)
    assert answered.headers["content-type"] == "application/json"
    assert answered.json.keys() == get_type_hints(ScoreResponse).keys()
    assert (answered.status, answered.json["service"]) == (200, "model")
    assert answered.json["model_version"] == answered.json["results"][0]["model_version"]


def test_an_approved_payment_needs_no_reasons_and_a_drained_account_has_some(stack: Stack, caller: Caller) -> None:
    approved, flagged = caller.score(README_TRANSACTION, DRAIN).json["results"]
    assert (approved["decision"], approved["prediction"], approved["reasons"]) == ("approve", 0, [])
    assert (flagged["decision"] in FLAGGED, flagged["prediction"]) == (True, 1)
    assert flagged["reasons"]
    assert flagged["reasons"][0].keys() == {"code", "text", "feature", "value", "contribution"}


def test_what_was_answered_is_what_is_stored(stack: Stack, caller: Caller) -> None:
    [entry] = caller.score(DRAIN).json["results"]
    [item] = stack.items()
    assert scoring_response.entry(from_item(item).decision, persisted=True) == entry


@pytest.mark.parametrize("sent", [README_TRANSACTION, DRAIN], ids=["approved", "flagged"])
def test_a_repeated_transaction_gets_its_first_answer_to_the_byte(
    stack: Stack, caller: Caller, sent: dict[str, Any]
) -> None:
    first, again = caller.score(sent), caller.score(sent)
    assert first.entries == again.entries
    assert len(first.entries) == len(stack.items()) == 1


@pytest.mark.parametrize("spelled", ["1000", "1000.00", "1e3", "0.1E+4"])
def test_numbers_may_be_spelled_otherwise_when_a_transaction_is_repeated(
    stack: Stack, caller: Caller, spelled: str
) -> None:
    first = caller.score(README_TRANSACTION)
    again = caller.send_text("POST", SCORE, text(amount=spelled))
    assert first.entries == again.entries


@pytest.mark.parametrize(
    "change",
    [{"amount": "1000.01"}, {"step": "2"}, {"nameDest": '"M1"'}, {"occurred_at": '"2026-11-24T10:00:00Z"'}],
)
def test_another_content_under_a_known_id_is_a_conflict_and_changes_nothing(
    stack: Stack, caller: Caller, change: dict[str, str]
) -> None:
    first = caller.score(README_TRANSACTION)
    conflict = caller.send_text("POST", SCORE, text(**change))
    [entry] = conflict.json["results"]
    assert conflict.status == 409
    assert (entry["risk"], entry["errors"][0]["code"]) == (None, "transaction_conflict")
    assert caller.score(README_TRANSACTION).entries == first.entries


def test_what_stands_twice_in_one_call_is_stored_once(stack: Stack, caller: Caller) -> None:
    answered = caller.score(README_TRANSACTION, README_TRANSACTION, README_TRANSACTION | {"amount": 1})
    assert len(stack.items()) == 1
    outcomes = sorted("error" in entry for entry in answered.json["results"])
    assert answered.status == 200
    assert outcomes in ([False, False, True], [False, True, True])  # whichever was written first


def test_without_an_id_each_call_stores_its_own(stack: Stack, caller: Caller) -> None:
    nameless = {name: value for name, value in README_TRANSACTION.items() if name != "transaction_id"}
    ids = {entry["transaction_id"] for entry in caller.score(nameless, nameless).json["results"]}
    assert ids == {item["transaction_id"]["S"] for item in stack.items()}
    assert len(ids) == 2


def test_a_call_that_is_not_to_be_kept_stores_and_parks_nothing(stack: Stack, caller: Caller) -> None:
    answered = caller.score(README_TRANSACTION, DRAIN, store=False)
    assert [entry["persisted"] for entry in answered.json["results"]] == [False, False]
    assert answered.json["results"][1]["decision"] in FLAGGED
    assert (stack.items(), stack.parked()) == ([], [])


def test_a_bad_transaction_fails_alone(stack: Stack, caller: Caller) -> None:
    answered = caller.score(README_TRANSACTION, BAD, DRAIN)
    assert answered.status == 200
    assert ["error" in entry for entry in answered.json["results"]] == [False, True, False]
    assert {item["transaction_id"]["S"] for item in stack.items()} == {"test_123", "drain_1"}


def test_when_every_one_is_bad_the_status_is_422_with_results(stack: Stack, caller: Caller) -> None:
    answered = caller.score(BAD, None)
    assert answered.status == 422
    assert ["error" in entry for entry in answered.json["results"]] == [True, True]


def test_when_every_one_is_a_conflict_the_status_is_409_with_results(stack: Stack, caller: Caller) -> None:
    caller.score(README_TRANSACTION, DRAIN)
    answered = caller.score(README_TRANSACTION | {"amount": 1}, DRAIN | {"amount": 1})
    assert answered.status == 409
    assert ["error" in entry for entry in answered.json["results"]] == [True, True]


def test_conflicts_and_bad_ones_together_are_422(stack: Stack, caller: Caller) -> None:
    caller.score(README_TRANSACTION)
    assert caller.score(README_TRANSACTION | {"amount": 1}, BAD).status == 422


def test_conflicts_and_good_ones_together_are_200(stack: Stack, caller: Caller) -> None:
    caller.score(README_TRANSACTION)
    assert caller.score(README_TRANSACTION | {"amount": 1}, DRAIN).status == 200


def test_a_clock_that_runs_ahead_is_told(stack: Stack, caller: Caller) -> None:
    [entry] = caller.score(README_TRANSACTION | {"occurred_at": "2126-11-24T10:00:00Z"}).json["results"]
    assert entry["quality"] == ["clock_skew"]


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_spelled_as_media_types_are(stack: Stack, kind: str) -> None:
    assert Caller(headers={"Content-Type": kind}).score(README_TRANSACTION).status == 200


@pytest.mark.parametrize("headers", [None, {}])
def test_a_request_without_headers_is_read_as_json(stack: Stack, headers: dict[str, str] | None) -> None:
    event = gateway.frame_event("POST", SCORE, text(), "ScoreKey")
    assert gateway.answer(event | {"headers": headers, "multiValueHeaders": headers}).status == 200


def test_an_encoded_body_is_read(stack: Stack, caller: Caller) -> None:
    assert caller.send_bytes("POST", SCORE, text().encode()).status == 200


def test_a_body_of_exactly_one_mebibyte_is_taken(stack: Stack, caller: Caller) -> None:
    assert caller.send_text("POST", SCORE, text().ljust(1024 * 1024)).status == 200


def test_text_beyond_the_first_plane_is_scored_and_kept(stack: Stack, caller: Caller) -> None:
    answered = caller.send_text("POST", SCORE, text(transaction_id='"\\ud83d\\ude42"', nameOrig='"Zoë 🙂"'))
    assert answered.json["results"][0]["transaction_id"] == "🙂"
    assert [item["nameOrig"]["S"] for item in stack.items()] == ["Zoë 🙂"]


def test_every_id_that_was_scored_can_be_explained(stack: Stack, caller: Caller) -> None:
    caller.score(DRAIN | {"transaction_id": "non\u00a0breaking"})
    answered = caller.send("POST", gateway.EXPLAIN, {"transaction_id": "non\u00a0breaking"})
    assert (answered.status, answered.json["decision"] in FLAGGED) == (200, True)


def test_a_stored_decision_and_a_sent_transaction_are_explained_alike(stack: Stack, caller: Caller) -> None:
    [entry] = caller.score(DRAIN).json["results"]
    stored = caller.send("POST", gateway.EXPLAIN, {"transaction_id": "drain_1"}).json
    sent = caller.send("POST", gateway.EXPLAIN, {"transaction": DRAIN}).json
    assert stored == sent
    assert stored.keys() == get_type_hints(explain.ExplainResponse).keys()
    assert (stored["risk"], stored["reasons"]) == (entry["risk"], entry["reasons"])
    shares = sum(share["contribution"] for share in stored["contributions"])
    assert stored["base"] + shares == pytest.approx(stored["margin"], abs=1e-9)


def test_explaining_stores_nothing(stack: Stack, caller: Caller) -> None:
    caller.send("POST", gateway.EXPLAIN, {"transaction": DRAIN})
    assert stack.items() == []


def test_of_many_flagged_the_riskiest_are_explained_and_the_others_when_read(stack: Stack, caller: Caller) -> None:
    answered = caller.score(*(DRAIN | {"transaction_id": f"d{i}"} for i in range(25)))
    pending = [entry["transaction_id"] for entry in answered.json["results"] if entry.get("reasons_pending")]
    assert len(pending) == 5
    assert caller.send("POST", gateway.EXPLAIN, {"transaction_id": pending[0]}).json["reasons"]


def test_model_info_has_the_fields_of_the_contract(stack: Stack, caller: Caller) -> None:
    told = caller.send("GET", gateway.INFO)
    assert told.status == 200
    assert told.json.keys() == get_type_hints(ModelInfo).keys()
    assert (told.json["n_features"], told.json["classes"]) == (len(told.json["feature_columns"]), [0, 1])
    assert len(told.json["sha256"]) == 64


def test_health_needs_no_key(stack: Stack) -> None:
    told = Caller(key_id=None).send("GET", gateway.HEALTH)
    assert (told.status, told.json["status"], told.json["service"]) == (200, "healthy", "model")
