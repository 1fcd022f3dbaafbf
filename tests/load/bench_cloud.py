"""What a scoring call takes through the whole laptop cloud, and whose time that is.

One caller on one connection, calls that are stored and calls that are not in turn: what differs is the store's share.
The other shares are what the cloud logs of itself. `python -m pytest tests/load/bench_cloud.py`
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.faults.harness.client import SCORE, Connection
from tests.faults.harness.cloud import Cloud, up
from tests.faults.harness.load import transactions
from tests.faults.harness.share import share
from tests.load.conftest import Timing, alternate, report

ROUNDS, WARM = 300, 20


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with up(tmp_path_factory.mktemp("cloud") / "home") as running:
        yield running


def test_a_call_through_the_whole_cloud(benchmark: BenchmarkFixture, cloud: Cloud) -> None:
    sent = transactions("bench")
    with asyncio.Runner() as runner:
        connection = Connection(cloud.gateway, cloud.key)

        def call(store: bool) -> Callable[[], None]:
            def ask() -> None:
                body = json.dumps({"transactions": [next(sent)], "store": store}).encode()
                assert runner.run(connection.post(SCORE, body)).status == 200

            return ask

        alternate([call(True), call(False)], WARM)
        stored, unstored = alternate([call(True), call(False)], ROUNDS)
        benchmark.pedantic(call(True), rounds=ROUNDS)  # type: ignore[no-untyped-call]
        connection.close()
    tell(benchmark, cloud.state.logs, stored, unstored)


def tell(benchmark: BenchmarkFixture, logs: Path, stored: Timing, unstored: Timing) -> None:
    """The shares, of the median call."""
    parts = share(logs)
    report(
        benchmark,
        "laptop cloud: a stored scoring call",
        f"{stored.at(50):.1f} ms, of it the store {stored.at(50) - unstored.at(50):.1f}, "
        f"worker {parts.worker:.1f}, gateway {parts.gateway:.1f}",
        f"p99 {stored.at(99):.1f} ms",
        "-",
    )
