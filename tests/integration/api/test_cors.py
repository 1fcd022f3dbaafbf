"""Which pages a browser may call from: the listed origins, on answers and on errors alike."""

from collections.abc import Callable

import pytest

from tests.caller import HEALTH, INFO, SCORE, Caller
from tests.stack import Stack

LISTED = "https://desk.example"
ALLOW = "access-control-allow-origin"


@pytest.fixture
def origins(lasting_stack: Stack, told: Callable[..., None]) -> None:
    told(CORS_ORIGINS=f"{LISTED}, https://other.example")


def browser(origin: str, key_id: str | None = "AdminKey", header: str = "Origin") -> Caller:
    return Caller(key_id, {header: origin})


@pytest.mark.parametrize("header", ["Origin", "origin"])
def test_a_listed_origin_is_named_back(origins: None, header: str) -> None:
    response = browser(LISTED, header=header).send("GET", INFO)
    assert (response.status, response.headers[ALLOW], response.headers["vary"]) == (200, LISTED, "Origin")


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "null", "", f"{LISTED}.evil.example", "http://desk.example"]
)
def test_any_other_origin_is_not(origins: None, origin: str) -> None:
    response = browser(origin).send("GET", INFO)
    assert response.status == 200
    assert ALLOW not in response.headers


def test_without_an_origin_nothing_is_said(origins: None, caller: Caller) -> None:
    assert ALLOW not in caller.send("GET", INFO).headers


@pytest.mark.parametrize(
    ("caller", "method", "path", "body", "status"),
    [
        (browser(LISTED, None), "GET", INFO, None, 403),
        (browser(LISTED), "GET", "/nothing", None, 404),
        (browser(LISTED), "GET", SCORE, None, 405),
        (browser(LISTED), "POST", SCORE, "not json", 400),
        (browser(LISTED), "POST", SCORE, "\ud800", 400),
    ],
)
def test_an_error_can_be_read_by_the_page_too(
    origins: None, caller: Caller, method: str, path: str, body: str | None, status: int
) -> None:
    response = caller.send_text(method, path, body)
    assert (response.status, response.headers[ALLOW]) == (status, LISTED)


def test_a_star_lets_every_page_in(lasting_stack: Stack, told: Callable[..., None]) -> None:
    told(CORS_ORIGINS="*")
    assert browser("https://elsewhere.example").send("GET", INFO).headers[ALLOW] == "https://elsewhere.example"


def test_a_function_without_settings_still_answers_a_page(lasting_stack: Stack, told: Callable[..., None]) -> None:
    told(TRANSACTIONS_TABLE="")
    response = browser(LISTED).send("GET", HEALTH)
    assert (response.status, response.json["status"]) == (503, "unhealthy")
