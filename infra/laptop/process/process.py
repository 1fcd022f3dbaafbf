"""Runs a program while a block runs, in a session of its own; it never outlives this process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from infra.laptop.errors import SetupError

GUARD = Path(__file__).with_name("parent_guard.py")
START_S = 90.0  # a second, and what others leave of the machine; one that ends is not waited for
STOP_S = 6.0
POLL_S = 0.01


@contextmanager
def running_process(
    name: str, command: Sequence[str | Path], said: Path, started: str, env: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Run `command` from the moment that it has written `started` into `said`, which takes all it says.

    Ctrl-C in the terminal does not reach it: it ends when the block does, or when our process is no more.

    Raises:
        SetupError: it ended or was silent for `START_S`; carries what it said.
    """
    said.parent.mkdir(parents=True, exist_ok=True)
    with said.open("w") as log:
        process = subprocess.Popen(  # noqa: S603 our own programs
            [sys.executable, "-I", "-S", GUARD, *command],
            stdin=subprocess.PIPE,  # the guard waits for its end
            stdout=log,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
        )
    try:
        _wait(name, process, said, started)
        yield
    finally:
        _stop(process)


def _wait(name: str, process: "subprocess.Popen[bytes]", said: Path, started: str) -> None:
    give_up_at = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < give_up_at:
        if started in said.read_text(errors="replace"):
            return
        time.sleep(POLL_S)
    raise SetupError(f"{name} did not start: {_last_line(said)}")


def _last_line(said: Path) -> str:
    lines = said.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_S)
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        process.stdin.close()
