"""Path parameters are checked before any store is asked: here there is none, and to ask one would be a 503."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from fraudshield.api.entry import Handler
from functions.batch import app as batch
from functions.database import app as database
from functions.monitoring import app as monitoring
from functions.notification import app as notification
from tests.caller import ApiResponse, Caller
from tests.conftest import forget
from tests.stack import KEYS

TRANSACTION = "/api/v1/database/transactions/{}"
ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", TRANSACTION): database.lambda_handler,
    ("GET", f"{TRANSACTION}/label"): database.lambda_handler,
    ("PUT", f"{TRANSACTION}/label"): database.lambda_handler,
    ("DELETE", f"{TRANSACTION}/label"): database.lambda_handler,
    ("DELETE", "/api/v1/database/accounts/{}"): database.lambda_handler,
    ("GET", "/api/v1/batch/jobs/{}"): batch.lambda_handler,
    ("DELETE", "/api/v1/batch/jobs/{}"): batch.lambda_handler,
    ("POST", "/api/v1/monitoring/alerts/{}/acknowledge"): monitoring.lambda_handler,
    ("DELETE", "/api/v1/notifications/subscribers/{}"): notification.lambda_handler,
}
IMPOSSIBLE = {
    "129 characters": "x" * 129,
    "2,049 bytes": "x" * 2049,
    "a NUL": "a\0b",
    "a line break": "a\nb",
    "DEL": "a\x7fb",
}


@pytest.fixture(autouse=True)
def _no_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, key_id in KEYS.items():
        monkeypatch.setenv(name, key_id)
    forget()
    yield
    forget()


def send(route: tuple[str, str], parameter: str) -> ApiResponse:
    method, path = route
    body = {"label": "fraud"} if method == "PUT" else None
    return Caller(handler=ROUTES[route]).send(method, path.format(parameter), body)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
@pytest.mark.parametrize("sent", ["G%E4rtner", "G%EF%BF%BDrtner", "%ff", "%ed%a0%80"])
def test_bytes_that_are_no_utf8_are_refused(route: tuple[str, str], sent: str) -> None:
    response = send(route, sent)
    assert (response.status, response.json["code"]) == (400, "invalid_path")
    assert "not UTF-8" in response.json["detail"]


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_cannot_be_an_id_is_not_there(route: tuple[str, str], case: str) -> None:
    given = IMPOSSIBLE[case]
    if "accounts" in route[1] and len(given) == 129:
        given *= 4  # an account's name may have 512 characters
    response = send(route, quote(given, safe=""))
    unknown = (422, "invalid_account") if "accounts" in route[1] else (404, "not_found")
    assert (response.status, response.json["code"]) == unknown


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_what_can_be_one_is_looked_for(route: tuple[str, str]) -> None:
    assert send(route, quote("é" * 32, safe="")).status == 503
