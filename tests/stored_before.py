"""What earlier versions stored, laid into this version's tables: moto's, or the SQLite file as it was left."""

import json
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from infra.laptop.process import dynoxide
from infra.laptop.process.dynamodb_engine import DynoxideEngine
from infra.laptop.upgrading import upgrade_tables
from tests.conftest import connected
from tests.engine import one_at_a_time
from tests.moto_snapshot import restored_stack
from tests.stack import Stack, client, template

VERSION_0_1, VERSION_1_4 = (Path(__file__).parent / f"data/stored_by_{name}" for name in ("0_1", "1_4"))


def kept(name: str, home: Path = VERSION_0_1) -> Any:
    """One of the files."""
    return json.loads(lzma.decompress((home / f"{name}.json.xz").read_bytes()))


def its_model(folder: Path) -> str:
    """The model that decided what either stored, put into a folder."""
    for name in ("model.json", "manifest.json"):
        (folder / name).write_bytes(lzma.decompress((VERSION_0_1 / f"{name}.xz").read_bytes()))
    return str(folder)


@contextmanager
def in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """Item by item in moto."""
    with mock_aws(), one_at_a_time():
        for stack in connected(monkeypatch, restored_stack):
            for table, items in kept("tables").items():
                for item in items:
                    client("dynamodb").put_item(TableName=stack.resolver.refs[table], Item=item)
            yield stack


@contextmanager
def on_disk(monkeypatch: pytest.MonkeyPatch, folder: Path, home: Path = VERSION_0_1) -> Iterator[Stack]:
    """The file itself, under the engine that wrote it; without that the test is left out."""
    binary = dynoxide.binary()
    if isinstance(binary, dynoxide.EngineMissing):
        pytest.skip(f"NOT READ FROM SQLITE: {binary.reason}")
    database = folder / "dynamodb.db"
    database.write_bytes(lzma.decompress((home / "dynamodb.db.xz").read_bytes()))
    with mock_aws(), dynoxide.serve(binary, database) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
        assert upgrade_tables(template(), {}, client("dynamodb"), DynoxideEngine(binary, database))
        yield from connected(monkeypatch)
