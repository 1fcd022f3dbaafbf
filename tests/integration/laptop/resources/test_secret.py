"""Secrets of the laptop: made once, kept over restarts, for nobody else to read."""

import stat
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver
from infra.laptop.resources.secret import make_secret, restore_secrets, save_secrets
from infra.laptop.sdk import default_client

SECRET: Any = {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {"PasswordLength": 64}}}


def started(kept: Path) -> str:
    """The value that a laptop has, on a moto of its own."""
    with mock_aws():
        resolver = Resolver({"Resources": {"Signing": SECRET}}, {})
        restore_secrets(default_client, kept)
        make_secret(resolver, default_client, "Signing", SECRET["Properties"])
        save_secrets(resolver, default_client, kept)
        arn = resolver.refs["Signing"]
        return boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]


def test_a_secret_is_the_same_after_a_restart(tmp_path: Path) -> None:
    first = started(tmp_path / "secrets.json")
    assert len(first) == 64
    assert started(tmp_path / "secrets.json") == first


def test_without_the_file_a_new_one_is_made(tmp_path: Path) -> None:
    first = started(tmp_path / "secrets.json")
    (tmp_path / "secrets.json").unlink()
    assert started(tmp_path / "secrets.json") != first


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    started(tmp_path / "secrets.json")
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_a_damaged_file_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("[1]")
    with pytest.raises(SetupError, match="delete it to have new secrets made"):
        started(tmp_path / "secrets.json")
