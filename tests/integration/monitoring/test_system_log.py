"""What functions log and how the API is used: told by CloudWatch, kept once, and looked up."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError

from fraudshield.aws.client import dynamodb
from fraudshield.errors import StoreUnavailable
from functions.database import app
from functions.monitoring import logs
from infra.laptop.cloudwatch.log_pattern import LogPattern
from tests.caller import Caller, Context
from tests.concurrently import concurrently
from tests.log_event import ACCESS_LOGS, call, told, warning
from tests.stack import Stack, client, template

LOGS = "/api/v1/database/logs"
PERFORMANCE = "/api/v1/database/performance"


@pytest.fixture
def analyst() -> Caller:
    return Caller("AnalystKey", handler=app.lambda_handler)


def now() -> datetime:
    return datetime.now(UTC)


def handle(*events: dict[str, Any]) -> None:
    for event in events:
        logs.lambda_handler(event, Context())


def calls(*lines: str, first: int = 0) -> dict[str, Any]:
    return told(*lines, group=ACCESS_LOGS, at=now(), first=first)


def items(stack: Stack) -> list[Any]:
    found: list[Any] = client("dynamodb").scan(TableName=stack.resolver.refs["LogsTable"])["Items"]
    return found


def test_a_warning_is_looked_up(stack: Stack, analyst: Caller) -> None:
    handle(told(warning(cause="ReadTimeoutError"), warning(level="INFO"), at=now()))
    response = analyst.send("GET", LOGS).json
    [entry] = response["logs"]
    assert (entry["level"], entry["service"], entry["message"]) == ("WARNING", "model", "store unavailable")
    assert entry["details"] == {"cause": "ReadTimeoutError"}
    assert (response["count"], response["limit"], response["next_cursor"]) == (1, 100, None)


@pytest.mark.parametrize("wanted", ["ours-1", "lambda-1", 'their"s-1'])
def test_what_was_logged_of_a_request_is_found_by_each_of_its_ids(stack: Stack, analyst: Caller, wanted: str) -> None:
    of_one = {"request_id": "ours-1", "function_request_id": "lambda-1", "client_request_id": 'their"s-1'}
    of_another = {"request_id": "ours-2", "function_request_id": "lambda-2", "client_request_id": 'their"s-12'}
    handle(told(warning(**of_one), warning(**of_another), warning(level="ERROR", **of_one), at=now()))
    found = analyst.send("GET", f"{LOGS}?request_id={quote(wanted)}").json["logs"]
    assert [(one["request_id"], one["level"]) for one in found] == [("ours-1", "ERROR"), ("ours-1", "WARNING")]
    assert analyst.send("GET", f"{LOGS}?request_id={quote(wanted)}&service=batch").json["logs"] == []
    assert analyst.send("GET", f"{LOGS}?request_id=nobody").json["logs"] == []


def test_nothing_logged_is_an_empty_list(stack: Stack, analyst: Caller) -> None:
    assert analyst.send("GET", LOGS).json["logs"] == []
    assert analyst.send("GET", PERFORMANCE).json["routes"] == []


def test_level_service_and_since_choose(stack: Stack, analyst: Caller) -> None:
    lines = [warning("a", "WARNING"), warning("b", "ERROR", service="ingest"), warning("c", "CRITICAL")]
    handle(told(*lines, at=now() - timedelta(hours=2)), told(warning("old", "ERROR"), at=now() - timedelta(days=3)))

    def found(query: str) -> list[str]:
        return [entry["message"] for entry in analyst.send("GET", f"{LOGS}?{query}").json["logs"]]

    assert found("level=INFO") == ["c", "b", "a"]
    assert found("level=ERROR") == ["c", "b"]
    assert found("level=CRITICAL") == ["c"]
    assert found("service=ingest") == ["b"]
    assert found("service=batch") == []
    assert found(f"since={(now() - timedelta(days=4)).strftime('%Y-%m-%dT%H:%M:%SZ')}") == ["c", "b", "a", "old"]
    assert found(f"since={(now() - timedelta(hours=1)).strftime('%Y-%m-%dT%H:%M:%SZ')}") == []


@pytest.mark.parametrize("query", ["", "&service=model"])
def test_pages_lose_and_repeat_nothing_while_others_write(stack: Stack, analyst: Caller, query: str) -> None:
    levels = ["WARNING", "ERROR", "WARNING", "CRITICAL", "WARNING", "ERROR", "WARNING"]
    lines = [warning(str(n), level, service="ingest" if n == 3 else "model") for n, level in enumerate(levels)]
    handle(told(*lines, at=now() - timedelta(minutes=5)))
    wanted = [str(n) for n in reversed(range(7)) if not query or n != 3]
    seen, cursor = [], ""
    while cursor is not None:
        response = analyst.send("GET", f"{LOGS}?limit=2{query}{cursor and f'&cursor={cursor}'}").json
        assert response["count"] <= 2
        seen += [entry["message"] for entry in response["logs"]]
        cursor = response["next_cursor"]
        handle(told(warning("later", "ERROR"), at=now(), first=len(seen) * 100))
    assert seen == wanted


def test_a_cursor_is_good_for_its_filter_only(stack: Stack, analyst: Caller) -> None:
    handle(told(warning(), warning(), at=now()))
    cursor = analyst.send("GET", f"{LOGS}?limit=1").json["next_cursor"]
    assert analyst.send("GET", f"{LOGS}?limit=1&cursor={cursor}").json["count"] == 1
    flipped = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for query in (f"level=ERROR&cursor={cursor}", f"service=model&cursor={cursor}", f"cursor={cursor[:-1]}",
                  f"cursor={flipped}", "cursor="):  # fmt: skip
        refused = analyst.send("GET", f"{LOGS}?{query}")
        assert (refused.status, refused.json["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize("asked", ["logs?level=loud", "logs?since=now", "performance?hours=169", "performance?h=1"])
def test_what_cannot_be_asked_for_is_refused(stack: Stack, analyst: Caller, asked: str) -> None:
    assert analyst.send("GET", f"/api/v1/database/{asked}").status == 400


def test_calls_are_counted_by_route_and_key(stack: Stack, analyst: Caller) -> None:
    handle(calls(call(), call(latency_ms="400"), call(status="503", api_key_id="ScoreKey"), call("GET", "/health")))
    response = analyst.send("GET", PERFORMANCE).json
    score, health = response["routes"]
    assert (score["method"], score["route"], score["calls"], score["errors"]) == ("POST", "/api/v1/score", 3, 1)
    assert score["keys"] == {"analyst": 2, "score": 1}
    assert (score["p50_ms"], score["p99_ms"]) == (pytest.approx(40, rel=0.05), pytest.approx(400, rel=0.05))
    assert (health["calls"], response["total"]["calls"]) == (1, 4)


def test_calls_are_grouped_by_what_was_called_and_not_by_proxy(
    stack: Stack, analyst: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    for path in ("transactions/a", "transactions/b", "transactions/a%2Flabel", "transactions/a/label", "nothing/a"):
        analyst.send("GET", f"/api/v1/database/{path}")
    lines = [line for line in capsys.readouterr().out.splitlines() if "LatencyMs" in line]
    at_the_gateway = [call("GET", "/api/v1/database/{proxy+}")] * len(lines)
    handle(told(*lines, at=now()), calls(*at_the_gateway, first=100))
    found = {one["route"]: one["calls"] for one in analyst.send("GET", PERFORMANCE).json["routes"]}
    transaction = "/api/v1/database/transactions/{transaction_id}"
    assert found == {transaction: 3, f"{transaction}/label": 1, "-": 1}


def test_what_no_function_answered_is_counted_where_it_was_refused(stack: Stack, analyst: Caller) -> None:
    handle(calls(call("GET", "/api/v1/database/{proxy+}", error="THROTTLED", status="429")))
    [route] = analyst.send("GET", PERFORMANCE).json["routes"]
    assert (route["route"], route["throttled"]) == ("/api/v1/database/{proxy+}", 1)


def test_no_path_is_in_what_a_function_tells_of_a_call(
    stack: Stack, analyst: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    analyst.send("GET", "/api/v1/database/transactions/C-canary")
    assert "C-canary" not in "".join(line for line in capsys.readouterr().out.splitlines() if "LatencyMs" in line)


def test_a_delivery_that_comes_again_is_counted_once(stack: Stack, analyst: Caller) -> None:
    one, other = calls(call(), call()), calls(call(), first=2)
    lines = told(warning(), at=now())
    handle(one, one, other, lines, one, lines, other)
    assert analyst.send("GET", PERFORMANCE).json["total"]["calls"] == 3
    assert analyst.send("GET", LOGS).json["count"] == 1


def test_without_its_mark_a_delivery_would_be_counted_twice(stack: Stack, analyst: Caller) -> None:
    """Planted: somebody removes the marks."""
    delivery = calls(call())
    handle(delivery)
    for item in items(stack):
        if item["series"]["S"].startswith("delivery#"):
            key = {name: item[name] for name in ("series", "at")}
            client("dynamodb").delete_item(TableName=stack.resolver.refs["LogsTable"], Key=key)
    handle(delivery)
    assert analyst.send("GET", PERFORMANCE).json["total"]["calls"] == 2


def test_an_attempt_that_ended_between_logs_and_counts_is_made_up_for(
    stack: Stack, analyst: Caller, told: Callable[..., None]
) -> None:
    delivery = calls(call(), warning())
    table = stack.resolver.refs["LogsTable"]
    told(LOGS_TABLE="nothing-there")
    with pytest.raises(StoreUnavailable):
        handle(delivery)
    told(LOGS_TABLE=table)
    handle(delivery, delivery)
    assert analyst.send("GET", PERFORMANCE).json["total"]["calls"] == 1
    assert analyst.send("GET", LOGS).json["count"] == 1


def test_deliveries_at_once_are_all_counted_once(engine_stack: Stack, analyst: Caller) -> None:
    """As Lambda does it: the same routes, and every delivery twice."""
    deliveries = [calls(call(), call("GET", "/health"), first=2 * n) for n in range(8)]
    concurrently([partial(handle, delivery) for delivery in deliveries * 2])
    handle(*deliveries)
    assert [route["calls"] for route in analyst.send("GET", PERFORMANCE).json["routes"]] == [8, 8]


def test_who_meets_another_tries_again(stack: Stack, analyst: Caller) -> None:
    """moto knows no conflict between transactions, so the first two attempts are told of one."""
    with refusing([{"Code": "None"}, {"Code": "TransactionConflict"}], times=2):
        handle(calls(call()))
    assert analyst.send("GET", PERFORMANCE).json["total"]["calls"] == 1


def test_what_the_store_refuses_is_not_taken_as_counted(stack: Stack) -> None:
    with refusing([{"Code": "None"}, {"Code": "ThrottlingError"}], times=9), pytest.raises(StoreUnavailable):
        handle(calls(call()))


@contextmanager
def refusing(reasons: list[dict[str, str]], times: int) -> Iterator[None]:
    """Transactions are cancelled so often, for these reasons."""
    left = iter(range(times))

    def refuse(**_: Any) -> None:
        if next(left, None) is not None:
            raise ClientError(
                {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons},  # type: ignore[typeddict-item]
                "TransactWriteItems",
            )

    events, call = dynamodb().meta.events, "before-call.dynamodb.TransactWriteItems"
    events.register(call, refuse)
    yield
    events.unregister(call, refuse)


def test_a_delivery_of_more_routes_than_a_transaction_takes_is_counted_once(stack: Stack, analyst: Caller) -> None:
    delivery = calls(*(call(route=f"/route/{n}") for n in range(60)))
    handle(delivery, delivery)
    response = analyst.send("GET", PERFORMANCE).json
    assert [route["calls"] for route in response["routes"]] == [1] * 60


def test_reading_costs_the_same_however_many_calls_there_were(stack: Stack, analyst: Caller) -> None:
    reads: list[str] = []
    events = dynamodb().meta.events
    events.register("before-call.dynamodb", lambda model, **_: reads.append(model.name))
    costs = []
    for number in (1, 500):
        handle(calls(*[call(latency_ms=str(n)) for n in range(number)], first=number * 1000))
        reads.clear()
        analyst.send("GET", f"{PERFORMANCE}?hours=24")
        costs.append(sorted(reads))
    assert costs[0] == costs[1]
    assert set(costs[0]) == {"Query"}
    assert len(costs[0]) <= 2


def test_all_of_it_ages_out(stack: Stack) -> None:
    handle(calls(call()), told(warning(), at=now()))
    days = {item["series"]["S"].partition("#")[0]: _days(item) for item in items(stack)}
    assert days == {"usage": 29, "log": 29, "delivery": 1} | ({"usage": 30} if days["usage"] == 30 else {})


def _days(item: Mapping[str, Any]) -> int:
    return (datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC) - now()).days


def test_what_is_no_delivery_is_dropped(stack: Stack) -> None:
    handle({}, {"awslogs": {"data": "nothing"}})
    assert items(stack) == []


def test_nothing_about_a_person_is_kept(stack: Stack) -> None:
    handle(
        told("[ERROR] KeyError: 'C-canary'", "[ERROR]\t2026\tC-canary", warning(exception="C-canary"), at=now()),
        calls(call(route="/C-canary", error="MISSING_AUTHENTICATION_TOKEN"), call(method="C-canary", ip="C-canary")),
    )
    assert len(items(stack)) > 3
    assert "canary" not in json.dumps(items(stack))


LET_THROUGH = [
    warning(),
    warning(level="ERROR"),
    warning(level="CRITICAL"),
    "[ERROR] KeyError: 'x'",
    "2026-11-24T10:00:00Z 8f50 Task timed out after 10.00 seconds",
    "RequestId: 8f50 Error: Runtime exited with error: signal: killed",
]


def test_the_template_lets_through_what_is_kept() -> None:
    resources = template()["Resources"].values()
    told = (one["Properties"] for one in resources if one["Type"] == "AWS::Logs::SubscriptionFilter")
    pattern = LogPattern.read(
        "", next(one["FilterPattern"] for one in told if one["LogGroupName"]["Ref"] == "ModelLogs")
    )
    assert [line for line in LET_THROUGH if not pattern.matches(line)] == []
    dropped = [warning(level="INFO"), "START RequestId: 8f50", '{"_aws": {}, "Errors": [1]}']
    assert [line for line in dropped if pattern.matches(line)] == []
