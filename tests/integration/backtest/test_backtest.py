"""A test on history: asked for over the API, run by the steps, and what it says of payments that were scored."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fraudshield.audit import wiring as audit_wiring
from fraudshield.audit.port import Span
from fraudshield.label import wiring as label_wiring
from fraudshield.label.label import Label
from tests.authors import ADA
from tests.backtest.run import VERSIONS, analyst, answer_of, asked, found, run
from tests.caller import POLICY, Caller
from tests.conftest import README_TRANSACTION
from tests.job_run import Batch
from tests.stack import Stack

LARGE = {"code": "large", "outcome": "review", "when": "amount >= 500"}
FEW = {"code": "few_before", "outcome": "review", "when": [{"field": "origin_count_24h", "at_most": 3}]}
ACCOUNTS = 12


def payment(name: str, **changes: Any) -> dict[str, Any]:
    return {**README_TRANSACTION, "transaction_id": name, **changes}


@pytest.fixture(scope="module")
def batch(lasting_files: Stack) -> Batch:
    """Payments of twelve accounts: of each a small one, and a large one that turned out to be fraud; and version 2."""
    caller = Caller()
    sent = [
        payment(f"{size}-{at}", amount=amount, nameOrig=f"C{at}", nameDest=f"M{at}")
        for at in range(ACCOUNTS)
        for size, amount in (("small", 100.0), ("large", 600.0))
    ]
    drained = payment("drained", nameOrig="C99", type="TRANSFER", amount=9e6, oldbalanceOrg=9e6, newbalanceOrig=0.0)
    assert caller.score(*sent, drained).status == 200
    for at in range(ACCOUNTS):
        label_wiring.labels().add(f"large-{at}", Label("fraud", "chargeback", datetime.now(UTC)), ADA)
    changed = {"based_on": 1, "thresholds": {"review": 0.0279, "block": 0.3923}, "conditions": [LARGE, FEW]}
    assert caller.send("PUT", POLICY, changed).status == 200
    return Batch(lasting_files)


@pytest.fixture(scope="module")
def answer(batch: Batch) -> Any:
    return answer_of(batch, 2)


def test_a_test_is_accepted_and_found_where_it_says(batch: Batch) -> None:
    response = asked(2)
    assert (response.status, response.json["status"]) == (202, "pending")
    backtest_id = response.json["backtest_id"]
    assert response.headers["location"] == f"../../backtests/{backtest_id}"
    told = found(backtest_id)
    assert (told["version"], told["against"], told["progress"], told["status"]) == (2, 2, 0.0, "pending")
    assert "compared" not in told
    assert run(batch, backtest_id)["status"] == "completed"


def test_it_is_in_the_audit_log_with_the_digest_of_the_version(batch: Batch, answer: Any) -> None:
    now = datetime.now(UTC)
    page = audit_wiring.audit_log().page(Span(now - timedelta(days=1), now + timedelta(days=1), "backtest"), None, 10)
    entries = {one.entry.subject: one.entry for one in page.entries}
    entry = entries[answer["backtest_id"]]
    assert (entry.action, entry.version, entry.after) == ("begun", 2, answer["digest"])


def test_outcomes_now_and_then_and_the_money_of_frauds(answer: Any) -> None:
    assert answer["compared"] == 2 * ACCOUNTS + 1
    assert answer["outcomes"]["now"] == {"approve": 24, "review": 0, "block": 1}
    assert answer["outcomes"]["then"] == {"approve": 12, "review": 12, "block": 1}
    assert answer["money"]["fraud"] == {"all": 7200, "stopped_now": 0, "stopped_then": 7200}
    assert answer["labels"] == {"fraud": 12, "genuine_said": 0, "genuine_by_age": 0, "young": 12, "blocked": 1}


def test_each_rule_has_its_hits_and_what_they_turned_out_to_be(answer: Any) -> None:
    large, few = answer["rules"]
    assert (large["code"], large["hits"], large["alone"], large["fraud"], large["precision"]) == (
        "large",
        13,
        13,
        12,
        1.0,
    )
    assert large["amount"] == 9_007_200
    assert (few["hits"], few["precision"]) == (0, None)


def test_what_was_not_kept_is_not_evaluated_and_its_share_is_said(answer: Any) -> None:
    assert answer["not_kept_share"] == 1.0  # no policy asked for velocities when these were decided


def test_the_gain_has_an_interval_and_a_sign_test(answer: Any) -> None:
    share, recall, precision = (answer["paired"][name] for name in ("review_share", "recall", "precision"))
    assert share["low"] < share["difference"] == 0.48 < share["high"]
    assert (share["entity"], share["accounts"], share["enough"]) == ("nameOrig", 13, True)
    assert (recall["difference"], recall["enough"], recall["accounts"]) == (1.0, False, 12)
    assert recall["why_not"].startswith("All values of nameOrig differ alike")
    assert (precision["difference"], precision["enough"], answer["enough"]) == (None, False, False)
    assert answer["sign_test"]["fraud"]["better"] == 12
    assert answer["sign_test"]["fraud"]["p"] == pytest.approx(2 / 2**12, abs=1e-6)
    assert answer["unknowable_share"] == {"payments": 0.0, "money": 0.0}


def test_the_version_that_decided_differs_in_nothing_and_is_another_one_that_was_tried(
    batch: Batch, answer: Any
) -> None:
    same = answer_of(batch, 1)
    assert (same["differs"], same["outcomes"]["now"]) == (0, same["outcomes"]["then"])
    assert same["not_kept_share"] == 0.0
    assert same["drafts_tried"] == 2


def test_a_step_that_runs_twice_changes_nothing(batch: Batch, answer: Any) -> None:
    backtest_id = asked(2).json["backtest_id"]
    twice = run(batch, backtest_id, lambda chunks: [*reversed(chunks), *chunks])
    again = run(batch, backtest_id)
    assert twice == again
    assert {name: twice[name] for name in ("outcomes", "rules", "money")} == {
        name: answer[name] for name in ("outcomes", "rules", "money")
    }


def test_a_third_test_at_once_has_to_wait(batch: Batch) -> None:
    first, second = asked(2), asked(2)
    third = asked(2)
    assert (third.status, third.json["code"]) == (429, "too_many_at_once")
    gone = {"Error": "States.Timeout", "Cause": ""}
    for one in (first, second):
        batch.step("fail", {"job_id": one.json["backtest_id"], "error": gone})
        assert found(one.json["backtest_id"])["error"]["code"] == "timed_out"
    last = asked(2)
    assert last.status == 202
    batch.step("fail", {"job_id": last.json["backtest_id"], "error": gone})
    assert run(batch, last.json["backtest_id"])["status"] == "failed"


def test_what_cannot_be_tested_is_refused(batch: Batch) -> None:
    assert asked(77).status == 404
    assert analyst().send("GET", "/api/v1/policy/backtests/backtest-none").status == 404
    reversed_span = asked(2, **{"from": "2026-11-02T00:00:00Z", "to": "2026-11-01T00:00:00Z"})
    assert (reversed_span.status, reversed_span.json["errors"][0]["code"]) == (422, "span_order")
    long = asked(2, **{"from": "2020-11-02T00:00:00Z", "to": "2026-11-01T00:00:00Z"})
    assert (long.status, long.json["errors"][0]["code"]) == (422, "span_length")
    nobody = Caller(key_id="ScoreKey", handler=analyst().handler).send("POST", f"{VERSIONS}/1/backtests", {})
    assert nobody.status == 403


def test_what_a_control_share_may_lose_stands_in_the_draft_before_it_counts(batch: Batch) -> None:
    admin = Caller(handler=analyst().handler)
    said = {"based_on": 2, "thresholds": {"review": 0.0279, "block": 0.3923}}
    assert "control_loss" not in admin.send("POST", VERSIONS, said).json
    drafted = admin.send("POST", VERSIONS, said | {"control": {"share": 0.25, "max_amount": 10_000_000}}).json
    assert drafted["control_loss"] is None
    answer = answer_of(batch, drafted["version"])
    loss = {"share": 0.25, "blocks": 1, "payments": 0.25, "money": 2_250_000.0, "fraud_money": 0.0}
    assert answer["control"] == loss
    where = f"{VERSIONS}/{drafted['version']}"
    assert admin.send("GET", where).json["control_loss"] == loss
    force = admin.send("POST", f"{where}/activate", {"force": True, "note": "a try"}).json
    assert (force["state"], "control_loss" in force) == ("active", False)
    assert admin.send("POST", "/api/v1/policy/rollback", {}).status == 200
