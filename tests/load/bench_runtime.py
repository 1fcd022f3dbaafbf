"""What Lambda on the laptop costs: a cold start, and what a warm invocation adds to the handler.

`python -m pytest tests/load/bench_runtime.py`
"""

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from pytest_benchmark.fixture import BenchmarkFixture

from infra.cli.path import PYTHON_PATH
from infra.laptop.awslambda.function import FunctionSpec, functions
from infra.laptop.awslambda.invocation import Invocation
from infra.laptop.awslambda.runtime import Runtime
from infra.laptop.deploy import deploy
from tests.load.conftest import Timing, measure, report
from tests.stack import template

HANDLERS = Path(__file__).parents[1] / "data/handlers"
TRIVIAL = FunctionSpec("Trivial", "probe.echo", 10.0, 256, {}, 1, (HANDLERS,))
SENT = json.loads((Path(__file__).parents[2] / "events/model_api_score.json").read_text())
UNSTORED = json.dumps(json.loads(SENT["body"]) | {"store": False})  # the worker's share, not the store's
SCORE = json.dumps(SENT | {"body": UNSTORED}).encode()


@pytest.fixture(scope="module")
def model() -> Iterator[FunctionSpec]:
    """The model function over moto's server."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        resolver = deploy(template(), {})
        sdk = {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "SCORE_KEY_IDS": SENT["requestContext"]["identity"]["apiKeyId"],
        }
        yield functions(resolver, sdk, PYTHON_PATH)["ModelFunction"]
    server.stop()


@pytest.fixture(params=["awslambdaric", "plain"])
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_cold_start_of_a_trivial_function(benchmark: BenchmarkFixture, client: str, tmp_path: Path) -> None:
    cold = measure(benchmark, lambda: first_answer(TRIVIAL, b"1", client, tmp_path), rounds=10)
    tell(benchmark, f"cold start, trivial function ({client})", cold)


def test_cold_start_of_the_model(benchmark: BenchmarkFixture, model: FunctionSpec, client: str, tmp_path: Path) -> None:
    cold = measure(benchmark, lambda: first_answer(model, SCORE, client, tmp_path), rounds=5)
    tell(benchmark, f"cold start, model function ({client})", cold)


def test_warm_trivial_function(benchmark: BenchmarkFixture, client: str, tmp_path: Path) -> None:
    tell(benchmark, f"warm, trivial function ({client})", warm(benchmark, TRIVIAL, b"1", client, tmp_path))


def test_warm_model(benchmark: BenchmarkFixture, model: FunctionSpec, client: str, tmp_path: Path) -> None:
    tell(benchmark, f"warm, model function, not stored ({client})", warm(benchmark, model, SCORE, client, tmp_path))


def first_answer(spec: FunctionSpec, event: bytes, client: str, folder: Path) -> None:
    """A runtime's first answer, and its end."""

    async def once() -> None:
        runtime = Runtime({spec.name: spec}, folder, client=client)
        good(await runtime.invoke(spec.name, event))
        await runtime.stop()

    asyncio.run(once())


def warm(benchmark: BenchmarkFixture, spec: FunctionSpec, event: bytes, client: str, folder: Path) -> Timing:
    """One warm invocation after the other."""
    with asyncio.Runner() as runner:
        runtime = Runtime({spec.name: spec}, folder, client=client)
        try:
            return measure(benchmark, lambda: good(runner.run(runtime.invoke(spec.name, event))), rounds=300, warmup=20)
        finally:
            runner.run(runtime.stop())


def good(done: Invocation) -> None:
    """A time is worth nothing without the answer."""
    assert done.error is None, done
    answer = json.loads(done.body)
    assert answer == 1 or answer["statusCode"] == 200, done


def tell(benchmark: BenchmarkFixture, what: str, timing: Timing) -> None:
    """The median, and the middle 80 %."""
    report(benchmark, what, f"{timing.at(50):.2f} ms", f"{timing.at(10):.2f} - {timing.at(90):.2f} ms", "")
