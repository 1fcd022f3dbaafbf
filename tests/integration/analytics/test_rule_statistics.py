"""Statistics of rules: exactly once, whatever is delivered how often, and those that say nothing are named."""

from typing import Any

import pytest

from fraudshield.analytics.rule.rule import MOST_ACCOUNTS, MOST_RULES
from functions.model import app as model
from functions.policy import app
from tests.caller import Caller
from tests.rules.history import CODES, NEVER, STARS, deliver_until_counted, killing, ruled, ruled_by, wrong
from tests.stack import Stack
from tests.stream_history import change, count, shards

PATH = "/api/v1/policy/rules/statistics"


@pytest.fixture
def stack(engine_stack: Stack) -> Stack:
    return engine_stack


@pytest.fixture
def analyst() -> Caller:
    return Caller("AnalystKey", handler=app.lambda_handler)


def told(analyst: Caller, days: int = 30) -> Any:
    response = analyst.send("GET", f"{PATH}?days={days}")
    assert response.status == 200, response.text
    return response.json


def put_rules(*codes: str) -> None:
    admin = Caller("AdminKey", handler=model.lambda_handler)
    now = admin.send("GET", "/api/v1/model/policy").json
    rules = [{"code": code, "outcome": "review", "when": "amount > 1e12"} for code in codes]
    change = {"based_on": now["version"], "thresholds": now["thresholds"], "conditions": rules}
    assert admin.send("PUT", "/api/v1/model/policy", change).status == 200


def test_with_duplicates_shuffles_and_kills_the_figures_are_those_of_the_payments(
    stack: Stack, analyst: Caller
) -> None:
    records, end = ruled(250, "rules")
    deliver_until_counted(shards(records, "rules"), killing(4), "rules")
    put_rules(*CODES, NEVER)
    found = told(analyst)
    assert wrong(found, end) == []
    assert wrong(told(analyst, 5), end, 5) == []
    assert found["never_held"] == [NEVER]
    shown = {one["code"]: one for one in found["rules"]}
    assert {code: one["only_beside"] for code, one in shown.items() if one["only_beside"]} == STARS
    assert found["decisions"] == sum(one["source"]["S"] in {"api", "queue"} for one in end)
    fraud, genuine = shown["trusted"]["labelled_fraud"], shown["trusted"]["labelled_genuine"]
    assert shown["trusted"]["false_positive_share"] == pytest.approx(genuine / (fraud + genuine), abs=1e-6)
    assert shown["trusted"]["share"] == pytest.approx(shown["trusted"]["hits"] / found["decisions"], abs=1e-6)


def test_the_check_sees_a_payment_that_was_counted_twice(stack: Stack, analyst: Caller) -> None:
    records, end = ruled(60, "twice")
    by_shard = shards(records, "twice")
    for shard, some in by_shard.items():
        count(shard, some)
        count(f"{shard}-again", some)
    assert wrong(told(analyst), end) != []


def test_of_more_accounts_than_are_told_apart_it_says_at_least(stack: Stack, analyst: Caller) -> None:
    records, _ = ruled(3, "many", days=1)
    image = records[0]["dynamodb"]["NewImage"] | ruled_by(["night"]) | {"source": {"S": "api"}}
    for first, last in ((0, 150), (100, 150), (150, MOST_ACCOUNTS + 30)):
        some = [change(None, image | {"nameOrig": {"S": f"C{at}"}}) for at in range(first, last)]
        numbered = [
            {**one, "dynamodb": one["dynamodb"] | {"SequenceNumber": f"{at:021d}"}} for at, one in enumerate(some)
        ]
        count(f"shardId-{first:06d}", numbered)
        [found] = told(analyst)["rules"]
        assert (found["accounts"], found["accounts_at_least"]) == (min(last, MOST_ACCOUNTS), last > MOST_ACCOUNTS)


def test_of_one_payment_no_more_rules_count_than_fit_into_a_transaction(stack: Stack, analyst: Caller) -> None:
    records, _ = ruled(3, "wide", days=1)
    [record] = [one for one in records if "OldImage" not in one["dynamodb"]][:1]
    image = record["dynamodb"]["NewImage"] | ruled_by(f"r{at:03d}" for at in range(150)) | {"source": {"S": "api"}}
    count("shardId-000000", [record | {"dynamodb": {"NewImage": image, "SequenceNumber": f"{1:021d}"}}])
    assert len(told(analyst)["rules"]) == MOST_RULES


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("days=0", 400, "invalid_parameter"),
        ("days=366", 400, "invalid_parameter"),
        ("from=2026-11-01", 400, "invalid_parameter"),
        ("event_type=nobodys", 404, "unknown_event_type"),
    ],
)
def test_a_question_that_makes_no_sense_is_told_so(
    stack: Stack, analyst: Caller, query: str, status: int, code: str
) -> None:
    response = analyst.send("GET", f"{PATH}?{query}")
    assert (response.status, response.json["code"]) == (status, code)
