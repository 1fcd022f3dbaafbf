"""A draft in shadow: judged behind the counting, exactly once, by the figures that a test on history gives."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from fraudshield.analytics import dynamo_shard
from fraudshield.analytics.dynamo_counter import sequence
from fraudshield.label import wiring as label_wiring
from fraudshield.label.label import Label
from functions.policy import app as policy_app
from tests.authors import ADA
from tests.backtest.run import VERSIONS, analyst, asked, run
from tests.caller import Caller
from tests.conftest import README_TRANSACTION
from tests.job_run import Batch
from tests.stack import Stack, client
from tests.stream_history import Item, change, count, shards
from tests.timeouts import wait_for_store

LISTS = "/api/v1/policy/lists"
LARGE = {"code": "large", "outcome": "review", "when": "amount >= 500"}
MULE = {"code": "mule", "outcome": "block", "when": "nameDest in lists.mules"}
DRAFT = {"based_on": 1, "thresholds": {"review": 0.0279, "block": 0.3923}, "rules": [LARGE, MULE]}
ACCOUNTS = 8
SAME = (
    "compared",
    "differs",
    "outcomes",
    "money",
    "labels",
    "rules",
    "sign_test",
    "unknowable_share",
    "not_kept_share",
)


def admin(method: str, path: str, body: Any = None) -> Any:
    response = Caller(key_id="AdminKey", handler=policy_app.lambda_handler).send(method, path, body)
    assert response.status < 300, response.text
    return response.json if response.text else None


def payment(name: str, **changes: Any) -> dict[str, Any]:
    return {**README_TRANSACTION, "transaction_id": name, **changes}


def shadow(version: int) -> Any:
    response = analyst().send("GET", f"{VERSIONS}/{version}/shadow")
    assert response.status == 200, response.text
    return response.json


def images(stack: Stack) -> dict[str, Item]:
    """Each payment's item."""
    every = client("dynamodb").scan(TableName=stack.transactions)["Items"]
    return {one["transaction_id"]["S"]: one for one in every if one["record"]["S"] == "transaction"}


@pytest.fixture(scope="module")
def batch(lasting_files: Stack) -> Iterator[Batch]:
    """Eight accounts pay before there is a draft and after it; half of what it would review was fraud, one by mistake.

    What the stream told of it all came by turns, twice, and in pieces of any size.
    """
    with pytest.MonkeyPatch.context() as monkeypatch:
        wait_for_store(monkeypatch)
        paid_and_counted(lasting_files)
        yield Batch(lasting_files)


def paid_and_counted(stack: Stack) -> None:
    caller = Caller()
    assert caller.score(*[payment(f"before-{at}", amount=600.0, nameOrig=f"C{at}") for at in range(3)]).status == 200
    admin("PUT", f"{LISTS}/mules", {"kind": "account"})
    admin("POST", f"{LISTS}/mules/entries", {"value": "M3"})
    assert admin("POST", VERSIONS, DRAFT)["state"] == "shadow"
    sent = [
        payment(f"{size}-{at}", amount=amount, nameOrig=f"C{at}", nameDest=f"M{at}")
        for at in range(ACCOUNTS)
        for size, amount in (("small", 100.0), ("large", 600.0))
    ]
    drained = payment("drained", nameOrig="C99", type="TRANSFER", amount=9e6, oldbalanceOrg=9e6, newbalanceOrig=0.0)
    assert caller.score(*sent, drained).status == 200
    first = images(stack)
    for at in range(ACCOUNTS):
        truth: Any = "fraud" if at % 2 else "genuine"
        label_wiring.labels().add(f"large-{at}", Label(truth, "chargeback", datetime.now(UTC)), ADA)
    label_wiring.labels().add("small-0", Label("fraud", "chargeback", datetime.now(UTC)), ADA)
    second = images(stack)
    label_wiring.labels().add("large-0", Label("fraud", "chargeback", datetime.now(UTC)), ADA)
    third = images(stack)
    records = [change(None, one) for one in first.values()]
    records += [
        change(old[name], new[name])
        for old, new in ((first, second), (second, third))
        for name in first
        if old[name] != new[name]
    ]
    by_shard, chance = shards(records, "shadow"), random.Random("shadow")
    for shard, some in by_shard.items():
        for _ in range(3):
            start = chance.randrange(len(some))
            count(shard, some[:1] if not start else some[: start + chance.randrange(8)])
        count(shard, some)


def test_it_says_of_what_came_since_what_a_test_on_history_says(batch: Batch) -> None:
    found = shadow(2)
    assert (found["version"], found["state"], found["shadow_failed"]) == (2, "shadow", 0)
    assert found["compared"] == 2 * ACCOUNTS + 1
    tested = run_since(batch, found["from"])
    assert {name: found[name] for name in SAME} == {name: tested[name] for name in SAME}
    for measure, one in tested["paired"].items():
        assert found["paired"][measure]["difference"] == one["difference"], measure
        assert found["paired"][measure]["enough"] == one["enough"], measure
    assert found["rules"][0]["fraud"] == ACCOUNTS // 2 + 1


def test_the_three_newest_drafts_are_judged_and_one_that_is_changed_begins_anew(batch: Batch) -> None:
    before = shadow(2)
    changed = admin("PUT", f"{VERSIONS}/2", {**content(), "note": "other", "based_on_digest": before["digest"]})
    assert (changed["state"], shadow(2)["compared"]) == ("shadow", 2 * ACCOUNTS + 1)  # a note decides nothing
    assert shadow(2)["from"] == before["from"]
    for _ in range(3):
        assert admin("POST", VERSIONS, DRAFT)["state"] == "shadow"
    assert [shadow(version)["state"] for version in (2, 3, 4, 5)] == ["draft", "shadow", "shadow", "shadow"]
    assert analyst().send("GET", f"{VERSIONS}/1/shadow").status == 404
    assert analyst().send("GET", f"{VERSIONS}/99/shadow").status == 404


def content() -> dict[str, Any]:
    return {name: DRAFT[name] for name in ("thresholds", "rules")}


def test_what_cannot_be_judged_is_counted_and_holds_up_nothing(batch: Batch, told: Callable[..., None]) -> None:
    made = admin("POST", VERSIONS, {**DRAFT, "rules": [LARGE | {"code": "larger"}, MULE]})["version"]
    assert Caller().score(payment("late", amount=501.0, nameDest="M77")).status == 200
    told(LISTS_TABLE="nowhere")
    [record] = [one for some in shards([change(None, images(batch.stack)["late"])], "late").values() for one in some]
    count("shardId-late", [record])
    count("shardId-late", [record])
    found = shadow(made)
    assert (found["shadow_failed"], found["compared"]) == (1, 0)
    assert dynamo_shard.ShardLog(batch.stack.aggregates).checkpoint("shardId-late").through == sequence(record)


def run_since(batch: Batch, since: str) -> Any:
    return run(batch, asked(2, **{"from": since, "to": "2999-01-01T00:00:00Z"}).json["backtest_id"])
