"""Longer time-outs: a loaded machine is late, and tests of what is sent, not of when, give the stores more time."""

import sys
from collections.abc import Mapping

import pytest
from botocore.config import Config

from fraudshield import budget

PATIENCE_S = 60.0
TIMES = 4  # as often as fits into the seven seconds of a whole request
LENGTHENED = ("STORE_S", "VELOCITY_S", "VELOCITIES_S", "PARK_S", "QUEUE_S", "NOTE_S", "PROBE_S", "LOOKUP_S")
HOT_PATH = Config(connect_timeout=TIMES * budget.CONNECT_S, read_timeout=TIMES * budget.READ_S)


def lengthen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every module that took seconds from `budget` four times as many; those of a whole request stay."""
    for name, module in list(sys.modules.items()):
        if name.startswith("fraudshield.") and module is not budget:
            for seconds in LENGTHENED:
                if hasattr(module, seconds):
                    monkeypatch.setattr(module, seconds, TIMES * getattr(budget, seconds))
            if hasattr(module, "HOT_PATH"):
                monkeypatch.setattr(module, "HOT_PATH", module.HOT_PATH.merge(HOT_PATH))


def wait_for_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives what reads histories all the time it takes, for tests of what a value is."""
    _wait(monkeypatch, dict.fromkeys(("VELOCITY_S", "VELOCITIES_S"), PATIENCE_S))


def wait_for_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives every call of a payment all the time it takes, so that no breaker opens on a loaded machine."""
    calls, whole = ("VELOCITY_S", "VELOCITIES_S", "STORE_S"), ("WRITES_STOP_S", "REQUEST_S")
    _wait(monkeypatch, {**dict.fromkeys(calls, PATIENCE_S), **dict.fromkeys(whole, 2 * PATIENCE_S)})
    for name, module in list(sys.modules.items()):
        if name.startswith("fraudshield.") and hasattr(module, "HOT_PATH"):
            waiting = Config(connect_timeout=PATIENCE_S, read_timeout=PATIENCE_S)
            monkeypatch.setattr(module, "HOT_PATH", module.HOT_PATH.merge(waiting))


def _wait(monkeypatch: pytest.MonkeyPatch, times: Mapping[str, float]) -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith(("fraudshield.", "functions.")) and module is not budget:
            for seconds, time_s in times.items():
                if hasattr(module, seconds):
                    monkeypatch.setattr(module, seconds, time_s)
