"""Who may do what: one line per route, and a route without a line fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from fraudshield.api.entry import Handler
from fraudshield.api.request import SCOPES
from functions.analytics import app as analytics
from functions.batch import app as batch
from functions.database import app as database
from functions.ingest import app as ingest
from functions.model import app as model
from functions.monitoring import app as monitoring
from functions.notification import app as notification
from functions.policy import app as policy
from tests.caller import EXPLAIN, POLICY, SCORE, Caller
from tests.conftest import README_TRANSACTION
from tests.stack import KEYS, Stack

KEY_IDS = tuple(KEYS.values())
ANYBODY = (*KEY_IDS, None, "somebody-elses-key-id", "")


@dataclass(frozen=True, slots=True)
class Service:
    """An app as API Gateway reaches it."""

    app: FastAPI
    handler: Handler
    prefix: str

    @property
    def routes(self) -> set[tuple[str, str]]:
        """Method and path of each."""
        routes = [route for route in self.app.routes if isinstance(route, APIRoute)]
        return {(method, route.path_format) for route in routes for method in route.methods}


SERVICES = {
    "model": Service(model.app, model.lambda_handler, "/api/v1/model"),
    "analytics": Service(analytics.app, analytics.lambda_handler, "/api/v1/analytics"),
    "database": Service(database.app, database.lambda_handler, "/api/v1/database"),
    "ingest": Service(ingest.app, ingest.lambda_handler, "/api/v1/ingest"),
    "batch": Service(batch.app, batch.lambda_handler, "/api/v1/batch"),
    "monitoring": Service(monitoring.app, monitoring.lambda_handler, "/api/v1/monitoring"),
    "policy": Service(policy.app, policy.lambda_handler, "/api/v1/policy"),
    "notification": Service(notification.app, notification.lambda_handler, "/api/v1/notifications"),
}

# Service, method, path as it is sent, route where that has a name in it: the scope, and a body that is good.
LABEL = "/transactions/{transaction_id}/label"
POLICY_CHANGE = {"based_on": 1, "thresholds": {"review": 0.1, "block": 0.5}}
DRAFT_CHANGE = {"based_on_digest": "0" * 64, "thresholds": {"review": 0.1, "block": 0.5}}
PREDICTION = {
    "transaction_id": "nobody",
    "risk_score": 0.5,
    "prediction": 1,
    "confidence": 0.5,
    "model_version": "a",
    "service_used": "b",
}
SUBSCRIBER = {"notification_type": "system_alerts", "contact": {"name": "a", "email": "a@example.org"}}
VERDICT = {"verdict": "release"}
JOB = {"job_type": "process_transactions", "data": {"transactions": [README_TRANSACTION]}}
# Without which a route refuses.
QUERIES = {"/predictions": "?transaction_id=nobody", "/versions/{version}/difference": "?to=1"}
ROUTES: Mapping[tuple[str, str, str], tuple[str | None, Any]] = {
    ("model", "POST", "/score"): ("score", {"transactions": [README_TRANSACTION]}),
    ("model", "POST", "/explain"): ("score", {"transaction": README_TRANSACTION}),
    ("model", "POST", "/replay"): ("analyst", {"transaction_id": "nobody"}),
    ("model", "POST", "/replays"): ("analyst", {"transaction_ids": ["nobody"]}),
    ("model", "GET", "/model/info"): ("score", None),
    ("model", "GET", "/health"): (None, None),
    ("model", "GET", "/policy"): ("analyst", None),
    ("model", "PUT", "/policy"): ("admin", POLICY_CHANGE),
    ("analytics", "GET", "/health"): (None, None),
    ("analytics", "GET", "/fraud-trends"): ("analyst", None),
    ("analytics", "GET", "/transaction-patterns"): ("analyst", None),
    ("analytics", "GET", "/risk-distribution"): ("analyst", None),
    ("analytics", "GET", "/model-performance"): ("analyst", None),
    ("analytics", "GET", "/dashboard-summary"): ("analyst", None),
    ("database", "GET", "/health"): (None, None),
    ("database", "GET", "/statistics"): ("analyst", None),
    ("database", "GET", LABEL): ("analyst", None),
    ("database", "PUT", LABEL): ("analyst", {"label": "fraud"}),
    ("database", "DELETE", LABEL): ("analyst", None),
    ("database", "DELETE", "/accounts/{account}"): ("admin", None),
    ("database", "DELETE", "/transactions/{transaction_id}"): ("admin", None),
    ("database", "DELETE", "/entities/{entity}/{value}"): ("admin", None),
    ("database", "POST", "/transactions/{transaction_id}/facts"): ("score", {"declined": True}),
    ("database", "POST", "/labels"): ("analyst", "no CSV"),
    ("database", "GET", "/accounts/{account}"): ("analyst", None),
    ("database", "GET", "/entities/{entity}/{value}"): ("analyst", None),
    ("database", "GET", "/entities/{entity}/{value}/links"): ("analyst", None),
    ("database", "GET", "/transactions/{transaction_id}/timeline"): ("analyst", None),
    ("database", "POST", "/transactions/{transaction_id}/notes"): ("analyst", {"note": "a"}),
    ("database", "POST", "/reviews/next"): ("analyst", {}),
    ("database", "POST", "/reviews/verdicts"): ("analyst", {"verdicts": [VERDICT | {"transaction_id": "nobody"}]}),
    ("database", "GET", "/reviews"): ("score", None),
    ("database", "GET", "/reviews/{transaction_id}/verdict"): ("analyst", None),
    ("database", "POST", "/reviews/{transaction_id}/verdict"): ("analyst", VERDICT),
    ("database", "DELETE", "/reviews/{transaction_id}/verdict"): ("analyst", None),
    ("database", "POST", "/reviews/{transaction_id}/claim"): ("analyst", None),
    ("database", "DELETE", "/reviews/{transaction_id}/claim"): ("analyst", None),
    ("database", "GET", "/logs"): ("analyst", None),
    ("database", "GET", "/performance"): ("analyst", None),
    ("database", "POST", "/transactions"): ("score", {"transaction": README_TRANSACTION}),
    ("database", "GET", "/transactions"): ("analyst", None),
    ("database", "GET", "/decisions"): ("analyst", None),
    ("database", "GET", "/transactions/{transaction_id}"): ("score", None),
    ("database", "POST", "/predictions"): ("score", PREDICTION),
    ("database", "GET", "/predictions"): ("analyst", None),
    ("policy", "PUT", "/rates"): ("admin", "no CSV"),
    ("policy", "GET", "/rates"): ("analyst", None),
    ("policy", "POST", "/versions/{version}/backtests"): (
        "analyst",
        {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"},
    ),
    ("policy", "GET", "/backtests/{backtest_id}"): ("analyst", None),
    ("policy", "GET", "/versions/{version}/shadow"): ("analyst", None),
    ("policy", "POST", "/check"): ("analyst", {"when": "amount > 1"}),
    ("policy", "GET", "/versions"): ("analyst", None),
    ("policy", "POST", "/versions"): ("admin", POLICY_CHANGE),
    ("policy", "GET", "/versions/{version}"): ("analyst", None),
    ("policy", "PUT", "/versions/{version}"): ("admin", DRAFT_CHANGE),
    ("policy", "DELETE", "/versions/{version}"): ("admin", None),
    ("policy", "GET", "/versions/{version}/difference"): ("analyst", None),
    ("policy", "POST", "/versions/{version}/activate"): ("admin", {"note": "agreed", "force": True}),
    ("policy", "POST", "/rollback"): ("admin", {}),
    ("policy", "GET", "/breaker"): ("analyst", None),
    ("policy", "POST", "/breaker/close"): ("admin", {"note": "right"}),
    ("policy", "GET", "/model/versions"): ("analyst", None),
    ("policy", "GET", "/model/versions/{model_version}/report"): ("analyst", None),
    ("policy", "POST", "/model/versions/{model_version}/activate"): ("admin", {"note": "agreed"}),
    ("policy", "POST", "/model/versions/{model_version}/challenge"): ("admin", None),
    ("policy", "GET", "/model/versions/{model_version}/shadow"): ("analyst", None),
    ("policy", "POST", "/model/comparisons"): ("analyst", {"challenger": "none", "from": "2026-11-01T00:00:00Z"}),
    ("policy", "GET", "/model/comparisons/{comparison_id}"): ("analyst", None),
    ("policy", "POST", "/model/rollback"): ("admin", {}),
    ("policy", "POST", "/model/thresholds/propose"): ("admin", {"from": "2026-11-01T00:00:00Z"}),
    ("policy", "GET", "/lists"): ("analyst", None),
    ("policy", "GET", "/library"): ("analyst", None),
    ("policy", "PUT", "/lists/{name}"): ("admin", {"kind": "account"}),
    ("policy", "GET", "/lists/{name}/entries"): ("analyst", None),
    ("policy", "POST", "/lists/{name}/entries"): ("analyst", {"value": "nobody"}),
    ("policy", "DELETE", "/lists/{name}/entries/{listed_value}"): ("analyst", None),
    ("policy", "GET", "/rules/statistics"): ("analyst", None),
    ("ingest", "POST", "/ingest"): ("score", {"transaction": README_TRANSACTION}),
    ("ingest", "GET", "/quality"): ("analyst", None),
    ("ingest", "POST", "/score"): ("score", {"transactions": [README_TRANSACTION]}),
    ("ingest", "GET", "/health"): (None, None),
    ("ingest", "GET", "/stats"): ("analyst", None),
    ("ingest", "GET", "/transactions"): ("analyst", None),
    ("ingest", "GET", "/export"): ("analyst", None),
    ("batch", "POST", "/jobs"): ("score", JOB),
    ("batch", "GET", "/jobs"): ("analyst", None),
    ("batch", "GET", "/jobs/{job_id}"): ("score", None),
    ("batch", "DELETE", "/jobs/{job_id}"): ("score", None),
    ("batch", "POST", "/uploads"): ("score", {}),
    ("batch", "GET", "/stats"): ("analyst", None),
    ("batch", "GET", "/health"): (None, None),
    ("monitoring", "GET", "/health"): (None, None),
    ("monitoring", "GET", "/overview"): ("analyst", None),
    ("monitoring", "GET", "/services"): ("analyst", None),
    ("monitoring", "GET", "/metrics"): ("analyst", None),
    ("monitoring", "GET", "/alerts"): ("analyst", None),
    ("monitoring", "POST", "/alerts/{alert_id}/acknowledge"): ("analyst", None),
    ("policy", "GET", "/health"): (None, None),
    ("policy", "GET", "/audit"): ("admin", None),
    ("policy", "GET", "/event-types"): ("analyst", None),
    ("policy", "POST", "/event-types"): ("admin", {"name": "x_payment", "extends": "payment"}),
    ("policy", "GET", "/event-types/{name}"): ("score", None),
    ("policy", "GET", "/event-types/{name}/versions/{version}"): ("score", None),
    ("notification", "GET", "/health"): (None, None),
    ("notification", "POST", "/fraud-alert"): ("score", {"transaction": README_TRANSACTION, "risk_score": 0.9}),
    ("notification", "POST", "/system-alert"): ("admin", {"alert_type": "a", "message": "b"}),
    ("notification", "POST", "/subscribers"): ("admin", SUBSCRIBER),
    ("notification", "GET", "/subscribers"): ("admin", None),
    ("notification", "DELETE", "/subscribers/{subscriber_id}"): ("admin", None),
    ("notification", "GET", "/history"): ("analyst", None),
    ("notification", "GET", "/stats"): ("analyst", None),
    ("notification", "GET", "/thresholds"): ("analyst", None),
    ("notification", "GET", "/thresholds/history"): ("analyst", None),
    ("notification", "PUT", "/thresholds"): ("admin", {"based_on": 1}),
    ("notification", "GET", "/confirm"): (None, None),
    ("notification", "POST", "/confirm"): (None, None),
    ("notification", "GET", "/unsubscribe"): (None, None),
    ("notification", "POST", "/unsubscribe"): (None, None),
}
OF_NOBODY = ("/reviews/verdicts",)  # all of which fail, as the answer's status says
OF_THE_FIRST = (
    "/versions/{version}",
    "/rollback",
    "/model/rollback",
    "/model/thresholds/propose",
    "/breaker/close",
)  # which is no draft, before which there was none, which has no traffic, and which holds nothing back
LINKS = ("/confirm", "/unsubscribe")  # without a token they are refused, to anybody
NAMED: Mapping[str, str] = {
    "name": "payment",
    "version": "1",
    "model_version": "none",
    "job_id": "job-none",
    "backtest_id": "backtest-none",
    "comparison_id": "backtest-none",
    "account": "nobody",
    "entity": "nothing",
    "value": "nobody",
    "listed_value": "nobody",
    "alert_id": "none",
    "subscriber_id": "nobody",
    "transaction_id": "nobody",
    "digest": "0123456789abcdef",
    "path": "app.js",
}  # what stands for a name in a route's path when it is sent


def allowed(scope: str | None) -> tuple[str | None, ...]:
    """The key ids that a scope lets in."""
    return ANYBODY if scope is None else KEY_IDS[SCOPES.index(scope) :]


@pytest.mark.parametrize("name", SERVICES)
def test_every_route_says_who_may_call_it(name: str) -> None:
    assert SERVICES[name].routes == {(method, path) for service, method, path in ROUTES if service == name}


@pytest.mark.parametrize("key_id", [*KEY_IDS, None, "", "somebody-elses-key-id"])
@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_route_answers_those_who_may_and_no_one_else(
    lasting_files: Stack, route: tuple[str, str, str], key_id: str | None
) -> None:
    name, method, path = route
    scope, body = ROUTES[route]
    service = SERVICES[name]
    sent = service.prefix + path.format_map(NAMED) + (QUERIES.get(path, "") if method == "GET" else "")
    response = Caller(key_id, {"X-Claim": "nobodys"}, service.handler).send(method, sent, body)
    if key_id in allowed(scope):
        assert "scope_missing" not in response.text
        refused = path in {*LINKS, *OF_NOBODY, *OF_THE_FIRST}
        assert response.status in {200, 201, 202, 404, 415} or refused  # 415 for no file
    else:
        assert (response.status, response.json["code"]) == (403, "scope_missing")


def test_who_may_not_score_stores_nothing(lasting_files: Stack, caller: Caller) -> None:
    Caller(None).score(README_TRANSACTION | {"transaction_id": "uninvited"})
    assert caller.send("POST", EXPLAIN, {"transaction_id": "uninvited"}).status == 404


def test_a_key_that_the_settings_leave_empty_opens_nothing(lasting_files: Stack, told: Callable[..., None]) -> None:
    told(ADMIN_KEY_IDS="")
    assert Caller("").send("PUT", POLICY, POLICY_CHANGE).status == 403


def test_two_keys_of_a_scope_open_the_same(lasting_files: Stack, told: Callable[..., None]) -> None:
    told(ADMIN_KEY_IDS="old,new")
    statuses = [Caller(key).send("GET", POLICY).status for key in ("old", "new", "old,new", "")]
    assert statuses == [200, 200, 403, 403]


def test_who_may_not_is_refused_before_the_body_is_read(lasting_files: Stack) -> None:
    assert Caller(None).send_text("POST", SCORE, "not json").status == 403
