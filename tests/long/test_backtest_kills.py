"""A hundred thousand stored decisions tested while its steps are killed: the same figures, and those of an oracle.

`PAYMENTS=1000000 KILLS=0` tests a million, once, for its time and memory.
"""

import json
import os
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from moto import mock_aws

from infra.laptop.process import dynoxide
from tests.backtest.run import asked, found
from tests.backtest.stored import is_fraud, risk_of, seed
from tests.caller import POLICY, Caller
from tests.conftest import README_TRANSACTION, connected
from tests.engine import DATABASE, engine
from tests.job_run import Batch
from tests.stack import Stack
from tests.timeouts import wait_for_store

pytestmark = pytest.mark.long

PAYMENTS, KILLS = (int(os.environ.get(name, usual)) for name, usual in (("PAYMENTS", "100000"), ("KILLS", "20")))
NOW_FROM, THEN_FROM = (0.0279, 0.3923), (0.0279 * 2, 0.5)


class Killed(BaseException):
    """The process was killed: our code may not catch it."""


@pytest.fixture
def batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _longer_timeouts: None) -> Iterator[Batch]:
    """The tables are on the laptop's engine, the files in moto."""
    missing = dynoxide.binary()
    if isinstance(missing, dynoxide.EngineMissing):
        pytest.skip(missing.reason)
    with mock_aws(), engine(tmp_path) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        for stack in connected(monkeypatch, partial(Stack.create, files=True)):
            wait_for_store(monkeypatch)
            yield Batch(stack)


class Calls:
    """Counts the calls to AWS, and kills the process before or after one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.counts: Counter[str] = Counter()
        self.left: int | None = None
        self.after = False
        call = BaseClient._make_api_call  # type: ignore[attr-defined]

        def counted(client: Any, operation: str, arguments: Any) -> Any:
            self.counts[operation] += 1
            if self.left is not None:
                self.left -= 1
                if self.left <= 0:
                    self.left = None
                    if self.after:
                        call(client, operation, arguments)
                    raise Killed
            return call(client, operation, arguments)

        monkeypatch.setattr(BaseClient, "_make_api_call", counted)


def peak() -> int:
    """The most MiB that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def told(capsys: pytest.CaptureFixture[str], line: str) -> None:
    with capsys.disabled():
        print(f"\n{line}", flush=True)  # noqa: T201 figures of docs


def outcome(risk: float, thresholds: tuple[float, float]) -> str:
    review, block = thresholds
    return "block" if risk >= block else "review" if risk >= review else "approve"


def oracle() -> dict[str, Any]:
    """What two pairs of thresholds make of the same payments, without the product."""
    now, then = (
        Counter(outcome(risk_of(number), thresholds) for number in range(PAYMENTS))
        for thresholds in (NOW_FROM, THEN_FROM)
    )
    frauds = [number for number in range(PAYMENTS) if is_fraud(number)]
    stopped = [sum(risk_of(number) >= review for number in frauds) for review, _ in (NOW_FROM, THEN_FROM)]
    return {"now": now, "then": then, "frauds": len(frauds), "stopped": stopped}


def run(batch: Batch, calls: Calls, since: str, kills: int) -> Any:
    """Runs a test of version 2; each of so many steps is killed at one of its calls and run again."""
    chance, left, backtest_id = random.Random(kills), kills, asked(2, **{"from": since}).json["backtest_id"]

    def step(name: str, event: dict[str, Any]) -> Any:
        nonlocal left
        while True:
            calls.left, calls.after = (chance.randrange(1, 12), chance.random() < 0.5) if left else (None, False)
            try:
                return batch.step(name, event)
            except Killed:
                left -= 1
            finally:
                calls.left = None

    planned = step("plan", {"job_id": backtest_id})
    parts = json.loads(batch.read(planned["key"]))
    for part in parts:
        step("score", {"job_id": backtest_id, "chunk": part})
    step("merge", {"job_id": backtest_id, "plan_id": planned["plan_id"]})
    assert left == 0
    return found(backtest_id)


def test_twenty_kills_change_no_figure(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    since = seed(tmp_path / DATABASE, batch.stack.transactions, PAYMENTS).isoformat()
    told(capsys, f"{PAYMENTS:,} decisions written in {time.monotonic() - began:.1f} s, peak {peak()} MiB")
    changed = {"based_on": 1, "thresholds": {"review": THEN_FROM[0], "block": THEN_FROM[1]}}
    assert Caller().send("PUT", POLICY, {**changed, "force": True}).status == 200
    calls = Calls(monkeypatch)
    began, used = time.monotonic(), time.process_time()
    whole = run(batch, calls, since, kills=0)
    took, cpu = time.monotonic() - began, time.process_time() - used
    told(capsys, f"tested in {took:.1f} s, {cpu:.1f} s of CPU, peak {peak()} MiB; calls {dict(calls.counts)}")
    killed = run(batch, calls, since, kills=KILLS) if KILLS else whole
    figures = set(whole) - {"backtest_id", "created_at", "completed_at", "to"}
    assert {name: whole[name] for name in figures} == {name: killed[name] for name in figures}
    expected = oracle()
    assert (whole["status"], whole["compared"]) == ("completed", PAYMENTS)
    assert Counter(whole["outcomes"]["now"]) == expected["now"]
    assert Counter(whole["outcomes"]["then"]) == expected["then"]
    assert whole["labels"]["fraud"] == expected["frauds"]
    amount = Decimal(repr(README_TRANSACTION["amount"]))
    stopped = [whole["money"]["fraud"][name] / float(amount) for name in ("stopped_now", "stopped_then")]
    assert stopped == expected["stopped"]
