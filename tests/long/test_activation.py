"""A model is put in force while eight clients score: no call fails, none has two models, soon all have the new one."""

import json
import shutil
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from infra.cli.models.client import TypesOfApi, publish
from tests.conftest import README_TRANSACTION
from tests.integration.laptop.test_cloud import Up, up
from tests.stack import ROOT

pytestmark = pytest.mark.long
CLIENTS, BEFORE_S, FOLLOWED_S, AFTER_S = 8, 15.0, 60.0, 20.0
TOGETHER = 5  # payments of a call
SHIPPED = ROOT / "model/artifact/model"


class Answered(NamedTuple):
    """A call: when it was begun, its status and the models that it names."""

    begun: float
    status: int
    versions: frozenset[str]
    degraded: bool


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with up(tmp_path_factory.mktemp("activation") / "home", env={"SCORE_RATE_LIMIT": "100000"}) as running:
        yield running


def published(cloud: Up, folder: Path) -> None:
    """The shipped model as 2027.1."""
    shutil.copytree(SHIPPED, folder)
    manifest = folder / "manifest.json"
    own = json.loads(manifest.read_text())["version"]
    before, found, end = manifest.read_text().rpartition(f'"{own}"')
    assert found
    manifest.write_text(f'{before}"2027.1"{end}')
    publish(cloud.client("s3"), "jobsbucket", folder, "payment", TypesOfApi(lambda: ("", "")))


def score(cloud: Up, client: int, number: int) -> Answered:
    names = [f"a-{client}-{number}-{at}" for at in range(TOGETHER)]
    body = {"store": False, "transactions": [README_TRANSACTION | {"transaction_id": name} for name in names]}
    request = urllib.request.Request(
        f"{cloud.address.gateway}/api/v1/score",
        json.dumps(body).encode(),
        {"X-API-Key": cloud.keys["TEST_API_KEY"], "Content-Type": "application/json"},
    )
    begun = time.monotonic()
    with urllib.request.urlopen(request, timeout=30) as response:
        said: Any = json.loads(response.read())
        entries = said["results"]
        versions = frozenset({said["model_version"], *(one["model_version"] for one in entries)})
        return Answered(begun, response.status, versions, any("model_unread" in one["degraded"] for one in entries))


def test_eight_clients_meet_no_error_and_are_all_on_the_new_model_within_a_minute(cloud: Up, tmp_path: Path) -> None:
    published(cloud, tmp_path / "new")
    stop_at = time.monotonic() + BEFORE_S + FOLLOWED_S + AFTER_S

    def client(number: int) -> list[Answered]:
        found: list[Answered] = []
        while time.monotonic() < stop_at:
            found.append(score(cloud, number, len(found)))
        return found

    with ThreadPoolExecutor(CLIENTS) as clients:
        running = [clients.submit(client, number) for number in range(CLIENTS)]
        while time.monotonic() < stop_at - FOLLOWED_S - AFTER_S:
            time.sleep(0.1)
        said = {"note": "under load", "force": True}
        status, activated = cloud.call(
            "POST", "/api/v1/model/versions/2027.1/activate", "ADMIN_API_KEY", json.dumps(said)
        )
        in_force_at = time.monotonic()
        assert (status, activated["version"]) == (200, "2027.1")
        answers = [one for of in running for one in of.result()]
    assert {one.status for one in answers} == {200}
    assert {len(one.versions) for one in answers} == {1}
    assert not any(one.degraded for one in answers)
    before = {one.versions for one in answers if one.begun < in_force_at - 1}
    after = {one.versions for one in answers if one.begun > in_force_at + FOLLOWED_S}
    assert len(before) == 1
    assert after == {frozenset({"2027.1"})} != before
