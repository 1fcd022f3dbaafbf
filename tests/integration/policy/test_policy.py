"""The policy over HTTP: read, changed one version at a time, and in force at once."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fraudshield.analytics import wiring as analytics_wiring
from fraudshield.analytics.bin import score_bin
from fraudshield.analytics.recent_risk import CountedRisks
from fraudshield.aws import client
from fraudshield.errors import PolicyConflict
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.policy import Policy, Thresholds
from fraudshield.predictor.predictor import RULES_VERSION
from tests.caller import INFO, POLICY, Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack

ARTIFACT = Path(__file__).parents[3] / "model" / "artifact" / "model"
CHANGE: dict[str, Any] = {
    "based_on": 1,
    "thresholds": {"review": 0.02, "block": 0.4},
    "conditions": [
        {"code": "large_payment", "outcome": "review", "when": [{"field": "amount", "at_least": 999.99}]},
    ],
    "note": "review every large payment",
}


def with_thresholds(folder: Path, block: str, review: str) -> Path:
    """The shipped model, as somebody else's training might have written it."""
    shutil.copytree(ARTIFACT, folder / "model")
    manifest = folder / "model" / "manifest.json"
    there = r'"thresholds":\{[^}]*\}'
    manifest.write_text(re.sub(there, f'"thresholds":{{{block}{review}}}', manifest.read_text()))
    return folder / "model"


def test_until_somebody_changes_it_the_first_version_is_in_force(stack: Stack, caller: Caller) -> None:
    told = caller.send("GET", POLICY).json
    assert (told["version"], told["conditions"], told["created_at"]) == (1, [], None)
    assert told["thresholds"] == {"review": 0.0279, "block": 0.3923}


def test_the_first_version_is_the_same_whichever_predictor_is_loaded(
    stack: Stack, told: Callable[..., None], tmp_path: Path
) -> None:
    mine = Caller().send("GET", POLICY).text
    told(MODEL_DIR=str(with_thresholds(tmp_path, '"block":0.9,', '"review":0.5')))
    other = Caller().send("GET", POLICY).text
    assert Caller().send("GET", INFO).json["proposed_thresholds"] == {"review": 0.5, "block": 0.9}
    told(MODEL_DIR="nothing-there")
    ruled = Caller().send("GET", POLICY).text
    assert Caller().send("GET", INFO).json["proposed_thresholds"] is None
    assert mine == other == ruled


def test_a_change_is_the_next_version_and_is_read_back(stack: Stack, caller: Caller) -> None:
    told = caller.send("PUT", POLICY, CHANGE)
    assert (told.status, told.json["version"], told.json["created_by"]) == (200, 2, "AdminKey")
    assert caller.send("GET", POLICY).json == told.json
    assert told.json["conditions"][0]["when"][0]["at_least"] == 999.99


def test_a_change_is_in_force_at_once(stack: Stack, caller: Caller) -> None:
    [before] = caller.score(README_TRANSACTION, store=False).json["results"]
    caller.send("PUT", POLICY, CHANGE)
    [after] = caller.score(README_TRANSACTION, store=False).json["results"]
    assert (before["decision"], before["policy_version"]) == ("approve", 1)
    assert (after["decision"], after["policy_version"], after["prediction"]) == ("review", 2, 1)
    assert after["confidence"] == CHANGE["thresholds"]["review"]
    assert after["reasons"][0]["code"] == "large_payment"


def test_a_stored_decision_stands_whatever_the_policy_becomes(stack: Stack, caller: Caller) -> None:
    first = caller.score(README_TRANSACTION)
    caller.send("PUT", POLICY, CHANGE)
    assert caller.score(README_TRANSACTION).entries == first.entries


def test_a_change_based_on_an_older_version_is_a_conflict(stack: Stack, caller: Caller) -> None:
    caller.send("PUT", POLICY, CHANGE)
    stale = caller.send("PUT", POLICY, CHANGE | {"note": "too late"})
    assert (stale.status, stale.json["code"]) == (409, "policy_conflict")
    assert caller.send("GET", POLICY).json["note"] == CHANGE["note"]


def test_a_change_with_faults_is_refused_where_they_are(stack: Stack, caller: Caller) -> None:
    conditions = [{"code": "x", "outcome": "approve", "when": [{"field": "amount"}]}]
    refused = caller.send(
        "PUT", POLICY, {"based_on": 1, "thresholds": {"review": 0.5, "block": 0.4}, "conditions": conditions}
    )
    assert (refused.status, refused.json["code"]) == (422, "invalid_policy")
    assert {fault["pointer"] for fault in refused.json["errors"]} == {
        "/thresholds/block",
        "/conditions/0/outcome",
        "/conditions/0/when/0/at_least",
    }
    assert caller.send("GET", POLICY).json["version"] == 1


def test_the_first_version_stays_readable(stack: Stack, caller: Caller) -> None:
    caller.send("PUT", POLICY, CHANGE)
    stored = client.dynamodb().scan(TableName=stack.policies)["Items"]
    assert {item["version"]["N"] for item in stored if item["name"]["S"] == "policy"} == {"1", "2"}


