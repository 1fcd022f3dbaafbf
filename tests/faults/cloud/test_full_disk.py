"""A disk that fills up under a laptop cloud, and is emptied again: nothing has to be started anew."""

import json
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import pytest

from tests.integration.laptop.test_cloud import TRANSACTION, Up, counted, descendants, until, up

SIZE = "30m"
CALLS = 8


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A folder with a disk of its own."""
    folder = tmp_path / "small"
    folder.mkdir()
    if shutil.which("mount") is None or subprocess.run(mount(folder), capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def mount(folder: Path) -> list[str]:
    return ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filling, pytest.raises(OSError, match="No space left"):
        write_without_end(filling)


def write_without_end(filling: FileIO) -> None:
    while filling.write(bytes(4096)):
        pass


def status(cloud: Up, path: str, transaction_id: str | None = None) -> int:
    body = None
    if transaction_id:
        sent = json.loads(TRANSACTION)["transactions"][0] | {"transaction_id": transaction_id}
        body = json.dumps({"transactions": [sent]})
    headers = {"X-API-Key": cloud.keys["TEST_API_KEY"], "Content-Type": "application/json"}
    request = urllib.request.Request(cloud.address.gateway + path, body.encode() if body else None, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return int(response.status)
    except urllib.error.HTTPError as exc:
        with exc:
            return exc.code


def workers(cloud: Up) -> int:
    return len(descendants(cloud.process.pid))


@pytest.mark.long
def test_what_was_refused_is_said_and_what_comes_later_is_stored_and_counted(small: Path) -> None:
    with up(small / "home") as cloud:
        cloud.score("before")
        status(cloud, "/health")
        before = workers(cloud)
        fill(small / "filling")
        assert {status(cloud, "/health") for _ in range(CALLS)} == {200}
        refused = {status(cloud, "/api/v1/score", f"full-{number}") for number in range(CALLS)}
        assert refused <= {200, 503}  # 200 where SQLite found room in pages that it had
        assert workers(cloud) <= before + 2  # none leaks; the clock may have started another service's
        (small / "filling").unlink()
        until(lambda: status(cloud, "/api/v1/ingest/ingest", "after") == 202)
        until(lambda: "after" in cloud.stored())
        until(lambda: counted(cloud) == 1)
