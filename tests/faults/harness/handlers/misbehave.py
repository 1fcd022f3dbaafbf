"""A function behind the API that does what the request's body says."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

MIB = 1024 * 1024


def handle(event: dict[str, Any], _: Any) -> dict[str, Any]:
    ACTIONS[event["body"]]()
    return {"statusCode": 200, "body": json.dumps({"pid": os.getpid()})}


def answer() -> None:
    """Nothing out of the ordinary."""


def crash() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave() -> None:
    sys.exit(3)


def fail() -> None:
    raise RuntimeError("a secret of the system")


def hang() -> None:
    """For ever, after touching the file that BEGAN names."""
    if "BEGAN" in os.environ:
        Path(os.environ["BEGAN"]).touch()
    signal.pause()


def fill() -> None:
    """Far more than it has, and touched."""
    assert len(b"x" * (256 * MIB))
    signal.pause()


ACTIONS = {action.__name__: action for action in (answer, crash, leave, fail, hang, fill)}
