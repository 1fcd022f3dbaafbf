"""The SQLite engine: only the recorded package is run, what it keeps stays, and where it is missing we say why."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tarfile
import time
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.laptop.errors import SetupError
from infra.laptop.process import dynoxide
from infra.laptop.process.sqlite_file import Vacuum
from tests.conftest import ROOT

TARGET = "linux-x64"
TABLE: dict[str, Any] = {
    "TableName": "kept",
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
}


@pytest.fixture(scope="module")
def engine() -> Path:
    found = dynoxide.binary()
    if isinstance(found, dynoxide.EngineMissing):
        pytest.skip(found.reason)
    return found


@pytest.fixture
def npm(tmp_path: Path) -> str:
    """A stand-in that gives an executable nobody recorded."""
    package = tmp_path / "planted.tgz"
    with tarfile.open(package, "w:gz") as archive:
        member = tarfile.TarInfo(dynoxide.MEMBER)
        member.size = 4
        archive.addfile(member, BytesIO(b"#!/x"))
    script = tmp_path / "npm"
    script.write_text(f'#!/bin/sh\ncp "{package}" "$4"\n')
    script.chmod(0o755)
    return str(script)


def test_data_outlive_the_process(engine: Path, tmp_path: Path) -> None:
    database = tmp_path / "data.db"
    with dynoxide.serve(engine, database) as endpoint:
        client = boto3.client("dynamodb", endpoint_url=endpoint)
        client.create_table(**TABLE)
        client.put_item(TableName="kept", Item={"id": {"S": "a"}})
    with dynoxide.serve(engine, database) as endpoint:
        client = boto3.client("dynamodb", endpoint_url=endpoint)
        assert client.get_item(TableName="kept", Key={"id": {"S": "a"}})["Item"] == {"id": {"S": "a"}}


def test_a_write_finds_its_place_in_the_stream_without_reading_all_records(engine: Path, tmp_path: Path) -> None:
    """The statement is the engine's own, for every write of a table with a stream."""
    highest = "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = ?1"
    assert highest.encode() in engine.read_bytes()
    with dynoxide.serve(engine, tmp_path / "data.db"), closing(sqlite3.connect(tmp_path / "data.db")) as connection:
        [(*_, plan)] = connection.execute(f"EXPLAIN QUERY PLAN {highest}", ("any",)).fetchall()
    assert plan == "SEARCH _stream_records USING INDEX fraudshield_stream_sequence (table_name=?)"


def test_a_port_that_is_taken_is_refused_and_named(engine: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(SetupError, match=f"dynoxide did not start: .*port {port} .*in use"),
            dynoxide.serve(engine, tmp_path / "data.db", port),
        ):
            pytest.fail("it cannot serve here")


