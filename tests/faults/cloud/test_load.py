"""Many clients at once: no wrong answer, no acknowledged write lost, no memory that goes away."""

import asyncio
from pathlib import Path
from statistics import quantiles

import pytest

from tests.faults.conftest import Tell
from tests.faults.harness.cloud import Cloud, up
from tests.faults.harness.history import REFUSED, History, changed, lost, wrong
from tests.faults.harness.load import Load, for_seconds, local_risk
from tests.faults.harness.resident import Samples, growth, watched
from tests.faults.harness.share import share
from tests.faults.harness.table import DEAD, QUEUE, depth, drained, retry_soon, stored

GROWTH_BYTES = 256.0  # of the main process, a request, after the first third: less than any request leaves behind
DRAIN_S = 300.0
RETRY_S = 10
REFUSED_SHARE = 0.01  # 503s under overload are honest, and must stay rare


def checked(history: History, cloud: Cloud) -> None:
    """All that must hold of a run without faults."""
    drained(cloud, DRAIN_S)
    found = stored(cloud, {call.id for call in history.calls})
    assert wrong(history.calls, local_risk) == []
    assert changed(history.calls) == []
    assert lost(history.calls, True, found) == []
    assert lost(history.calls, False, found) == []
    assert history.count(200) + history.count(REFUSED) == len(history.calls)
    assert history.count(REFUSED) <= REFUSED_SHARE * len(history.calls)
    assert (depth(cloud, QUEUE), depth(cloud, DEAD)) == (0, 0)


def loaded(cloud: Cloud, clients: int, seconds: float) -> tuple[History, Samples]:
    """A run and the main process's memory during it."""
    retry_soon(cloud, RETRY_S)
    with watched(cloud.process.pid) as samples:
        history = asyncio.run(Load(clients).run(cloud.gateway, cloud.key, for_seconds(seconds)))
    return history, samples


def figures(history: History, cloud: Cloud, seconds: float) -> str:
    """The rate and the shares."""
    took = quantiles([call.took_s * 1000 for call in history.calls], n=100)
    parts = share(cloud.state.logs)
    return (
        f"{len(history.calls) / seconds:.0f} calls/s; a call p50 {took[49]:.0f} ms, p99 {took[98]:.0f} ms; "
        f"gateway {parts.gateway:.1f} + waiting {parts.waiting:.1f} + worker {parts.worker:.1f} ms on average; "
        f"{len(history.acknowledged(persisted=True))} stored, {len(history.acknowledged(persisted=False))} parked, "
        f"{history.count(REFUSED)} refused"
    )


@pytest.mark.long
def test_twenty_clients_get_their_own_answers_and_lose_nothing(tmp_path: Path, tell: Tell) -> None:
    with up(tmp_path / "home") as cloud:
        history, _ = loaded(cloud, clients=20, seconds=2)
        tell(figures(history, cloud, 2))
        checked(history, cloud)


@pytest.mark.long
def test_two_hundred_clients_for_a_minute_get_their_own_answers_and_lose_nothing(tmp_path: Path, tell: Tell) -> None:
    with up(tmp_path / "home") as cloud:
        history, samples = loaded(cloud, clients=200, seconds=60)
        tell(figures(history, cloud, 60))
        checked(history, cloud)
        a_request = growth(samples) * 1024 / (len(history.calls) / 60)
        tell(f"main process {samples[-1][1] / 1024:.0f} MiB, growing by {a_request:.0f} bytes a request")
        assert a_request < GROWTH_BYTES
