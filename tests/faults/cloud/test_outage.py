"""The store goes away under a running cloud: every answer comes in time, says so, and finds its way back.

The long one has three faults in turn, each for longer than the breaker spares the store. Clients are fewer than
workers, so that what is measured is an answer and not its place in a line.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from fraudshield.budget import BREAKER_S
from infra.laptop.process import dynoxide
from infra.laptop.sources.queue_poller import POLL_S
from tests.faults.conftest import Tell
from tests.faults.harness.client import clock
from tests.faults.harness.cloud import Cloud, until, up
from tests.faults.harness.history import Call, History, changed, lost, wrong
from tests.faults.harness.load import Load, for_seconds, local_risk
from tests.faults.harness.proxy import Mode, Proxy, proxied
from tests.faults.harness.table import DEAD, QUEUE, depth, drained, stored
from tests.timeouts import TIMES

ANSWER_S = TIMES * 1.5  # one transaction with the store gone, and what a loaded machine adds of its own
CLIENTS = 3
PAUSE_S = 0.05
DRAIN_S = 300.0  # less than the queue itself hides a message


def prepared(cloud: Cloud) -> None:
    """Start the workers, for the promise is about requests."""
    send(cloud, "warm", 2.0 * POLL_S, clients=4 * CLIENTS)
    drained(cloud, DRAIN_S)


def send(cloud: Cloud, seed: str, seconds: float, clients: int = CLIENTS) -> History:
    """What so many clients are told meanwhile."""
    load = Load(clients, PAUSE_S, seed)
    return asyncio.run(load.run(cloud.gateway, cloud.key, for_seconds(seconds)))


def outage(cloud: Cloud, proxy: Proxy, faults: Sequence[Mode], seconds: float) -> dict[str, History]:
    """What clients are told under each fault, which lasts so long."""
    told = {}
    for fault in faults:
        proxy.become(fault)
        told[fault.name] = send(cloud, f"outage-{fault.name}", seconds)
    proxy.become(Mode.PASS)
    return told


def goes_through(cloud: Cloud, proxy: Proxy, faults: Sequence[Mode], seconds: float, tell: Tell) -> None:
    prepared(cloud)
    told = outage(cloud, proxy, faults, seconds)
    ended = clock()
    for fault, history in told.items():
        slowest = max(call.took_s for call in history.calls)
        tell(f"{fault}: {len(history.calls)} calls, the slowest {slowest:.2f} s")
        assert history.count(200) == len(history.calls)
        assert history.acknowledged(persisted=True) == set()
        assert slowest < ANSWER_S
    all_told = [call for history in told.values() for call in history.calls]
    drained(cloud, DRAIN_S)
    tell(f"{len({call.id for call in all_told})} parked, all stored {clock() - ended:.1f} s after the outage")
    found = stored(cloud, {call.id for call in all_told})
    assert wrong(all_told, local_risk) == []
    assert lost(all_told, False, found) == []
    assert (depth(cloud, QUEUE), depth(cloud, DEAD)) == (0, 0)
    until(lambda: clock() > ended + BREAKER_S, 2 * BREAKER_S)
    after = [*all_told]
    until(lambda: healed(cloud, after), DRAIN_S)
    assert changed(after) == []


def healed(cloud: Cloud, calls: list[Call]) -> bool:
    """Whether all is stored at once again; what clients are told meanwhile joins `calls`."""
    history = send(cloud, f"after-{len(calls)}", 0.5)
    calls += history.calls
    return history.acknowledged(persisted=False) == set()


@pytest.mark.parametrize(
    ("faults", "seconds"),
    [
        pytest.param([Mode.BLACKHOLE], 3.0, id="3 s"),
        pytest.param([Mode.REFUSE, Mode.BLACKHOLE, Mode.DRIP], 20.0, id="60 s", marks=pytest.mark.long),
    ],
)
def test_an_outage_of_the_store_delays_writes_and_loses_none(
    tmp_path: Path, sqlite_engine: Path, tell: Tell, faults: Sequence[Mode], seconds: float
) -> None:
    with (
        dynoxide.serve(sqlite_engine, tmp_path / "outside.db") as engine,
        proxied(engine) as proxy,
        up(tmp_path / "home", AWS_ENDPOINT_URL_DYNAMODB=proxy.url) as cloud,
    ):
        goes_through(cloud, proxy, faults, seconds, tell)
