"""Rows that tests write into the engine's file are the rows that the engine writes for the same items."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from fraudshield.policy.policy import first_policy
from infra.laptop.process import dynoxide
from tests.backtest.stored import items
from tests.stack import template
from tests.store import engine_rows

TABLES = ("written", "given")
FIRST_AT = datetime(2026, 11, 24, tzinfo=UTC)
DEFINED: Any = template()["Resources"]["TransactionsTable"]["Properties"]


def rows(database: Path, table: str) -> dict[str, Any]:
    """What the engine's file has of a table and its indexes, without sizes, of which ours differ by a byte or two."""
    with closing(sqlite3.connect(database)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name.removeprefix(table): sorted(map(_read, connection.execute(f'SELECT * FROM "{name}"')), key=str)
            for name in names
            if name == table or name.startswith(f"{table}::")
        }


def _read(row: Any) -> list[Any]:
    return [
        json.dumps(json.loads(one), sort_keys=True) if str(one).startswith("{") else one
        for one in row
        if not isinstance(one, int)
    ]


def test_rows_written_at_once_are_those_that_the_engine_writes(tmp_path: Path) -> None:
    binary = dynoxide.binary()
    if isinstance(binary, dynoxide.EngineMissing):
        pytest.skip(binary.reason)
    database, stored = tmp_path / "rows.db", list(items(60, FIRST_AT, first_policy()))
    made = {name: DEFINED[name] for name in ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes")}
    with dynoxide.serve(binary, database) as url:
        client = boto3.client("dynamodb", endpoint_url=url)
        for name in TABLES:
            client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **made)
        for item in stored:
            client.put_item(TableName="given", Item=item)
        engine_rows.write(database, "written", stored)
        key = {"transaction_id": {"S": "p7"}, "record": {"S": "transaction"}}
        one, other = (client.get_item(TableName=name, Key=key)["Item"] for name in TABLES)
        assert one == other
        written = rows(database, "written")
        assert {name: len(some) for name, some in written.items()}["::gsi::by_loss"] > 50
        assert written == rows(database, "given")
