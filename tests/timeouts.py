"""A loaded machine answers late. Tests that say what is answered, not when, give the stores four times the time."""

import sys

import pytest
from botocore.config import Config

from fraudshield import budget

TIMES = 4  # as often as fits into the seven seconds of a whole request
OF_A_CALL = ("STORE_S", "VELOCITY_S", "VELOCITIES_S", "PARK_S", "QUEUE_S", "NOTE_S")
HOT_PATH = Config(connect_timeout=TIMES * budget.CONNECT_S, read_timeout=TIMES * budget.READ_S)


def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every room that took a call's seconds from `budget` has four times as many; those of a whole request stay."""
    for name, room in list(sys.modules.items()):
        if name.startswith("fraudshield.") and room is not budget:
            for seconds in OF_A_CALL:
                if hasattr(room, seconds):
                    monkeypatch.setattr(room, seconds, TIMES * getattr(budget, seconds))
            if hasattr(room, "HOT_PATH"):
                monkeypatch.setattr(room, "HOT_PATH", room.HOT_PATH.merge(HOT_PATH))
