"""Settings: what is read from the environment, and what is said when it is wrong."""

import pytest

from fraudshield.errors import ConfigurationError
from fraudshield.settings import RETIRED, Settings

NEEDED = {
    "TRANSACTIONS_TABLE": "t",
    "POLICIES_TABLE": "p",
    "AGGREGATES_TABLE": "a",
    "ERASURES_TABLE": "e",
    "MONITORING_TABLE": "m",
    "INGEST_QUEUE_URL": "i",
    "LOGS_TABLE": "l",
    "JOBS_TABLE": "j",
    "JOBS_BUCKET": "b",
    "JOBS_TOPIC_ARN": "o",
    "BATCH_MACHINE_ARN": "z",
    "FILE_ERASURES_QUEUE_URL": "f",
    "UNPERSISTED_QUEUE_URL": "q",
    "AGGREGATES_RETRY_QUEUE_URL": "r",
    "NOTIFICATIONS_TABLE": "n",
    "MAIL_QUEUE_URL": "c",
    "ALERTS_RETRY_QUEUE_URL": "x",
    "SIGNING_SECRET_ARN": "s",
}


def test_each_field_comes_from_the_variable_of_its_name() -> None:
    read = Settings.from_env(NEEDED | {"LOG_LEVEL": "DEBUG", "MAX_BATCH_SIZE": "10", "UNRELATED": "x"})
    assert (read.transactions_table, read.log_level, read.max_batch_size) == ("t", "DEBUG", 10)


def test_everything_that_is_missing_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"TRANSACTIONS_TABLE.*POLICIES_TABLE.*UNPERSISTED_QUEUE_URL"):
        Settings.from_env({})


def test_an_empty_variable_counts_as_absent() -> None:
    assert Settings.from_env(NEEDED | {"LOG_LEVEL": ""}).log_level == "INFO"
    with pytest.raises(ConfigurationError, match="POLICIES_TABLE"):
        Settings.from_env(NEEDED | {"POLICIES_TABLE": ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_BATCH_SIZE", "0"),
        ("MAX_BATCH_SIZE", "1001"),
        ("MAX_BATCH_SIZE", "many"),
        ("LOG_LEVEL", "LOUD"),
        ("RETENTION_DAYS", "-1"),
    ],
)
def test_a_value_out_of_bounds_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name}: "):
        Settings.from_env(NEEDED | {name: value})


@pytest.mark.parametrize("name", RETIRED)
def test_an_old_name_is_answered_with_what_replaced_it(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} is not used any more. "):
        Settings.from_env(NEEDED | {name: "something"})
    assert Settings.from_env(NEEDED | {name: ""})


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
    assert Settings.from_env(NEEDED | {"CORS_ORIGINS": listed}).allowed_origins == origins
