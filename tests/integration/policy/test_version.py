"""Versions over HTTP: drafted, compared, put in force with `force`, followed by scoring, taken back."""

from typing import Any

import pytest

from fraudshield.audit.audit import AuditEntry
from fraudshield.aws import client
from fraudshield.errors import PolicyConflict
from fraudshield.policy import wiring as policy_wiring
from fraudshield.scoring import wiring as scoring_wiring
from functions.database import app as database
from functions.policy import app as policy
from tests.authors import ADA
from tests.caller import POLICY, ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.fakes import NOW
from tests.stack import Stack

VERSIONS, ROLLBACK = "/api/v1/policy/versions", "/api/v1/policy/rollback"
DRAFT: dict[str, Any] = {
    "based_on": 1,
    "thresholds": {"review": 0.0279, "block": 0.3923},
    "rules": [{"code": "every", "outcome": "block", "when": "amount >= 0", "limit": "none", "limit_reason": "a try"}],
    "by": {"field": "type", "thresholds": {"TRANSFER": {"review": 0.01, "block": 0.2}}},
    "note": "everything",
}
FORCE = {"note": "agreed", "force": True}


@pytest.fixture
def admin(stack: Stack) -> Caller:
    return Caller(handler=policy.lambda_handler)


def sent(admin: Caller, **more: Any) -> Any:
    made = admin.send("POST", VERSIONS, DRAFT | more)
    assert made.status == 201, made.text
    return made.json


def forget() -> None:
    """Another process, or this one a minute later."""
    policy_wiring.policies.cache_clear()
    scoring_wiring.connected.cache_clear()


def scored(caller: Caller) -> Any:
    [entry] = caller.score(README_TRANSACTION, store=False).json["results"]
    return entry


def states(admin: Caller) -> dict[int, str]:
    return {one["version"]: one["state"] for one in admin.send("GET", VERSIONS).json["versions"]}


def test_a_draft_is_put_in_force_with_force_and_taken_back(admin: Caller, caller: Caller) -> None:
    made = sent(admin)
    assert (made["version"], made["state"], len(made["digest"])) == (2, "shadow", 64)
    assert (scored(caller)["policy_version"], states(admin)) == (1, {2: "shadow", 1: "active"})
    refused = admin.send("POST", f"{VERSIONS}/2/activate", {"note": "agreed"})
    assert (refused.status, refused.json["code"]) == (409, "not_tested")
    activated = admin.send("POST", f"{VERSIONS}/2/activate", FORCE)
    assert (activated.status, activated.json["state"], activated.json["note"]) == (200, "active", "agreed")
    forget()
    entry = scored(caller)
    assert (entry["policy_version"], entry["decision"], entry["decided_by"]) == (2, "block", "rules")
    assert entry["rules"] == [{"code": "every", "outcome": "block", "state": "held"}]
    back = admin.send("POST", ROLLBACK, {})
    assert (back.status, back.json["version"], back.json["state"]) == (200, 1, "active")
    forget()
    assert (scored(caller)["decision"], states(admin)) == ("approve", {2: "replaced", 1: "active"})
    assert admin.send("POST", ROLLBACK, {}).json["code"] == "nothing_before"
    log = admin.send("GET", "/api/v1/policy/audit?kind=policy").json["entries"]
    assert [(one["action"], one["version"]) for one in log] == [("rolled_back", 1), ("activated", 2), ("created", 2)]


def test_a_draft_is_changed_compared_and_thrown_away(admin: Caller) -> None:
    digest = sent(admin)["digest"]
    change = {name: value for name, value in DRAFT.items() if name != "based_on"} | {"rules": []}
    changed = admin.send("PUT", f"{VERSIONS}/2", change | {"based_on_digest": digest})
    assert (changed.status, changed.json["rules"]) == (200, [])
    stale = admin.send("PUT", f"{VERSIONS}/2", change | {"based_on_digest": digest})
    assert (stale.status, stale.json["code"]) == (409, "policy_conflict")
    found = admin.send("GET", f"{VERSIONS}/1/difference?to=2").json
    assert [one["what"] for one in found["settings"]] == ["by"]
    assert admin.send("DELETE", f"{VERSIONS}/2").status == 200
    assert admin.send("GET", f"{VERSIONS}/2").status == 404
    assert admin.send("DELETE", f"{VERSIONS}/1").json["code"] == "not_a_draft"


def test_an_old_clients_change_keeps_what_it_cannot_say_and_takes_a_free_number(admin: Caller, caller: Caller) -> None:
    sent(admin)
    admin.send("POST", f"{VERSIONS}/2/activate", FORCE)
    sent(admin, note="waiting")
    condition = {"code": "large", "outcome": "review", "when": [{"field": "amount", "at_least": 5}]}
    change = {"based_on": 2, "thresholds": {"review": 0.5, "block": 0.9}, "conditions": [condition]}
    told: ApiResponse = caller.send("PUT", POLICY, change)
    assert (told.status, told.json["version"], told.json["note"]) == (200, 4, "agreed")
    assert [one["code"] for one in told.json["rules"]] == ["large", "every"]
    assert ([one["code"] for one in told.json["conditions"]], told.json["by"]) == (["large"], DRAFT["by"])
    assert states(admin) == {4: "active", 3: "shadow", 2: "replaced", 1: "replaced"}


