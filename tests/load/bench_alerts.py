"""What a flagged payment's score takes while nobody tells people of it, and while somebody does.

Two laptop clouds side by side, asked in turn: one without the stream's consumer, one with it and a subscriber. On AWS
the consumer has CPUs of its own; here it shares them. `python -m pytest tests/load/bench_alerts.py`
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.faults.harness.client import SCORE, Connection
from tests.integration.laptop.test_cloud import Up, until, up
from tests.integration.laptop.test_cloud_mail import FLAGGED, history, subscribe
from tests.load.conftest import alternate, ratio, report

ROUNDS, WARM = 400, 20
TELLERS = ("notification", "notificationstream", "notificationworker", "notificationfeedback")


def only(*names: str) -> list[str]:
    """Arguments that start these services and no others."""
    return [word for name in names for word in ("--only", name)]


@pytest.fixture(scope="module")
def paused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with up(tmp_path_factory.mktemp("paused") / "home", *only("model")) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with up(tmp_path_factory.mktemp("running") / "home", *only("model", *TELLERS)) as cloud:
        subscribe(cloud, "high_risk_alerts", "anna@example.org")
        yield cloud


def test_a_flagged_score_with_and_without_somebody_who_tells(
    benchmark: BenchmarkFixture, paused: Up, running: Up
) -> None:
    ids = count()
    with asyncio.Runner() as runner:
        connections = [Connection(one.address.gateway, one.keys["TEST_API_KEY"]) for one in (paused, running)]

        def calls(connection: Connection) -> Callable[[], None]:
            def ask() -> None:
                body = json.dumps({"transactions": [FLAGGED | {"transaction_id": f"b-{next(ids)}"}]}).encode()
                assert runner.run(connection.post(SCORE, body)).status == 200

            return ask

        both = [calls(connection) for connection in connections]
        alternate(both, WARM)
        without, with_it = alternate(both, ROUNDS)
        benchmark.pedantic(both[0], rounds=20)  # type: ignore[no-untyped-call]
        for connection in connections:
            connection.close()
    until(lambda: any(one["alerts"] for one in history(running)))
    middle, least, most = ratio(with_it, without)
    for name, timing in (("paused", without), ("running", with_it)):
        report(
            benchmark,
            f"a flagged score, the alerts' consumer {name}",
            f"{timing.at(50):.1f} ms",
            f"p99 {timing.at(99):.1f} ms",
            "-",
        )
    report(benchmark, "running over paused", f"{middle:.2f} x", f"{least:.2f} to {most:.2f} x", "-")
