"""docs/privacy.md names every attribute that is stored of a payment and of who has to do with it, and all logged."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from functions.database import app as database
from functions.model import backfill
from functions.policy import app as policy
from tests.aggregates.shop import SHOP
from tests.caller import POLICY, Caller, Context
from tests.conftest import connected
from tests.engine import one_at_a_time
from tests.job_run import queued
from tests.moto_snapshot import restored_stack
from tests.notification_app import NotificationApp, deliver, records
from tests.stack import Stack, client
from tests.timeouts import lengthen

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/privacy.md"
TABLES = ("TransactionsTable", "ErasuresTable", "ListsTable", "NotificationsTable")
KINDS = {"review": 2, "prediction": 1}  # by how many parts of its name a record's kind is told
SENT = json.loads((ROOT / "events/transaction.json").read_text()) | {
    "transaction_id": "test_123",
    "occurred_at": "2026-11-30T10:00:00Z",
    "card": "card-1",
    "device": "d-1",
    "terminal": "T1",
    "items": 2,
    "their_own": "kept as it came",
}
TYPE = {**SHOP, "unknown": "keep", "aggregates": {"seen": {"count": True, "over": "card", "keep": True}}}
RULES = [
    {"code": "mule", "outcome": "review", "when": "nameDest in lists.mules"},
    {"code": "burst", "outcome": "review", "when": [{"field": "origin_count_24h", "at_least": 0}]},
]
ANALYST, ADMIN = Caller("AnalystKey", handler=database.lambda_handler), Caller(handler=policy.lambda_handler)
DATABASE = "/api/v1/database"
SHADOW = {"model_version": "2026.12.1-rc1", "service_used": "shadow"}
OF_OTHERS = {"job_id", "step", "index"}  # what a batch task of the same process has the logger say
ELSEWHERE = {"_aws", "level", "location", "service", "scope"}  # names of the logger's and of CloudWatch's
Kinds = Mapping[str, set[str]]


def kind_of(table: str, item: Mapping[str, Any]) -> str:
    """As the page calls it: the table, and for most of them the beginning of the key that tells what an item is."""
    if table in ("ErasuresTable", "ListsTable"):
        return table
    parts = next(item[name] for name in ("record", "series") if name in item)["S"].split("#")
    return f"{table} {'#'.join(parts[: KINDS.get(parts[0], 1)])}"


def stored(stack: Stack) -> Kinds:
    found: dict[str, set[str]] = defaultdict(set)
    for table in TABLES:
        for item in client("dynamodb").scan(TableName=stack.resolver.refs[table])["Items"]:
            found[kind_of(table, item)] |= item.keys()
    return found


def named(heading: str) -> Iterator[tuple[str, set[str], set[str]]]:
    """What the table under a heading says: a thing, what it always has, and what it has sometimes."""
    text = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    for row in re.findall(r"(?m)^\| `.*$", text):
        thing, always, sometimes, _ = (cell.strip() for cell in row.strip("|").split("|"))
        yield thing.strip("`"), set(re.findall(r"`(\w+)`", always)), set(re.findall(r"`(\w+)`", sometimes))


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with pytest.MonkeyPatch.context() as patch, mock_aws(), one_at_a_time():
        lengthen(patch)
        for made in connected(patch, restored_stack):
            patch.setenv("RETENTION_DAYS", "30")
            yield made


@pytest.fixture(scope="module")
def lived(stack: Stack) -> Kinds:
    """A payment of a type of one's own with all that may become of one, and one that is erased."""
    service = NotificationApp(stack)
    service.confirmed()
    for method, path, body in (
        ("POST", "/api/v1/policy/event-types", TYPE),
        ("PUT", "/api/v1/policy/lists/mules", {"kind": "account", "description": "Told by banks"}),
        ("POST", "/api/v1/policy/lists/mules/entries", {"value": "C987654321", "note": "seen"}),
        ("POST", "/api/v1/policy/lists/mules/entries", {"value": "C1", "expires_at": "2096-01-01T00:00:00Z"}),
        ("DELETE", "/api/v1/policy/lists/mules/entries/C1", None),
    ):
        made = ADMIN.send(method, path, body)
        assert made.status < 300, made.text
    thresholds = {"review": 0.0279, "block": 0.3923}
    changed = {"based_on": 1, "thresholds": thresholds, "conditions": RULES}
    assert Caller().send("PUT", POLICY, changed).status == 200
    [entry] = Caller().score(SENT, event_type="shop_payment").json["results"]
    assert (entry["persisted"], entry["decision"]) == (True, "block")
    first = next(one for one in stack.items() if one["transaction_id"] == {"S": "test_123"})
    later = {**first, "decided_at": {"S": "2026-11-30T11:00:00.000000Z"}}
    parked = json.dumps({"items": [later, {**later, "amount": {"N": "7"}, "content_hash": {"S": "0" * 32}}]})
    assert backfill.lambda_handler(queued(parked), Context()) == {"batchItemFailures": []}  # type: ignore[arg-type]
    deliver(records(stack))
    waiting = stored(stack)
    service.work()
    claimed = ANALYST.send("POST", f"{DATABASE}/reviews/next", {"filters": {"outcome": "review,block"}})
    assert claimed.status == 200, claimed.text
    holder = replace(ANALYST, headers={"X-Claim": claimed.json["review"]["claim"]})
    prediction = {"transaction_id": "test_123", "risk_score": 0.42, "prediction": 1, "confidence": 0.58}
    verdict = {"verdict": "decline", "label": "fraud", "reason": "account_taken_over", "note": "The holder called"}
    for caller, method, path, body in (
        (holder, "POST", "/reviews/test_123/verdict", verdict),
        (ANALYST, "PUT", "/transactions/test_123/label", {"label": "genuine", "source": "chargeback"}),
        (ANALYST, "POST", "/transactions/test_123/notes", {"note": "The holder is on holiday"}),
        (ANALYST, "POST", "/predictions", {"prediction": prediction | SHADOW}),
        (replace(ANALYST, key_id="AdminKey"), "DELETE", "/accounts/C55", None),
    ):
        answer = caller.send(method, f"{DATABASE}{path}", body)
        assert answer.status < 300, answer.text
    after = stored(stack)
    return {kind: waiting.get(kind, set()) | after.get(kind, set()) for kind in waiting.keys() | after.keys()}


