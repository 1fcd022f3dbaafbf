"""The analytics calls: what they answer without anything stored, to nonsense, and what they cost."""

from datetime import date
from decimal import Decimal

import pytest

from fraudshield.analytics.delta import delta_of
from fraudshield.analytics.dynamo_image import change_of
from fraudshield.analytics.dynamo_shard import additions
from fraudshield.analytics.series import Counts, added
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.predictor import wiring as predictor_wiring
from functions.analytics import app
from tests.caller import Caller
from tests.metering import metered
from tests.oracle.oracle import Oracle, differences
from tests.stack import Stack, client
from tests.stream_history import change, count, deliver, history, items, shards

PREFIX = "/api/v1/analytics"
CALLS = ("fraud-trends", "transaction-patterns", "risk-distribution", "model-performance", "dashboard-summary")


@pytest.fixture
def analyst() -> Caller:
    return Caller("AnalystKey", handler=app.lambda_handler)


def nothing(today: str) -> Oracle:
    thresholds = predictor_wiring.active_policy().newest().thresholds
    return Oracle([], date.fromisoformat(today), float(thresholds.review), float(thresholds.block))


def test_without_anything_stored_answers_are_honestly_empty(stack: Stack, analyst: Caller) -> None:
    for call in CALLS:
        told = analyst.send("GET", f"{PREFIX}/{call}").json
        assert told["as_of"] is None
        assert told.pop("top_destinations", []) == []
        assert told["category"] is None
        assert told.pop("field_drift", None) is None
        del told["as_of"], told["generated_at"], told["category"]
        today, days = told.get("until") or told["fraud_trends"]["until"], 90 if call == "model-performance" else 30
        assert list(differences(told, getattr(nothing(today), call.replace("-", "_"))(days))) == []
    told = analyst.send("GET", f"{PREFIX}/model-performance").json
    assert (told["total_predictions"], told["precision"], told["auprc"], told["confusion"]) == (0, None, None, {})
    assert told["note"].startswith("No transaction of the period has a label")


def test_what_comes_later_changes_the_tag(stack: Stack, analyst: Caller) -> None:
    path = f"{PREFIX}/fraud-trends"
    tags = [analyst.send("GET", path).headers["etag"]]
    for record in shards(history(items(2, days=1), "few")[0], "few")["shardId-000000"]:
        count("shardId-000000", [record])
    tags.append(analyst.send("GET", path).headers["etag"])
    assert len(set(tags)) == 2


def test_reads_do_not_grow_with_the_transactions(stack: Stack, analyst: Caller) -> None:
    """Counters of a thousand and of a hundred thousand, over the same days: put down as they would be counted."""
    distinct = [delta_of(change_of(change(None, one)), predictor_wiring.reference()) for one in items(40)]
    reads: dict[int, dict[str, int]] = {}
    there = 0
    predictor_wiring.active_policy().current()  # read once a minute, by whoever asks first
    event_type_wiring.event_types().known()  # likewise
    for wanted in (1_000, 100_000):
        put_down(stack, added(*((counts, Decimal(wanted - there) / len(distinct)) for counts in distinct)))
        there = wanted
        reads[wanted] = {}
        for call in CALLS:
            with metered() as meter:
                told = analyst.send("GET", f"{PREFIX}/{call}?days=90&sources=api,queue,batch").json
            reads[wanted][call] = meter.calls.total()
            assert told.get("total_predictions", there) <= there
    assert reads[1_000] == reads[100_000]
    assert max(reads[100_000].values()) <= 8


def put_down(stack: Stack, counts: Counts) -> None:
    for write in additions(stack.aggregates, counts):
        client("dynamodb").update_item(**write["Update"])


def test_a_score_by_another_version_does_not_count_again(stack: Stack, analyst: Caller) -> None:
    [item] = [one for one in items(20, days=1) if one["source"]["S"] == "api"][:1]
    later = item | {"record": {"S": "prediction#2026-11-24T10:00:00.000000Z#1"}, "model_version": {"S": "2027.1"}}
    records = shards([change(None, item), change(None, later)], "again")
    deliver(records, 1.0, "again")
    told = analyst.send("GET", f"{PREFIX}/model-performance?days=2").json
    assert (told["total_predictions"], [one["model_version"] for one in told["models"]]) == (
        1,
        [item["model_version"]["S"]],
    )
