"""kill -9 of the whole cloud in the middle of writes: what was acknowledged as stored is there after a restart.

A killed process is not a cut of power: what the system has taken from it reaches the disk.
"""

import asyncio
from pathlib import Path

import pytest

from tests.faults.conftest import Tell
from tests.faults.harness.cloud import Cloud, up
from tests.faults.harness.history import NO_ANSWER, Call, History, lost
from tests.faults.harness.load import Load, for_seconds
from tests.faults.harness.table import stored

CLIENTS = 8
PATIENCE_S = 60.0


def killed_in_the_middle(cloud: Cloud, seed: str, responses: int) -> History:
    """Clients write as fast as they can; after so many answers every process dies, with calls under way."""

    late = for_seconds(PATIENCE_S)

    def kill_after(history: History) -> bool:
        if len(history.calls) >= responses and cloud.process.poll() is None:
            cloud.kill()
        return late(history)

    return asyncio.run(Load(CLIENTS, seed=seed).run(cloud.gateway, cloud.key, kill_after))


def survived(tmp_path: Path, kills: int, responses: int) -> list[Call]:
    """All calls of `kills` lives of one home; each life begins with everything that was acknowledged before it."""
    calls: list[Call] = []
    for life in range(kills + 1):
        with up(tmp_path / "home") as cloud:
            assert lost(calls, True, stored(cloud, {call.id for call in calls})) == []
            if life < kills:
                history = killed_in_the_middle(cloud, f"life{life}", responses)
                assert history.count(NO_ANSWER) == CLIENTS
                assert len(history.acknowledged(persisted=True)) >= responses // 2
                calls += history.calls
    return calls


@pytest.mark.long
def test_what_was_stored_survives_a_kill(tmp_path: Path, sqlite_engine: Path, tell: Tell) -> None:
    calls = survived(tmp_path, kills=1, responses=60)
    tell(f"{len(History(calls).acknowledged(persisted=True))} acknowledged, 0 lost")


@pytest.mark.long
def test_what_was_stored_survives_five_kills(tmp_path: Path, sqlite_engine: Path, tell: Tell) -> None:
    calls = survived(tmp_path, kills=5, responses=600)
    tell(f"{len(History(calls).acknowledged(persisted=True))} acknowledged over 5 kills, 0 lost")


@pytest.mark.long
def test_the_check_sees_a_store_that_forgets(tmp_path: Path, sqlite_engine: Path) -> None:
    with up(tmp_path / "home") as cloud:
        calls = killed_in_the_middle(cloud, "forgotten", 60).calls
    for part in (tmp_path / "home").glob("dynamodb.db*"):
        part.unlink()
    with up(tmp_path / "home") as cloud:
        acknowledged = [call for call in calls if call.told.get("persisted")]
        assert len(lost(calls, True, stored(cloud, {call.id for call in calls}))) == len(acknowledged)
