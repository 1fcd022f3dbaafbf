"""`fraudshield upgrade` on a folder that an earlier version left: upgraded once, with a copy; else left alone."""

import lzma
from pathlib import Path

import pytest

from infra.cli import upgrade
from infra.cli.application import cloud_options
from infra.laptop.errors import SetupError
from infra.laptop.process import dynoxide
from infra.laptop.state import StateDirectory
from tests.stored_before import VERSION_1_4


def upgraded(home: Path) -> list[str]:
    said: list[str] = []
    upgrade.laptop(home, {}, cloud_options({}, home, 0).parameters, said.append)
    return said


def test_a_folder_of_before_is_upgraded_once_and_copied(tmp_path: Path) -> None:
    if isinstance(missing := dynoxide.binary(), dynoxide.EngineMissing):
        pytest.skip(f"NOT UPGRADED: {missing.reason}")
    before = lzma.decompress((VERSION_1_4 / "dynamodb.db.xz").read_bytes())
    (tmp_path / "dynamodb.db").write_bytes(before)
    said = upgraded(tmp_path)
    assert said[-1] == "Upgraded: TransactionsTable"
    assert sum("index" in line for line in said) == 13
    assert "10 payments are found by their entities now" in said
    assert upgraded(tmp_path) == ["The tables are as this version has them"]
    assert len([*tmp_path.glob("dynamodb.db.2*")]) == 1


def test_where_nothing_lies_nothing_is_made(tmp_path: Path) -> None:
    [said] = upgraded(tmp_path)
    assert said.startswith("There is nothing to upgrade")
    assert not (tmp_path / "dynamodb.db").exists()


def test_what_runs_is_not_upgraded(tmp_path: Path) -> None:
    with StateDirectory(tmp_path).held("FraudShield", "end it"), pytest.raises(SetupError, match="runs already"):
        upgraded(tmp_path)
