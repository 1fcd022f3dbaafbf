"""Analytics: every figure equals what an independent reader makes of the stored items, whatever came how often."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from moto import mock_aws

from fraudshield.predictor import wiring as predictor_wiring
from functions.analytics import app
from tests.caller import Caller
from tests.conftest import connected
from tests.engine import engine
from tests.oracle.oracle import Oracle, differences, facts
from tests.stack import Stack
from tests.stream_history import Item, deliver, history, items, shards
from tests.timeouts import lengthen

PREFIX = "/api/v1/analytics"
CALLS = ("fraud-trends", "transaction-patterns", "risk-distribution", "model-performance", "dashboard-summary")


@pytest.fixture
def analyst() -> Caller:
    return Caller("AnalystKey", handler=app.lambda_handler)


@pytest.fixture(scope="module")
def lasting_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack for the module. moto copies the whole table for each transaction, so the tables are on another engine."""
    with pytest.MonkeyPatch.context() as monkeypatch, mock_aws(), engine(tmp_path_factory.mktemp("engine")) as where:
        lengthen(monkeypatch)
        for name, value in where.items():
            monkeypatch.setenv(name, value)
        yield from connected(monkeypatch)


@pytest.fixture(scope="module")
def counted(lasting_engine: Stack) -> list[Item]:
    """Transactions of 90 days, counted; the items as they are at the end."""
    records, end = history(items(400), "history")
    deliver(shards(records, "shards"), 0.2, "deliveries")
    return end


def oracle(stored: Sequence[Item], today: str) -> Oracle:
    thresholds = predictor_wiring.active_policy().newest().thresholds
    return Oracle(facts(stored), date.fromisoformat(today), float(thresholds.review), float(thresholds.block))


def wrong(caller: Caller, stored: Sequence[Item], call: str, days: int, sources: str, more: str = "") -> list[str]:
    told = caller.send("GET", f"{PREFIX}/{call}?days={days}&sources={sources}{more}").json
    narrowed = told.pop("category")
    assert told.pop("field_drift", None) is None  # the built-in type has a drift of its own
    assert bool(narrowed) == bool(more)
    today = told.get("until") or told["fraud_trends"]["until"]
    assert told.pop("generated_at")[:10] == today
    assert told.pop("as_of") == "2026-11-24T10:00:00Z"
    reader, given = oracle(stored, today), sources.split(",")
    listed = told.pop("top_destinations", [] if narrowed else None)
    wrong = [] if listed is None else [str(one) for one in listed]
    if listed is not None and not narrowed:
        wrong = list(reader.destinations(listed, days, given))
    return wrong + list(differences(told, getattr(reader, call.replace("-", "_"))(days, given)))


@pytest.mark.parametrize("days", [1, 30, 90, 365])
@pytest.mark.parametrize("call", CALLS)
def test_every_figure_is_what_the_stored_items_come_to(
    counted: list[Item], analyst: Caller, call: str, days: int
) -> None:
    assert wrong(analyst, counted, call, days, "api,queue") == []


@pytest.mark.parametrize("call", CALLS)
def test_one_source_alone_is_what_its_items_come_to(counted: list[Item], analyst: Caller, call: str) -> None:
    assert wrong(analyst, counted, call, 90, "queue") == []


@pytest.mark.parametrize("days", [1, 90, 365])
@pytest.mark.parametrize("call", CALLS)
def test_of_one_category_every_figure_is_what_its_items_come_to(
    counted: list[Item], analyst: Caller, call: str, days: int
) -> None:
    transfers = [one for one in counted if one["type"]["S"] == "TRANSFER"]
    assert wrong(analyst, transfers, call, days, "api,queue", "&type=TRANSFER") == []
    assert days < 90 or wrong(analyst, counted, call, days, "api,queue", "&type=TRANSFER") != []


@pytest.mark.parametrize("call", CALLS)
def test_of_the_built_in_type_alone_figures_are_those_of_all(counted: list[Item], analyst: Caller, call: str) -> None:
    assert wrong(analyst, counted, call, 90, "api,queue", "&event_type=payment") == []


def test_the_oracle_sees_a_figure_that_is_off_by_a_cent(counted: list[Item], analyst: Caller) -> None:
    sound = next(at for at, one in enumerate(counted) if one["source"]["S"] == "api")
    dearer = [*counted]
    dearer[sound] = dearer[sound] | {"amount": {"N": str(Decimal(counted[sound]["amount"]["N"]) + Decimal("0.01"))}}
    assert any("/amount" in one for one in wrong(analyst, dearer, "fraud-trends", 90, "api,queue"))
    assert any("/amount" in one for one in wrong(analyst, dearer, "transaction-patterns", 90, "api,queue"))


def test_who_has_it_already_gets_304_and_no_body(counted: list[Item], analyst: Caller) -> None:
    path = f"{PREFIX}/dashboard-summary?days=7"
    tag = analyst.send("GET", path).headers["etag"]
    for known in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = replace(analyst, headers={"If-None-Match": known}).send("GET", path)
        assert (again.status, again.text, again.headers["etag"]) == (304, "", tag)
    for other in ('"other"', ""):
        assert replace(analyst, headers={"If-None-Match": other}).send("GET", path).status == 200
    assert analyst.send("GET", f"{PREFIX}/dashboard-summary?days=8").headers["etag"] != tag


@pytest.mark.parametrize(
    "query",
    [
        *("days=0", "days=-1", "days=366", "days=1e9", "days=1000000000", "days=abc", "days=", "days=1.5", "days=%20"),
        *(
            "days=1&days=2",
            "day=1",
            "type=CARD",
            "type=",
            "type=*&step=1",
            "amount=1",
            "type=TRANSFER&sources=api,batch",
        ),
        *("event_type=", "limit=5", "event_type=payment&source=api", "first=2026-11-10"),
        *("sources=", "sources=api,", "sources=api,api", "sources=web", "sources=API"),
    ],
)
@pytest.mark.parametrize("call", CALLS)
def test_a_question_that_makes_no_sense_is_told_so(
    lasting_engine: Stack, analyst: Caller, call: str, query: str
) -> None:
    response = analyst.send("GET", f"{PREFIX}/{call}?{query}")
    assert (response.status, response.json["code"]) == (400, "invalid_parameter")
