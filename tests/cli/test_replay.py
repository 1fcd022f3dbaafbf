"""Stored decisions of a span computed again by `fraudshield replay`: every byte the same, and one planted error found.

They are of three models, four versions of the policy and two of an event type.
"""

import json
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fraudshield.aws import client
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.policy import wiring as policy_wiring
from fraudshield.predictor import wiring as predictor_wiring
from fraudshield.scoring import wiring as scoring_wiring
from fraudshield.transaction.dynamo import TRANSACTION_RECORD
from functions.policy import app as policy
from infra.cli.models.client import TypesOfApi, publish
from infra.cli.replay.client import ReplayClient, ReplayCount, ReplayedSpan
from tests.api.server import served
from tests.caller import POLICY, ApiResponse, Caller
from tests.cli.command import Run
from tests.conftest import README_TRANSACTION
from tests.event_types import WITH_DEVICE
from tests.stack import ROOT, Stack
from tests.stack import client as boto

SHIPPED = ROOT / "model/artifact/model"
TYPES, MODELS = "/api/v1/policy/event-types", "/api/v1/model/versions"
OTHER_CUTS = {"2027.1": 0.01, "2027.2": 0.3}  # a model's risks are moved by so much on the log-odds scale
RULES = [
    {"code": "busy", "outcome": "review", "when": [{"field": "origin_count_24h", "at_least": 1}]},
    {"code": "large", "outcome": "review", "when": "amount >= 4000 and risk >= 0.0001"},
    {"code": "to_her", "outcome": "block", "when": [{"field": "nameDest", "any_of": ["C-her"]}]},
]
KINDS: tuple[dict[str, Any], ...] = (
    {},
    {"type": "TRANSFER", "amount": 5000.0, "newbalanceOrig": 0.0, "nameDest": "C1"},
    {"nameDest": "C-her", "amount": 12345678.12345678901, "occurred_at": f"{datetime.now(UTC):%Y-%m-%d}T00:00:00Z"},
)


def models(stack: Stack, tmp_path: Path) -> None:
    """Two models beside the release's own, whose risks are others."""
    for version, moved in OTHER_CUTS.items():
        shutil.copytree(SHIPPED, folder := tmp_path / version)
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest |= {"version": version, "cuts": [one - moved for one in manifest["cuts"]]}
        (folder / "manifest.json").write_text(json.dumps(manifest))
        publish(boto("s3"), stack.bucket, folder, "payment", TypesOfApi(lambda: ("", "")))


def anew() -> None:
    """Another process."""
    known = (predictor_wiring.active_models, policy_wiring.policies, scoring_wiring.connected)
    for remembered in (*known, event_type_wiring.event_types):
        remembered.cache_clear()


def done(response: ApiResponse) -> Any:
    assert response.status in (200, 201), response.text
    return response.json


def scored(how_many: int, name: str) -> int:
    """Decides so many payments of the built-in type and of one that extends it; gives how many these were."""
    anew()
    found = 0
    for event_type in ("payment", "web_payment"):
        beside = {} if event_type == "payment" else {"device_id": "d-1", "currency": "EUR"}
        for start in range(0, how_many, 200):
            some = [
                README_TRANSACTION | KINDS[at % 3] | beside | {
                    "transaction_id": f"{name}-{event_type}-{at}", "nameOrig": f"C{at % 7}"}
                for at in range(start, min(start + 200, how_many))
            ]  # fmt: skip
            done(Caller().score(*some, event_type=event_type))
            found += len(some)
    return found


