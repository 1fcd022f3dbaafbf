"""The command as somebody types it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXECUTABLE = Path(sys.executable).with_name("fraudshield")
HEADER = (
    "transaction_id,step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest\n"
)
GOOD = "t-1,1,PAYMENT,1000.00,C1,5000.00,4000.00,M1,0.00,0.00\n"
DRAINED = "t-2,1,TRANSFER,55102.07,C1,55102.07,0.00,C2,1172.09,56274.16\n"
UNSET = ("MODEL_DIR", "MODEL_VERSION", "DATABASE_URL", "EMAIL_PASSWORD")  # whatever the developer's own .env has


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended and what it wrote."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


def process(*arguments: str, given: bytes = b"", **environment: str) -> Ran:
    """A real process, with `given` on its standard input."""
    ended = subprocess.run(
        [EXECUTABLE, *arguments],
        input=given,
        capture_output=True,
        env=os.environ | dict.fromkeys(UNSET, "") | environment,
        check=False,
        timeout=300,
    )
    return Ran(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def interruptible() -> None:
    """Lets SIGINT end a process of ours, also where the tests run in a background that ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