def test_the_process_ends_with_its_block(engine: Path, tmp_path: Path) -> None:
    with dynoxide.serve(engine, tmp_path / "data.db") as endpoint:
        port = int(endpoint.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_the_process_ends_with_ours_even_by_kill_9(engine: Path, tmp_path: Path) -> None:
    code = f"""if True:
        import time
        from pathlib import Path
        from infra.laptop.process import dynoxide
        with dynoxide.serve(Path({str(engine)!r}), Path({str(tmp_path / "data.db")!r})) as endpoint:
            print(endpoint, flush=True)
            time.sleep(60)
    """
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as ours:
        assert ours.stdout is not None
        port = int(ours.stdout.readline().rpartition(":")[2])
        socket.create_connection(("127.0.0.1", port)).close()
        ours.kill()
    give_up_at = time.monotonic() + 10
    while responses(port):
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


def test_killed_it_comes_back_by_itself_with_what_it_kept(engine: Path, tmp_path: Path) -> None:
    with dynoxide.serve(engine, tmp_path / "data.db") as endpoint:
        client = boto3.client("dynamodb", endpoint_url=endpoint, config=Config(retries={"total_max_attempts": 1}))
        client.create_table(**TABLE)
        client.put_item(TableName="kept", Item={"id": {"S": "a"}})
        [process] = processes(tmp_path / "data.db")
        os.kill(process, signal.SIGKILL)
        give_up_at = time.monotonic() + 30
        while not found(client):
            assert time.monotonic() < give_up_at
            time.sleep(0.05)
        assert processes(tmp_path / "data.db") != [process]
    assert processes(tmp_path / "data.db") == []


def processes(database: Path) -> list[int]:
    """The engine's own processes on this file: not those that guard it."""
    said = subprocess.run(["ps", "-e", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in said.splitlines() if str(database) in line]
    return [int(pid) for pid, program, _ in rows if program.endswith("dynoxide")]


def found(client: Any) -> bool:
    try:
        return "Item" in client.get_item(TableName="kept", Key={"id": {"S": "a"}})
    except (BotoCoreError, ClientError):
        return False


def responses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_package_with_another_digest_is_not_kept(npm: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="is not the recorded one"):
        dynoxide.binary(tmp_path / "home", npm, target=TARGET)
    assert not (tmp_path / "home").exists()


def test_a_platform_without_a_recorded_digest_is_missing(npm: str, tmp_path: Path) -> None:
    assert dynoxide.binary(tmp_path, npm, target="plan9-vax") == dynoxide.EngineMissing(
        "no dynoxide is recorded for plan9-vax"
    )


def test_without_npm_it_is_missing(tmp_path: Path) -> None:
    found = dynoxide.binary(tmp_path, "no-such-npm", target=TARGET)
    assert found == dynoxide.EngineMissing("no-such-npm is not installed, and dynoxide comes through it")


def test_an_npm_that_fails_makes_it_missing(tmp_path: Path) -> None:
    found = dynoxide.binary(tmp_path, "false", target=TARGET)
    assert isinstance(found, dynoxide.EngineMissing)
    assert "ended with 1" in found.reason


def test_what_was_fetched_once_needs_no_npm(engine: Path) -> None:
    assert dynoxide.binary(npm="no-such-npm") == engine


SECRET = b"C-who-was-erased"


def telling(folder: Path) -> list[str]:
    """The files whose bytes have it."""
    return [path.name for path in folder.iterdir() if SECRET in path.read_bytes()]


def write_and_delete(endpoint: str) -> None:
    client = boto3.client("dynamodb", endpoint_url=endpoint)
    client.create_table(**TABLE)
    items: list[Any] = [{"id": {"S": str(number)}, "name": {"S": SECRET.decode()}} for number in range(10)]
    for item in items:
        client.put_item(TableName="kept", Item=item)
    for item in items:
        client.delete_item(TableName="kept", Key={"id": item["id"]})


def test_what_was_deleted_is_in_no_file_when_the_engine_has_ended(engine: Path, tmp_path: Path) -> None:
    with dynoxide.serve(engine, tmp_path / "data.db") as endpoint:
        write_and_delete(endpoint)
        assert telling(tmp_path)
    assert telling(tmp_path) == []


def test_what_was_deleted_is_soon_in_no_file_while_the_engine_runs(engine: Path, tmp_path: Path) -> None:
    database = tmp_path / "data.db"
    with dynoxide.serve(engine, database) as endpoint:
        write_and_delete(endpoint)
        vacuum = Vacuum(database, dynoxide.tidy)
        vacuum.vacuum()
        assert telling(tmp_path) == []
        client = boto3.client("dynamodb", endpoint_url=endpoint)
        client.put_item(TableName="kept", Item={"id": {"S": "after"}})
        vacuum.vacuum()
        assert client.scan(TableName="kept")["Count"] == 1


def test_what_was_deleted_before_a_kill_is_in_no_file_after_the_next_start(engine: Path, tmp_path: Path) -> None:
    database, copies = tmp_path / "data.db", {}
    with dynoxide.serve(engine, database) as endpoint:
        write_and_delete(endpoint)
        copies = {path: path.read_bytes() for path in tmp_path.iterdir()}  # as a kill leaves them
    for path, content in copies.items():
        path.write_bytes(content)
    assert telling(tmp_path)
    with dynoxide.serve(engine, database):
        assert telling(tmp_path) == []


def test_the_stream_forgets_after_a_day(engine: Path, tmp_path: Path) -> None:
    database = tmp_path / "data.db"
    streamed: Any = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    with dynoxide.serve(engine, database) as endpoint:
        client = boto3.client("dynamodb", endpoint_url=endpoint)
        client.create_table(**TABLE, StreamSpecification=streamed)
        for name in ("old", "new"):
            client.put_item(TableName="kept", Item={"id": {"S": name}})
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE _stream_records SET created_at = created_at - 90000 WHERE keys_json LIKE '%old%'")
        connection.commit()
    dynoxide.tidy(database)
    with closing(sqlite3.connect(database)) as connection:
        [(keys,)] = connection.execute("SELECT keys_json FROM _stream_records").fetchall()
    assert "new" in keys