def history(stack: Stack, tmp_path: Path, how_many: int) -> int:
    """Three models, four versions of the policy and two of an event type, each deciding some payments."""
    admin, models_there = Caller(handler=policy.lambda_handler), ("", *OTHER_CUTS)
    models(stack, tmp_path)
    done(admin.send("POST", TYPES, WITH_DEVICE))
    made = 0
    for at in range(6):
        if at < 3 and models_there[at]:
            done(admin.send("POST", f"{MODELS}/{models_there[at]}/activate", {"force": True, "note": "next"}))
        if at < 3:
            asked = {"based_on": at + 1, "thresholds": {"review": 0.02 + at / 100, "block": 0.4}}
            made += scored(how_many, f"step{at}")
            done(Caller().send("PUT", POLICY, asked | {"conditions": [RULES[at]] if at != 1 else [], "force": True}))
        if at == 3:
            fields = {**WITH_DEVICE["fields"], "channel": {"kind": "category"}}
            done(admin.send("POST", TYPES, {**WITH_DEVICE, "fields": fields}))
        if at > 3:
            made += scored(how_many, f"step{at}")
    return made


def replayed() -> ReplayCount:
    anew()
    now = datetime.now(UTC)
    with served() as url:
        span = ReplayedSpan(now - timedelta(days=400), now + timedelta(days=1))
        return ReplayClient(url, "key").span(span, None, lambda _: None)


def check(stack: Stack, made: int) -> None:
    count = replayed()
    assert (count.results, count.different, count.reasons) == (Counter(same=made), [], {})
    assert len(count.models) == 3
    assert count.policies.keys() >= {f"payment {number}" for number in (1, 2, 3, 4)}
    assert count.event_types.keys() == {"payment 1", "web_payment 1", "web_payment 2"}


def compute_again(stack: Stack, tmp_path: Path, run: Run, how_many: int) -> None:
    anew()
    made = history(stack, tmp_path, how_many)
    check(stack, made)
    one = client.dynamodb().get_item(
        TableName=stack.transactions,
        Key={"transaction_id": {"S": "step5-payment-7"}, "record": {"S": TRANSACTION_RECORD}},
    )["Item"]
    planted: Any = {"risk": {"N": repr(round(float(one["risk"]["N"]) + 0.0001, 4))}}
    client.dynamodb().put_item(TableName=stack.transactions, Item=one | planted)
    with served() as url:
        ran = run("replay", "--days", "7", "--url", url, "--key", "key")
        alone = run("replay", "--transaction", "step5-payment-6", "--transaction", "nobody", "--url", url, "--key", "k")
    assert ran.code == 1
    assert f"{made - 1:,} the same, 1 different, 0 cannot be computed" in " ".join(ran.out.split())
    assert "step5-payment-7 differs in risk" in ran.out
    assert "C-her" not in ran.out
    assert (alone.code, "1 have no decision" in alone.out) == (0, True)


def test_every_decision_of_the_span_comes_out_the_same_and_a_planted_one_does_not(
    lasting_engine: Stack, tmp_path: Path, run: Run
) -> None:
    compute_again(lasting_engine, tmp_path, run, 20)


@pytest.mark.long
def test_so_it_is_with_ten_thousand(lasting_engine: Stack, tmp_path: Path, run: Run) -> None:
    compute_again(lasting_engine, tmp_path, run, 1000)


def test_what_no_model_here_made_is_told_with_the_reason(lasting_engine: Stack, run: Run) -> None:
    anew()
    done(Caller().score(README_TRANSACTION))
    with served() as url:
        assert run("replay", "--transaction", "test_123", "--url", url, "--key", "k").code == 0
        item = next(one for one in lasting_engine.items() if one["transaction_id"]["S"] == "test_123")
        another: Any = item | {"model_version": {"S": "2020.1"}}
        client.dynamodb().put_item(TableName=lasting_engine.transactions, Item=another)
        ran = run("replay", "--transaction", "test_123", "--url", url, "--key", "k")
    assert ran.code == 0
    assert "1 cannot be computed, another_model: 2020.1 made it, which is not published" in " ".join(ran.out.split())


@pytest.mark.parametrize("asked", [(), ("--days", "7", "--transaction", "a"), ("--to", "2026-01-01"), ("--days", "0")])
def test_a_span_is_said_in_one_way(run: Run, asked: tuple[str, ...]) -> None:
    assert run("replay", *asked).code == 2
