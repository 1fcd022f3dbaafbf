"""Settings: what is read from the environment, and what is said when it is wrong."""

from collections.abc import Callable
from typing import Annotated

import pytest
from pydantic import Field

from fraudshield.api.settings import OriginSettings, RequestSettings
from fraudshield.dynamo.wiring import DocumentSettings, SecretSettings
from fraudshield.errors import ConfigurationError
from fraudshield.settings import RETIRED, Settings, settings
from fraudshield.transaction.wiring import RetentionSettings


class Wanted(Settings):
    """Several of a kind, as a wiring has."""

    transactions_table: str
    policies_table: str
    unpersisted_queue_url: str
    retention_days: Annotated[int, Field(ge=0)] = 0


NEEDED = {"TRANSACTIONS_TABLE": "t", "POLICIES_TABLE": "p", "UNPERSISTED_QUEUE_URL": "q"}


def test_each_field_comes_from_the_variable_of_its_name() -> None:
    read = Wanted.from_env(NEEDED | {"LOG_LEVEL": "DEBUG", "RETENTION_DAYS": "10", "UNRELATED": "x"})
    assert (read.transactions_table, read.log_level, read.retention_days) == ("t", "DEBUG", 10)


def test_everything_that_is_missing_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"TRANSACTIONS_TABLE.*POLICIES_TABLE.*UNPERSISTED_QUEUE_URL"):
        Wanted.from_env({})


def test_what_another_concept_needs_is_not_asked_for() -> None:
    assert DocumentSettings.from_env({"POLICIES_TABLE": "p"}).policies_table == "p"
    assert RequestSettings.from_env({"RETENTION_DAYS": "-1"}).max_batch_size == 1000


def test_an_empty_variable_counts_as_absent() -> None:
    assert Wanted.from_env(NEEDED | {"LOG_LEVEL": ""}).log_level == "INFO"
    with pytest.raises(ConfigurationError, match="POLICIES_TABLE"):
        Wanted.from_env(NEEDED | {"POLICIES_TABLE": ""})


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (RequestSettings, "MAX_BATCH_SIZE", "0"),
        (RequestSettings, "MAX_BATCH_SIZE", "1001"),
        (RequestSettings, "MAX_BATCH_SIZE", "many"),
        (RequestSettings, "LOG_LEVEL", "LOUD"),
        (RetentionSettings, "RETENTION_DAYS", "-1"),
    ],
)
def test_a_value_out_of_bounds_is_refused_by_name(kind: type[Settings], name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name}: "):
        kind.from_env(NEEDED | {name: value})


@pytest.mark.parametrize("name", RETIRED)
def test_an_old_name_is_answered_with_what_replaced_it(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} is not used any more. "):
        Wanted.from_env(NEEDED | {name: "something"})
    assert Wanted.from_env(NEEDED | {name: ""})


@pytest.mark.parametrize(
    ("listed", "origins"),
    [
        ("", set()),
        ("https://a.example", {"https://a.example"}),
        (" https://a.example , ,https://b.example,", {"https://a.example", "https://b.example"}),
        ("*", {"*"}),
    ],
)
def test_origins_are_listed_with_commas(listed: str, origins: set[str]) -> None:
    assert OriginSettings.from_env({"CORS_ORIGINS": listed}).allowed_origins == origins


@pytest.mark.parametrize("origin", ["https://a.example/", "https://a.example/page", "a.example", "null", "https://A.b"])
def test_an_origin_that_no_browser_sends_is_refused(origin: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^CORS_ORIGINS: .*; found {origin}"):
        OriginSettings.from_env({"CORS_ORIGINS": f"https://good.example,{origin}"})


def test_a_process_reads_each_kind_once(told: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    told(SIGNING_SECRET_ARN="one")
    first = settings(SecretSettings)
    monkeypatch.setenv("SIGNING_SECRET_ARN", "another")
    assert settings(SecretSettings) is first