def test_scoring_reads_the_policy_once_a_minute(stack: Stack, caller: Caller) -> None:
    queries: list[object] = []
    client.dynamodb().meta.events.register("before-send.dynamodb.Query", lambda **call: queries.append(call))
    for i in range(5):
        caller.score(README_TRANSACTION | {"transaction_id": f"t{i}"})
    assert len(queries) == 1


def test_a_version_is_never_overwritten(stack: Stack) -> None:
    store = policy_wiring.policy_store()
    first = Policy(version=7, thresholds=Thresholds(review=0.1, block=0.2))
    store.add(first)
    store.add(first)  # an answer that was lost is not a conflict with oneself
    with pytest.raises(PolicyConflict):
        store.add(Policy(version=7, thresholds=Thresholds(review=0.1, block=0.3)))
    assert store.active().policy == first


@pytest.mark.parametrize(
    "body", ["not json", "[]", json.dumps({"version": 2, "thresholds": {"review": 0.1, "block": 0.5}, "velocity": 1})]
)
def test_a_policy_that_this_release_cannot_read_leaves_the_last_known_in_force(
    stack: Stack, caller: Caller, body: str
) -> None:
    key = {"name": {"S": "policy"}, "version": {"N": "2"}}
    client.dynamodb().put_item(TableName=stack.policies, Item={**key, "body": {"S": body}})
    [entry] = caller.score(README_TRANSACTION).json["results"]
    assert (entry["policy_version"], entry["degraded"]) == (1, ["policy_unread"])
    assert (caller.send("GET", POLICY).status, caller.send("PUT", POLICY, CHANGE).status) == (503, 503)


def test_what_dynamodb_says_of_a_missing_table_never_leaves_the_adapter(
    stack: Stack, caller: Caller, told: Callable[..., None]
) -> None:
    told(POLICIES_TABLE="nothing-there")
    response = caller.send("GET", POLICY)
    assert (response.status, response.json["code"], response.headers["retry-after"]) == (503, "store_unavailable", "5")
    assert "nothing-there" not in response.text


LOWEST = {"review": 1e-120, "block": 1e-120}


def counted(stack: Stack, day: date, counters: dict[str, int], source: str = "api", version: str = "2026.11.1") -> None:
    """Payments of a day, by the bin of their risk, as the stream's consumer counts them."""
    key = {"series": {"S": "scores"}, "bucket": {"S": f"{day.isoformat()}#{source}#{version}"}}
    numbers = {f"n.{at}": {"N": str(number)} for at, number in counters.items()}
    client.dynamodb().put_item(TableName=stack.aggregates, Item=key | numbers)


def today(ago: int = 0) -> date:
    return datetime.now(UTC).date() - timedelta(days=ago)


def put(caller: Caller, **more: Any) -> Any:
    return caller.send("PUT", POLICY, {"based_on": 1, "thresholds": LOWEST} | more)


def test_thresholds_that_would_flag_everybody_are_refused_with_the_share_unless_forced(
    stack: Stack, caller: Caller
) -> None:
    counted(stack, today(), {"00": 20, "01": 60, "10": 1})
    counted(stack, today(1), {"01": 19}, "queue", "older")
    refused = put(caller)
    assert (refused.status, refused.json["code"]) == (409, "flags_too_much")
    assert "80.0% of the 100 online payments" in refused.json["detail"]
    assert "up to 1.0%" in refused.json["detail"]
    assert caller.send("GET", POLICY).json["version"] == 1
    forced = put(caller, force=True)
    assert (forced.status, forced.json["version"]) == (200, 2)
    assert "force" not in forced.json


def test_only_what_came_online_lately_and_was_scored_by_a_model_counts(stack: Stack, caller: Caller) -> None:
    counted(stack, today(), {"01": 99})
    counted(stack, today(), {"01": 500}, "batch")
    counted(stack, today(), {"04": 500}, "api", RULES_VERSION)
    counted(stack, today(3), {"01": 500})
    assert put(caller).status == 200


def test_who_is_late_hears_of_that_and_not_of_the_share(stack: Stack, caller: Caller) -> None:
    counted(stack, today(), {"01": 100})
    put(caller, force=True)
    assert put(caller).json["code"] == "policy_conflict"


def test_force_is_true_or_false(stack: Stack, caller: Caller) -> None:
    assert put(caller, force="yes").json["errors"][0]["pointer"] == "/force"


def test_where_the_counts_cannot_be_read_only_a_forced_change_is_taken(
    stack: Stack, caller: Caller, told: Callable[..., None]
) -> None:
    told(AGGREGATES_TABLE="nothing-there")
    assert [put(Caller(), force=True).status, put(Caller(), based_on=2).status] == [200, 503]


def test_what_was_scored_here_is_counted(stack: Stack, caller: Caller) -> None:
    """The bins are those that stored decisions are counted in."""
    [entry] = caller.score(README_TRANSACTION, store=False).json["results"]
    at = score_bin(Decimal(str(entry["risk"])))
    counts = CountedRisks(analytics_wiring.aggregates()).counts(datetime.now(UTC))
    assert (counts[at - 1].highest if at else -1.0) < entry["risk"] <= counts[at].highest
    assert [one.highest for one in counts[:4]] == [0.0, 0.0009, 0.0029, 0.0099]
    assert counts[-1].highest == 1.0
