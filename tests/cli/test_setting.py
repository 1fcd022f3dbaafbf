"""Settings: the environment over `.env`."""

from pathlib import Path

import pytest

from fraudshield.errors import ConfigurationError
from infra.cli.application import FRAUDSHIELD, cloud_options
from infra.cli.setting import settings
from infra.laptop.apigateway.api_key import keys


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=value", "value"),
        ("export NAME=value", "value"),
        ("  NAME = value  ", "value"),
        ("NAME=a=b#c", "a=b#c"),
        ("NAME=value # why", "value"),
        ('NAME="two words # both"', "two words # both"),
        ("NAME='$literal'  # why", "$literal"),
        ("\ufeffNAME=value", "value"),
        ("NAME=one\nNAME=two", "two"),
        ("# NAME=other\n\nNAME=value", "value"),
    ],
)
def test_a_line_sets_a_name(env_file: Path, line: str, value: str) -> None:
    env_file.write_text(line, encoding="utf-8")
    assert settings(env_file, {}) == {"NAME": value}


@pytest.mark.parametrize("line", ["NAME=", "NAME=   ", "NAME= # nothing", 'NAME=""'])
def test_an_empty_value_is_not_set(env_file: Path, line: str) -> None:
    env_file.write_text(line)
    assert settings(env_file, {}) == {}


def test_the_environment_wins(env_file: Path) -> None:
    env_file.write_text("MODEL_VERSION=file\nLOG_LEVEL=DEBUG\n")
    assert settings(env_file, {"MODEL_VERSION": "shell"}) == {"MODEL_VERSION": "shell", "LOG_LEVEL": "DEBUG"}


def test_without_the_file_the_environment_is_all(env_file: Path) -> None:
    assert settings(env_file, {"MODEL_VERSION": "1"}) == {"MODEL_VERSION": "1"}


@pytest.mark.parametrize("line", ["NAME", "1NAME=x", "NA ME=x", "secret-value"])
def test_a_line_that_sets_nothing_is_refused_by_number_and_never_shown(env_file: Path, line: str) -> None:
    env_file.write_text(f"LOG_LEVEL=INFO\n{line}\n")
    with pytest.raises(ConfigurationError, match="line 2: expected NAME=value") as refused:
        settings(env_file, {})
    assert line not in str(refused.value).replace(str(env_file), "").replace("NAME=value", "")


def test_a_file_that_is_not_text_is_refused(env_file: Path) -> None:
    env_file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        settings(env_file, {})


@pytest.mark.parametrize("name", ["DATABASE_URL", "EMAIL_PASSWORD"])
def test_a_retired_name_sets_nothing_and_says_what_replaced_it(env_file: Path, name: str) -> None:
    env_file.write_text(f"{name}=x\nLOG_LEVEL=DEBUG\n")
    said: list[str] = []
    assert settings(env_file, {}, said.append) == {"LOG_LEVEL": "DEBUG"}
    assert [line for line in said if line.startswith(f"{name} is not used any more")] == said
    assert len(said) == 1


OF_1_3 = """# Database
DATABASE_URL=sqlite:///fraudshield.db

# Email Notifications
EMAIL_USERNAME=your_email@gmail.com
EMAIL_PASSWORD=your_app_password

# API Keys
FRONTEND_API_KEY=fs_frontend_key_123
ADMIN_API_KEY=fs_admin_key_456

# Monitoring Thresholds
ALERT_CPU_THRESHOLD=80
ALERT_MEMORY_THRESHOLD=85
ALERT_DISK_THRESHOLD=90

# Rate Limiting
RATE_LIMIT_REQUESTS=100
RATE_LIMIT_WINDOW=60
"""


def test_the_file_of_version_1_3_starts_the_laptop(env_file: Path, tmp_path: Path) -> None:
    env_file.write_text(OF_1_3)
    said: list[str] = []
    known = settings(env_file, {}, said.append)
    assert len(said) == 2
    assert cloud_options(known, tmp_path, 0).sender == "your_email@gmail.com"
    held = {key.setting: key.value for key in keys(FRAUDSHIELD.key_parameters, {}, known, tmp_path / "keys.json")}
    assert (held["FRONTEND_API_KEY"], held["ADMIN_API_KEY"]) == ("fs_frontend_key_123", "fs_admin_key_456")


def test_the_example_file_can_be_copied() -> None:
    example = Path(__file__).parents[2] / ".env.example"
    assert settings(example, {})["LOG_LEVEL"] == "INFO"
