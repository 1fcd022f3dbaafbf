"""From the command to the first answer."""

import asyncio
from pathlib import Path

from tests.faults.conftest import Tell
from tests.faults.harness.client import clock
from tests.faults.harness.cloud import up
from tests.faults.harness.load import Load, for_seconds
from tests.faults.harness.table import drained, stored

DRAIN_S = 300.0


def test_the_first_call_after_the_command_is_answered_and_stored(tmp_path: Path, tell: Tell) -> None:
    began = clock()
    with up(tmp_path / "home") as cloud:
        [first] = asyncio.run(Load(clients=1).run(cloud.gateway, cloud.key, for_seconds(0))).calls
        took = clock() - began
        drained(cloud, DRAIN_S)  # of what a loaded machine could not store in time
        assert stored(cloud, [first.id])
    tell(f"{took:.1f} s from the command to the first answer")
