"""Every function with its events in containers, as `sam local` runs what was built, on a laptop cloud."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError

import pytest

from infra.cli.path import BUILT, SAM
from infra.container.engine import container_engine
from infra.container.sam_local import SamLocal
from infra.laptop.errors import SetupError
from infra.laptop.process.port import free
from infra.laptop.sdk import Sdk
from infra.laptop.state import StateDirectory
from tests.conftest import ROOT
from tests.integration.laptop.test_cloud import Up, until, up
from tests.shipped_event import EVENTS, faults, function_of

FRAUDSHIELD = [sys.executable, "-c", "from infra.cli.main import main; main()"]
STARTS_S, ANSWERS_S = 300.0, 300.0
OUT_OF_TIME, TRIES = "timed out after", 4
QUIET: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
T = TypeVar("T")


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
    until(lambda: what in said.read_text() or process.poll() is not None, STARTS_S)
    text = said.read_text()
    assert what in text, text
    return text


@pytest.fixture(scope="module")
def warm(sam: SamLocal) -> Iterator[Any]:
    """A Lambda client of `sam local start-lambda`, which keeps a container for each function."""
    port = free(0)
    command = sam.command("start-lambda", "--port", str(port), "--warm-containers", "LAZY")
    with subprocess.Popen(command, env=dict(sam.environment), **QUIET) as api:
        url = f"http://127.0.0.1:{port}"
        try:
            answered(f"{url}/2015-03-31/functions/-", refused=True)
            yield Sdk(url, url, url).client("lambda", read_timeout_s=ANSWERS_S)
        finally:
            api.terminate()
            api.wait(60)


FIRST = {function_of(path): path for path in reversed(EVENTS)}
FIRST_OF_EACH = [path for path in EVENTS if path in FIRST.values()]


@pytest.mark.parametrize("path", FIRST_OF_EACH, ids=lambda path: path.stem)
def test_each_function_takes_an_event_by_sam_local_invoke(sam: SamLocal, path: Path) -> None:
    done = tried(lambda: sam.invoke(function_of(path), path, ANSWERS_S), lambda done: OUT_OF_TIME in done.log)
    assert done.status == 0, done.log
    response: Any = done.response if done.printed.strip() else None
    assert not (isinstance(response, dict) and "errorType" in response), done.log
    assert faults(path, response) == [], done.log


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_each_event_is_taken_by_its_function_in_a_container(warm: Any, path: Path) -> None:
    """In the order of events/README.md: later ones are about what earlier ones store."""

    def invoke() -> bytes:
        payload: bytes = warm.invoke(FunctionName=function_of(path), Payload=path.read_bytes())["Payload"].read()
        return payload

    done = tried(invoke, lambda payload: OUT_OF_TIME.encode() in payload)
    response: Any = json.loads(done) if done.strip() else None
    assert not (isinstance(response, dict) and "errorType" in response), response
    assert faults(path, response) == []


def tried(invoke: Callable[[], T], failed: Callable[[T], bool]) -> T:
    """What a container answers: on a loaded machine it may not start within its function's own time."""
    for _ in range(TRIES - 1):
        if not failed(done := invoke()):
            return done
    return invoke()


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


def answered(url: str, body: str | None = None, refused: bool = False) -> Any:
    """The answer of an API that is starting, whose containers do not answer in time at first; or that it refuses."""
    request = urllib.request.Request(url, body.encode() if body else None, {"Content-Type": "application/json"})
    said: list[Any] = []

    def asked() -> bool:
        try:
            with urllib.request.urlopen(request, timeout=ANSWERS_S) as response:
                said.append(json.loads(response.read()))
        except HTTPError:
            return refused
        except OSError:
            return False
        return True

    until(asked, STARTS_S)
    return said[-1] if said else None


def test_the_state_names_what_each_function_is_told(cloud: Up) -> None:
    running = StateDirectory(cloud.state.home).running()
    assert running is not None
    assert {function_of(path) for path in EVENTS} <= running.environments.keys()