def test_every_attribute_is_named(lived: Kinds) -> None:
    told = {thing: (always, sometimes) for thing, always, sometimes in named("What is stored")}
    assert lived.keys() == told.keys()
    for kind, attributes in lived.items():
        always, sometimes = told[kind]
        assert attributes - always - sometimes == set(), kind
        assert always - attributes == set(), kind


def test_every_field_of_a_decision_in_the_log_is_named(written: Callable[[], str], stack: Stack) -> None:
    sent = {
        name: value for name, value in SENT.items() if name not in ("card", "device", "terminal", "items", "their_own")
    }
    assert Caller().score(sent | {"transaction_id": "logged"}).status == 200
    told = {thing: (always, sometimes) for thing, always, sometimes in named("What is logged")}
    lines = [json.loads(line) for line in written().splitlines() if line.startswith("{")]
    decision = next(line for line in lines if line.get("message") == "decision")
    metrics = next(line for line in lines if "_aws" in line)
    for thing, line in (("decision", decision), ("metrics", metrics)):
        always, sometimes = told[thing]
        assert always <= line.keys() - OF_OTHERS <= always | sometimes, thing


def test_nothing_is_named_that_there_is_not() -> None:
    product = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "layers/fraudshield").rglob("*.py")))
    for heading in ("What is stored", "What is logged"):
        for thing, always, sometimes in named(heading):
            names = {re.sub(r"^entity_\d$", "entity_1", name) for name in always | sometimes}
            gone = {name for name in names if not re.search(rf"[\"']{name}[\"']|\b{name}\b\s*[:=]", product)}
            assert gone - ELSEWHERE == set(), thing
