"""A store that version 0.1 filled: every payment is known, answered with the same bytes, and counted the same."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Context
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from fraudshield.analytics import wiring as analytics_wiring
from fraudshield.analytics.period import LabelledQuery, PeriodQuery
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.erasure import wiring as erasure_wiring
from fraudshield.predictor import wiring as predictor_wiring
from fraudshield.scoring.dynamo_backfill import Backfill, Filed
from fraudshield.text.json_text import json_text
from fraudshield.transaction.dynamo import same_content, transaction_of
from functions.batch import app as batch
from functions.database import app as database
from functions.ingest import app as ingest
from functions.notification import app as notification
from tests.caller import POLICY, REPLAY, SCORE, ApiResponse, Caller
from tests.content import first_hash
from tests.stack import Stack, client
from tests.stored_before import in_memory, its_model, kept, on_disk
from tests.stream_history import count

DATABASE, INGEST = Caller(handler=database.lambda_handler), Caller(handler=ingest.lambda_handler)
BATCHED = "batch"  # its counts come from its job and not from the stream
PERIOD: dict[str, Any] = {"days": 30, "sources": "api,queue,store"}
Item = dict[str, Any]


@pytest.fixture(scope="module")
def responses() -> Any:
    return kept("answers")


@pytest.fixture(scope="module")
def payments(responses: Any) -> list[dict[str, str]]:
    return list(responses["payments"])


@pytest.fixture(params=[pytest.param("in memory", marks=pytest.mark.long), "on disk"])  # moto takes twice the time
def before(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, _longer_timeouts: None
) -> Iterator[Stack]:
    """The store as version 0.1 left it."""
    with in_memory(monkeypatch) if request.param == "in memory" else on_disk(monkeypatch, tmp_path) as stack:
        yield stack


def items(stack: Stack) -> dict[tuple[str, str], Item]:
    return {(item["transaction_id"]["S"], item["record"]["S"]): item for item in stack.items()}


def send(sent: str) -> ApiResponse:
    return Caller().send_text("POST", SCORE, f'{{"transactions":[{sent}]}}')


def shown(sent: str) -> str:
    """The transaction as it is shown, without what is shown since."""
    name = quote(json.loads(sent)["transaction_id"], safe="")
    response = DATABASE.send("GET", f"/api/v1/database/transactions/{name}").json
    return json.dumps({part: one for part, one in response.items() if part not in {"review", "links"}})


def listed(text: str) -> str:
    """A list, without what its rows say since."""
    response = json.loads(text)
    for row in response["transactions"]:
        row.pop("decided_at", None)
        row.pop("reason_codes", None)
    return json.dumps(response)


def other(sent: str) -> str:
    """Another content under the same id."""
    return re.sub(r'"step":\d+', '"step":999999', sent)


def untimed(text: str) -> Any:
    return {name: value for name, value in json.loads(text).items() if name not in {"generated_at", "timestamp"}}


def nearest(text: str) -> str:
    """A response with each number as the nearest float64, which is how version 0.1 wrote money; all else as it is."""
    return json.dumps(json.loads(text))


def written(response: Mapping[str, Any]) -> dict[str, Any]:
    """A response as a client reads it."""
    read: dict[str, Any] = json.loads(json_text(response))
    return read


def test_every_payment_sent_again_gets_the_bytes_of_its_first_entry(
    before: Stack, payments: list[dict[str, str]]
) -> None:
    stored = items(before)
    decided = [one for one in payments if "entry" in one]
    assert len(decided) > 190
    assert [send(one["sent"]).entries for one in decided] == [[one["entry"]] for one in decided]
    assert [nearest(shown(one["sent"])) for one in payments] == [nearest(one["transaction"]) for one in payments]
    assert items(before) == stored


def test_another_content_under_one_of_their_ids_is_a_conflict(before: Stack, payments: list[dict[str, str]]) -> None:
    stored = items(before)
    assert {send(other(one["sent"])).status for one in payments[::5]} == {409}
    assert items(before) == stored


def test_what_was_stored_without_a_decision_gets_one_and_keeps_it(
    before: Stack, payments: list[dict[str, str]]
) -> None:
    waiting = [one["sent"] for one in payments if "entry" not in one]
    assert len(waiting) == 16
    again = [DATABASE.send_text("POST", "/api/v1/database/transactions", one).json["message"] for one in waiting]
    assert set(again) == {"Stored already, with this content"}
    first = [send(one).entries for one in waiting]
    assert all(json.loads(entry)["persisted"] for [entry] in first)
    assert [send(one).entries for one in waiting] == first


def test_messages_that_were_parked_are_filed_once(before: Stack) -> None:
    stored = items(before)
    backfill = Backfill(before.transactions, erasure_wiring.erasures(), dynamo_wiring.store_calls())
    for (name, record), item in stored.items():
        first = stored[name, "transaction"]
        if record.startswith("conflict#"):
            parked, filed = item["transaction"]["M"], Filed.CONFLICTING
        elif record.endswith("#answered"):
            decided = {one: value for one, value in item.items() if one not in {"record", "answered"}}
            parked, filed = first | decided, Filed.ANSWERED
        elif record == "transaction" and name.startswith("parked-"):
            parked, filed = item, Filed.KNOWN
        else:
            continue
        assert backfill.file(json.dumps({"items": [parked]})) == [filed], (name, record)
    assert items(before) == stored


def test_statistics_lists_and_settings_say_the_same(before: Stack, responses: Mapping[str, str]) -> None:
    listing = "/api/v1/database/transactions?limit=1000&sort"
    assert untimed(DATABASE.send("GET", "/api/v1/database/statistics").text) == untimed(responses["statistics"])
    assert listed(DATABASE.send("GET", f"{listing}=occurred_at").text) == nearest(responses["listed"])
    review = f"{listing}=expected_loss&outcome=review&labelled=false"
    assert listed(DATABASE.send("GET", review).text) == nearest(responses["review"])
    assert INGEST.send("GET", "/api/v1/ingest/export?limit=1000").text == responses["export"]
    assert untimed(INGEST.send("GET", "/api/v1/ingest/stats").text) == untimed(responses["stats"])
    policy = Caller().send("GET", POLICY).json
    assert policy.pop("rules") == policy["conditions"]  # what a policy says since
    assert policy == json.loads(responses["policy"])
    told = Caller(handler=notification.lambda_handler)
    assert told.send("GET", "/api/v1/notifications/thresholds").text == responses["thresholds"]
    assert told.send("GET", "/api/v1/notifications/subscribers").text == responses["subscribers"]
    jobs = Caller(handler=batch.lambda_handler).send("GET", "/api/v1/batch/jobs").text
    for since in (
        '"event_type":"payment",',
        '"history":"none",',
        '"unstored_items":0,',
        '"unstored_url":null,',
    ):  # what a job says since
        assert since not in responses["jobs"]
        jobs = jobs.replace(since, "")
    assert jobs == responses["jobs"]


def test_analytics_say_the_same(before: Stack, responses: Mapping[str, str]) -> None:
    told, policies = analytics_wiring.analytics(), predictor_wiring.active_policy()
    at = datetime.fromisoformat(responses["made_at"])
    asked, labelled = PeriodQuery(**PERIOD), LabelledQuery(**PERIOD)
    same = {
        "fraud_trends": told.fraud_trends(asked, at),
        "transaction_patterns": told.transaction_patterns(asked, at),
        "risk_distribution": told.risk_distribution(policies, asked, at),
        "model_performance": told.model_performance(labelled, at),
    }
    for name, response in same.items():
        before_it = untimed(responses[name])
        assert of_before(written(response), before_it) == before_it
    hours = told.fraud_trends(asked, at)["hours"]
    assert any(one["reviewed"] is None for one in hours)  # what nobody counted then is not said
    assert told.fraud_trends(PeriodQuery(**PERIOD, type="TRANSFER"), at)["category"] == {
        "event_type": "payment",
        "field": "type",
        "value": "TRANSFER",
        "counted_from": None,
        "values": [],
    }


def of_before(now: Any, then: Any) -> Any:
    """Only what there was then: what has come since stands beside it."""
    if isinstance(then, dict):
        return {name: of_before(now.get(name), value) for name, value in then.items()}
    if isinstance(then, list) and len(now) == len(then):
        return [of_before(*pair) for pair in zip(now, then, strict=True)]
    return now


def counters(found: list[Item]) -> dict[tuple[str, str, str], object]:
    """What the stream's records come to: not how far it was read, and not what a job's summary added.

    A count that went up and down again is 0 or not there, by how many records were counted at once.
    """
    return {
        (one["series"]["S"], one["bucket"]["S"], name): number(value)
        for one in found
        if one["series"]["S"] in {"total", "days", "hours", "histogram", "patterns", "scores", "truth", "extreme"}
        and BATCHED not in one["bucket"]["S"].split("#")
        for name, value in one.items()
        if value != {"N": "0"} and name not in {"series", "bucket"}
    }


def number(value: Item) -> object:
    """moto adds up to 28 digits, and one payment has as many."""
    return Context(prec=24).create_decimal(value["N"]) if "N" in value else value


def test_the_stream_is_counted_as_it_was(engine_stack: Stack, told: Callable[..., None], tmp_path: Path) -> None:
    """With the model in force then: features are counted in the bins of the model that decided."""
    told(MODEL_DIR=its_model(tmp_path))
    records = kept("stream")
    for at in (0, 200):
        count("shardId-00000001-TransactionsTable", records[at : at + 200])
    counted = counters(client("dynamodb").scan(TableName=engine_stack.aggregates)["Items"])
    assert counted == counters(kept("tables")["AggregatesTable"])
    assert len(counted) > 1000


def test_its_hashes_name_no_scheme(payments: list[dict[str, str]]) -> None:
    """Else all of this would show nothing."""
    transactions = [one for one in kept("tables")["TransactionsTable"] if one["record"]["S"] == "transaction"]
    assert len(transactions) == len(payments) == 213
    assert not [one for one in transactions if ":" in one["content_hash"]["S"]]
    assert all(same_content(one, one | {"content_hash": {"S": "2:0"}}) for one in transactions)
    assert {first_hash(transaction_of(one)) for one in transactions} == {
        one["content_hash"]["S"] for one in transactions
    }


def test_every_decision_computed_again_by_the_model_that_made_it_is_the_same_bytes(
    before: Stack, payments: list[dict[str, str]], told: Callable[..., None], tmp_path: Path
) -> None:
    stored, decided = items(before), [one for one in payments if "entry" in one]
    told(MODEL_DIR=its_model(tmp_path))
    for one in decided:
        response = Caller().send("POST", REPLAY, {"transaction_id": json.loads(one["sent"])["transaction_id"]})
        assert response.json["same"] is True, response.text
        assert f'"stored":{one["entry"]},"computed":{one["entry"]},' in response.text
    assert items(before) == stored
