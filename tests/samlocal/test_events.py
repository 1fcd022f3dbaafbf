"""Every function with its events in containers, as `sam local` runs what was built, on a laptop cloud."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.cli.path import BUILT, SAM
from infra.container.engine import container_engine
from infra.container.sam_local import SamLocal
from infra.laptop.errors import SetupError
from infra.laptop.process.port import free
from infra.laptop.state import StateDirectory
from tests.conftest import ROOT
from tests.integration.laptop.test_cloud import Up, up
from tests.shipped_event import EVENTS, faults, function_of

FRAUDSHIELD = [sys.executable, "-c", "from infra.cli.main import main; main()"]
STARTS_S, ANSWERS_S = 300.0, 300.0
OUT_OF_TIME, TRIES = "timed out after", 4  # a loaded machine starts no container within a function's own time


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A laptop cloud, where there are containers to reach it."""
    try:
        container_engine()
    except SetupError as exc:
        pytest.skip(f"SAM LOCAL DID NOT RUN: {exc}", allow_module_level=True)
    if not BUILT.exists():
        pytest.skip("SAM LOCAL DID NOT RUN: nothing is built; make build")
    with up(tmp_path_factory.mktemp("cloud") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def sam(cloud: Up, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SamLocal]:
    """The SAM CLI with what `fraudshield containers` says."""
    folder = tmp_path_factory.mktemp("sam")
    variables = folder / "variables.json"
    command = [*FRAUDSHIELD, "containers", "--home", str(cloud.state.home), "--variables", str(variables)]
    command += ["--keyless-scope", "score"]
    with (
        (folder / "said").open("w") as said,
        subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT) as process,
    ):
        try:
            text = waited_for(folder / "said", "sam local invoke", process)
            access_key = text.split("AWS_ACCESS_KEY_ID=")[1].split()[0]
            yield SamLocal(SAM, BUILT, variables, access_key, pulls="--skip-pull-image" not in text)
        finally:
            process.terminate()
            process.wait(30)


def waited_for(said: Path, what: str, process: subprocess.Popen[bytes]) -> str:
    give_up_at = time.monotonic() + STARTS_S
    while what not in (text := said.read_text()):
        assert process.poll() is None, text
        assert time.monotonic() < give_up_at, text
        time.sleep(0.2)
    return text


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_the_function_takes_its_event_in_a_container(sam: SamLocal, path: Path) -> None:
    """In the order of events/README.md: later ones are about what earlier ones store."""
    for _ in range(TRIES):
        done = sam.invoke(function_of(path), path, ANSWERS_S)
        if OUT_OF_TIME not in done.log:
            break
    assert done.status == 0, done.log
    response: Any = done.response if done.printed.strip() else None
    assert not (isinstance(response, dict) and "errorType" in response), done.log
    assert faults(path, response) == [], done.log


def test_the_api_in_containers_is_healthy_and_scores(sam: SamLocal) -> None:
    port = free(0)
    command = sam.command("start-api", "--port", str(port), "--warm-containers", "LAZY")
    with subprocess.Popen(
        command, env=dict(sam.environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as api:
        try:
            url = f"http://127.0.0.1:{port}"
            assert answered(f"{url}/health")["status"] == "healthy"
            event = json.loads((ROOT / "events/model_api_score.json").read_text())
            [entry, *_] = answered(f"{url}/api/v1/score", event["body"])["results"]
            assert entry["decision"] in {"approve", "review", "block"}
            assert entry["persisted"] is True
        finally:
            api.terminate()
            api.wait(60)


def answered(url: str, body: str | None = None) -> Any:
    """The answer, once the API is up. What a container that starts does not answer in time is asked again."""
    give_up_at = time.monotonic() + STARTS_S
    while True:
        request = urllib.request.Request(url, body.encode() if body else None, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=ANSWERS_S) as response:
                return json.loads(response.read())
        except (OSError, urllib.error.URLError) as exc:
            said = exc.read() if isinstance(exc, urllib.error.HTTPError) else str(exc)
            assert time.monotonic() < give_up_at, said
            time.sleep(1)


def test_the_state_names_what_each_function_is_told(cloud: Up) -> None:
    running = StateDirectory(cloud.state.home).running()
    assert running is not None
    assert {function_of(path) for path in EVENTS} <= running.environments.keys()
