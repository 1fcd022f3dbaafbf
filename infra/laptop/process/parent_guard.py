"""Runs a program and ends it when its parent is gone, even by kill -9: `parent_guard.py PROGRAM ARGUMENT...`.

The parent holds the other end of our standard input and never writes. Only the standard library: it must start at once.
"""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from types import FrameType

STOP_S = 5.0


def main(command: list[str]) -> int:
    """Run `command` to its end; SIGTERM is passed on. Returns the exit status as a shell would say it."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 our parent says what to run

    def end(_: int = 0, __: FrameType | None = None) -> None:
        with suppress(ProcessLookupError):
            process.terminate()

    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=_follow, args=(process,), daemon=True).start()
    status = process.wait()
    return 128 - status if status < 0 else status


def _follow(process: "subprocess.Popen[bytes]") -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