def test_a_pointer_costs_one_read_a_minute_and_no_query(admin: Caller, caller: Caller) -> None:
    sent(admin)
    admin.send("POST", f"{VERSIONS}/2/activate", FORCE)
    forget()
    scored(caller)
    store, calls = policy_wiring.hurried_policy_store(), list[str]()
    known = store.active().policy
    for name in ("GetItem", "Query"):
        client.dynamodb().meta.events.register(
            f"before-send.dynamodb.{name}", lambda name=name, **_: calls.append(name)
        )
    assert store.active(known).policy is known
    assert calls == ["GetItem"]


def test_of_two_who_put_something_in_force_one_wins(admin: Caller) -> None:
    sent(admin), sent(admin)
    store = policy_wiring.policy_store()
    first = policy_wiring.policies().of().newest()
    drafts = [store.draft(number) for number in (2, 3)]
    admin.send("POST", f"{VERSIONS}/2/activate", FORCE)
    late = drafts[1]
    assert late is not None
    with pytest.raises(PolicyConflict):
        store.put_in_force(late, first, AuditEntry(NOW, ADA, "policy", "activated", "payment"), late)
    assert states(admin) == {3: "shadow", 2: "active", 1: "replaced"}


def test_what_extends_payment_goes_by_payments_policy_until_it_has_its_own_and_after_it_was_taken_back(
    admin: Caller, caller: Caller
) -> None:
    document = {"name": "web", "extends": "payment", "fields": {"device": {"kind": "text"}}}
    assert admin.send("POST", "/api/v1/policy/event-types", document).status == 201
    rule = {"code": "d", "outcome": "review", "when": 'device == "d-1"'}
    made = sent(admin, event_type="web", rules=[rule], by=None)
    activated = admin.send("POST", f"{VERSIONS}/{made['version']}/activate?event_type=web", FORCE)
    assert activated.status == 200, activated.text
    body = {"event_type": "web", "transactions": [README_TRANSACTION | {"device": "d-1"}], "store": False}
    forget()
    [entry] = caller.send("POST", "/api/v1/score", body).json["results"]
    assert (entry["policy_version"], entry["decision"]) == (2, "review")
    assert admin.send("POST", f"{ROLLBACK}?event_type=web", {}).json["version"] == 1
    forget()
    [entry] = caller.send("POST", "/api/v1/score", body).json["results"]
    assert (entry["policy_version"], entry["decision"], entry["degraded"]) == (1, "approve", [])


CHECK = "/api/v1/policy/check"


def test_an_expression_is_checked_with_places_and_suggestions_and_tried_on_a_payment(admin: Caller) -> None:
    wrong = admin.send("POST", CHECK, {"when": "ammount > 1 && type == 5"})
    assert (wrong.status, [one["position"] for one in wrong.json["errors"]]) == (422, [0, 20])
    assert wrong.json["errors"][0]["suggestion"] == "amount"
    named = admin.send("POST", CHECK, {"when": "amount > 1 && origin_count_1h > 3 && risk > 0.5"}).json
    assert (named["fields"], named["aggregates"], named["risk"]) == (["amount"], ["origin_count_1h"], True)
    tried = {"when": "amount > 1 && origin_count_1h > 3", "transaction": README_TRANSACTION}
    assert admin.send("POST", CHECK, tried).json["why"] == "origin_count_1h is missing"
    held = admin.send("POST", CHECK, tried | {"values": {"origin_count_1h": 4}}).json
    assert held["state"] == "held"
    assert held["text_with_values"] == "amount=1000 > 1 && origin_count_1h=4 > 3"
    assert admin.send("POST", CHECK, tried | {"transaction": {}}).status == 422


def test_a_stored_decision_is_read_with_what_its_rules_read_personal_values_for_admins_only(
    admin: Caller, caller: Caller
) -> None:
    name = README_TRANSACTION["nameOrig"]
    sent(admin, rules=[{"code": "his", "outcome": "review", "when": f'nameOrig == "{name}" && amount >= 1'}])
    admin.send("POST", f"{VERSIONS}/2/activate", FORCE)
    forget()
    caller.score(README_TRANSACTION)
    path = f"/api/v1/database/transactions/{README_TRANSACTION['transaction_id']}"
    shown = {
        key: Caller(key_id=key, handler=database.lambda_handler).send("GET", path).json
        for key in ("AdminKey", "AnalystKey")
    }
    [[one], [other]] = [found["first_decision"]["rules"] for found in shown.values()]
    assert one["text_with_values"] == f'nameOrig="{name}" == "{name}" && amount=1000 >= 1'
    assert other["text_with_values"] == f'nameOrig=*** == "{name}" && amount=1000 >= 1'
    assert shown["AdminKey"]["links"]["policy"] == "../../policy/versions/2"
