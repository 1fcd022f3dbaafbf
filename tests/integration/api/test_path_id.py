"""Whatever stands where a path or a query has an id: on every route that the apps have, found by looking at them."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute

from fraudshield.api.app import create_app
from fraudshield.api.entry import lambda_entry
from fraudshield.api.openapi import declared_query
from fraudshield.dynamo import wiring as dynamo_wiring
from functions.database import app as database
from tests.caller import ApiResponse, Caller
from tests.conftest import README_TRANSACTION, forget
from tests.integration.api.test_scope import NAMED, ROUTES, SERVICES, Service
from tests.stack import KEYS, Stack

HONEST = "/api/v1/database/transactions/honest"
IDS = [
    *("", "x", "x" * 128, "x" * 129, "x" * 2048, "x" * 2049, "x" * 10_000),
    *("%00", "a%00b", "%0A", "%7F", "%C2%85", "%20", "a+b", "%E2%80%AE"),
    *("%2F", "a%2Fb", "%252F", "..", ".", "%2e%2e", "..%2F..", "%2e%2e%2flabel", "a%5Cb"),
    *("%", "%zz", "%u0041", "%FF", "%C3%28", "%ed%a0%80", "%EF%BF%BD", "%F0%9F%98%80"),
    *("%C3%A9" * 64, "%C3%A9" * 1025, "a%3Fb", "a%23b", "a;b", "%27", "%22", "null", "{transaction_id}"),
]
# What no id of any kind can be: a store would refuse it, or find under it what was not meant.
NO_ID = ["x" * 129, "x" * 2048, "x" * 2049, "a%00b", "%0A", "%7F", "%FF", "%C3%28", "%ed%a0%80", "%C3%A9" * 1025]


def with_ids(service: Service) -> list[tuple[str, str]]:
    """Method and path of each route that has a parameter in its path."""
    return sorted(one for one in service.routes if "{" in one[1])


def with_query(service: Service) -> Iterator[tuple[str, str, str]]:
    """Method, path and name of each parameter behind a question mark."""
    for route in service.app.routes:
        if isinstance(route, APIRoute) and (model := declared_query(route)) is not None:
            for name in model.model_fields:
                yield from ((method, route.path_format, name) for method in sorted(route.methods))


PLACES = [(name, *route) for name, service in SERVICES.items() for route in with_ids(service)]
PARAMETERS = [(name, *one) for name, service in SERVICES.items() for one in with_query(service)]


def sent(service: Service, method: str, path: str, given: str, body: object = None) -> ApiResponse:
    """The answer to a request whose parameters are all what is given, as it stands in the path."""
    return Caller(handler=service.handler).send(
        method, service.prefix + re.sub(r"\{\w+\}", lambda _: given, path), body
    )


def refused(answer: ApiResponse) -> bool:
    return answer.status in {400, 404, 422}


@pytest.fixture
def no_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever asks a store is answered 503, since there is none."""
    for name, key_id in KEYS.items():
        monkeypatch.setenv(name, key_id)
    forget()
    yield
    forget()


def test_the_apps_have_such_routes() -> None:
    assert len(PLACES) == sum("{" in path for _, _, path in ROUTES)
    assert ("database", "GET", "/predictions", "transaction_id") in PARAMETERS


@pytest.mark.parametrize("given", NO_ID, ids=lambda one: f"{one[:12]} {len(one)}")
@pytest.mark.parametrize("place", PLACES, ids=" ".join)
def test_what_can_be_no_id_is_refused_before_any_store_is_asked(
    no_store: None, place: tuple[str, str, str], given: str
) -> None:
    name, method, path = place
    if "{account}" in path and len(given) == 129:
        given *= 4  # an account's name may have 512 characters
    body = ROUTES[name, method, path][1]
    assert refused(sent(SERVICES[name], method, path, given, body))


def test_a_route_that_checks_nothing_is_found_by_that(no_store: None) -> None:
    app = create_app("things", "Planted.")

    @app.get("/things/{thing:segment}")
    async def thing(thing: str) -> None:
        dynamo_wiring.cursors()

    planted = Service(app, lambda_entry(app, "/api/v1/things"), "/api/v1/things")
    [(method, path)] = with_ids(planted)
    assert not refused(sent(planted, method, path, "x" * 2049))


@pytest.fixture(scope="module")
def honest(lasting_files: Stack) -> Callable[[], ApiResponse]:
    """A read of a stored transaction by somebody else, in the same process."""
    caller = Caller("ScoreKey", handler=database.lambda_handler)
    caller.send("POST", "/api/v1/database/transactions", README_TRANSACTION | {"transaction_id": "honest"})
    return lambda: caller.send("GET", HONEST)


@pytest.mark.parametrize("place", PLACES, ids=" ".join)
def test_no_id_makes_a_5xx_or_costs_an_honest_reader_an_answer(
    honest: Callable[[], ApiResponse], place: tuple[str, str, str]
) -> None:
    name, method, path = place
    body = ROUTES[name, method, path][1]
    for given in IDS:
        answer = sent(SERVICES[name], method, path, given, body)
        assert answer.status < 500, (given[:20], answer.text)
        assert honest().status == 200, given[:20]


@pytest.mark.parametrize("parameter", PARAMETERS, ids=" ".join)
def test_nothing_behind_a_question_mark_makes_a_5xx_or_costs_an_honest_reader_an_answer(
    honest: Callable[[], ApiResponse], parameter: tuple[str, str, str, str]
) -> None:
    name, method, path, field = parameter
    service, body = SERVICES[name], ROUTES[name, method, path][1]
    for given in IDS:
        query = f"?{field}={quote(given, safe='%+;{}')}"
        answer = Caller(handler=service.handler).send(method, service.prefix + path.format_map(NAMED) + query, body)
        assert answer.status < 500, (given[:20], answer.text)
    assert honest().status == 200
