"""Which DynamoDB a laptop cloud runs on, and what is said of its data."""

from pathlib import Path

import pytest

from infra.laptop.errors import SetupError
from infra.laptop.process import dynamodb_engine, dynoxide
from infra.laptop.process.dynamodb_engine import DynoxideEngine, ExternalEngine, MotoEngine, choose, serve


def test_an_address_that_the_user_sets_wins(tmp_path: Path) -> None:
    chosen = choose({dynamodb_engine.SETTING: "http://127.0.0.1:8777/"}, tmp_path, npm="no-such-npm")
    assert chosen == ExternalEngine("http://127.0.0.1:8777")


def test_an_empty_address_counts_as_none(tmp_path: Path) -> None:
    assert not isinstance(choose({dynamodb_engine.SETTING: ""}, tmp_path), ExternalEngine)


@pytest.mark.parametrize("address", ["127.0.0.1:8777", "localhost", "ftp://localhost", "http://", "http://x:99999"])
def test_an_address_that_is_no_url_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(SetupError, match=dynamodb_engine.SETTING):
        choose({dynamodb_engine.SETTING: address}, tmp_path)


def test_where_npm_gives_dynoxide_data_lie_on_disk(tmp_path: Path) -> None:
    found = dynoxide.binary()
    if isinstance(found, dynoxide.EngineMissing):
        pytest.skip(found.reason)
    assert choose({}, tmp_path) == DynoxideEngine(found, tmp_path / "dynamodb.db")


def test_without_dynoxide_it_is_moto_and_the_reason_is_said(tmp_path: Path) -> None:
    chosen = choose({}, tmp_path, tmp_path, npm="no-such-npm")
    assert isinstance(chosen, MotoEngine)
    assert chosen.name.startswith("moto, because ")


def test_an_engine_in_memory_answers_where_the_services_do(tmp_path: Path) -> None:
    with serve(MotoEngine("of the test"), 0, "http://127.0.0.1:5005", tmp_path) as endpoint:
        assert endpoint == "http://127.0.0.1:5005"


def test_a_given_engine_is_used_as_it_is(tmp_path: Path) -> None:
    with serve(ExternalEngine("http://127.0.0.1:8777"), 0, "http://127.0.0.1:5005", tmp_path) as endpoint:
        assert endpoint == "http://127.0.0.1:8777"
