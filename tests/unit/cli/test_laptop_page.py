"""What the terminal shows."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from infra.cli.application import KEYS
from infra.cli.laptop_page import line, page
from infra.laptop.apigateway.access_log import ServedRequest
from infra.laptop.apigateway.api_key import ApiKey
from infra.laptop.process.dynamodb_engine import DynoxideEngine, Engine, ExternalEngine, MotoEngine
from infra.laptop.running import RunningCloud, ServiceUrl

RUNNING = RunningCloud(
    gateway="http://127.0.0.1:8000",
    page="http://127.0.0.1:8080",
    listeners=(ServiceUrl("model", "http://127.0.0.1:8001"),),
    keys=(
        ApiKey("TEST_API_KEY", "TestApiKey", "value-that-was-set", made=False),
        ApiKey("ADMIN_API_KEY", "AdminApiKey", "m" * 32, made=True),
    ),
    engine=DynoxideEngine(Path("dynoxide"), Path(".local/dynamodb.db")),
    logs=".local/logs",
    outbox="http://127.0.0.1:8025",
    start_s=2.34,
)
SERVED = ServedRequest("POST", "/api/v1/score", 200, 4.2, "TEST_API_KEY", "", "{}")


def shown(what: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=80, color_system=None)
    console.print(what)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    "what",
    ["http://127.0.0.1:8000", "http://127.0.0.1:8025", "http://127.0.0.1:8001", "dynoxide", ".local/logs", "2.3 s"],
)
def test_the_page_says_where_everything_is(what: str) -> None:
    assert what in shown(page(RUNNING))


def test_a_made_key_is_shown_and_one_that_was_set_is_not() -> None:
    assert "m" * 32 in shown(page(RUNNING))
    assert "value-that-was-set" not in shown(page(RUNNING))


def test_a_link_signs_in_with_a_key_that_was_made_here_and_tells_none_that_was_set() -> None:
    assert f"http://127.0.0.1:8080/#key={32 * 'm'}" in shown(page(RUNNING))
    chosen = replace(RUNNING, keys=(ApiKey("ADMIN_API_KEY", "AdminApiKey", "value-that-was-set", made=False),))
    assert "http://127.0.0.1:8080/  (sign in with ADMIN_API_KEY)" in shown(page(chosen))


def test_a_key_too_short_for_aws_is_warned_of() -> None:
    assert "TEST_API_KEY has 18 characters" in shown(page(RUNNING))
    assert "ADMIN_API_KEY has" not in shown(page(RUNNING))


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        (DynoxideEngine(Path("dynoxide"), Path("dynamodb.db")), "in dynamodb.db: it survives a restart"),
        (MotoEngine("npm is gone"), "moto, because npm is gone, in memory only"),
        (ExternalEngine("http://a"), "at http://a, as AWS_ENDPOINT_URL_DYNAMODB (what survives, it knows)"),
    ],
)
def test_the_page_says_whether_the_data_outlives_the_run(engine: Engine, said: str) -> None:
    assert said in " ".join(shown(page(replace(RUNNING, engine=engine))).split())


def test_of_the_users_own_engine_nothing_is_promised() -> None:
    assert "restart" not in shown(page(replace(RUNNING, engine=ExternalEngine("http://a"))))


def test_a_line_has_method_path_status_time_and_the_keys_name() -> None:
    assert shown(line(SERVED)).split() == ["POST", "/api/v1/score", "200", "4.2", "ms", "TEST_API_KEY"]


def test_a_line_without_a_key_says_so() -> None:
    assert shown(line(replace(SERVED, key=""))).split()[-1] == "-"


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("path", ["/", "/" + 37 * "a", "/" + 38 * "a", "/" + 500 * "a"])
def test_a_line_fits_80_columns(key: str, path: str) -> None:
    one = replace(SERVED, method="PROPPATCH", path=path, ms=29_000.1, key=key)
    assert len(str(line(one))) <= 80
    assert str(line(one)).endswith(key)


def test_a_path_is_shortened_only_where_it_must_be() -> None:
    assert f"/{37 * 'a'} 200" in str(line(replace(SERVED, path="/" + 37 * "a")))
    assert f"/{34 * 'a'}... 200" in str(line(replace(SERVED, path="/" + 38 * "a")))


def test_a_line_says_what_went_wrong_behind_the_answer() -> None:
    note = "ModelFunction: Runtime.ExitError"
    assert shown(line(replace(SERVED, status=502, note=note))).splitlines()[1] == f"  {note}"


def test_a_path_that_looks_like_markup_is_shown_as_it_is() -> None:
    assert "/[bold]x[/bold]" in shown(line(replace(SERVED, path="/[bold]x[/bold]")))
