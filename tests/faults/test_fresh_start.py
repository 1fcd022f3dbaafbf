"""A fresh start, on an idle machine and beside six busy loops: no critical alarm, and the overview is healthy.

It takes FRESH_START_S seconds each, by default twenty minutes: the slowest alarm has looked by then.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.cloud.test_busy_file import busy
from tests.faults.conftest import Tell
from tests.faults.harness.cloud import Cloud, up
from tests.faults.truth.observer import exchanged
from tests.faults.truth.request import OVERVIEW, ObservedRequest
from tests.faults.truth.run import key

LENGTH_S = float(os.environ.get("FRESH_START_S", "1200"))
LOOK_S = 10.0
POLL_S = 0.5
UNSEEN = "unknown"  # the overview before the first health check


def critical(cloud: Cloud) -> set[str]:
    """The critical alarms that are on."""
    pages = cloud.client("cloudwatch").get_paginator("describe_alarms").paginate(StateValue="ALARM")
    alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
    return {one["AlarmName"] for one in alarms if one["AlarmDescription"].startswith("critical:")}


def overviews(cloud: Cloud, seconds: float) -> Iterator[tuple[float, str, Any]]:
    """What is seen over so many seconds: when, the system's status, what disturbs it."""
    begun = looked = time.monotonic()
    while (now := time.monotonic()) < begun + seconds:
        if now - looked < LOOK_S:
            time.sleep(POLL_S)
            continue
        looked = now
        _, _, body = exchanged(cloud.gateway, key(cloud), ObservedRequest(OVERVIEW), "")
        yield now - begun, str((body or {}).get("system_status")), (critical(cloud), body)


@pytest.mark.long
@pytest.mark.usefixtures("sqlite_engine")
@pytest.mark.parametrize("loops", [0, 6], ids=["idle", "loaded"])
def test_after_a_fresh_start_nothing_is_critical(tmp_path: Path, tell: Tell, loops: int) -> None:
    alarms: dict[str, float] = {}
    statuses: dict[str, float] = {}
    last: tuple[str, Any] = ("", None)
    with busy(loops), up(tmp_path / "home") as cloud:
        for at_s, status, (on, body) in overviews(cloud, LENGTH_S):
            alarms |= {name: at_s for name in on if name not in alarms}
            statuses.setdefault(status, at_s)
            last = status, body
    told = ", ".join(f"{name} from {at:.0f} s" for name, at in statuses.items())
    tell(f"{LENGTH_S:.0f} s beside {loops} loops: {told}")
    assert alarms == {}
    assert set(statuses) <= {UNSEEN, "healthy"}
    assert last[0] == "healthy", last
