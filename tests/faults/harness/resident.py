"""Resident memory of a process over time, and whether it grows."""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import linear_regression

from tests.faults.harness.client import clock

EVERY_S = 0.5
RESIDENT = re.compile(r"^VmRSS:\s+(\d+) kB", re.MULTILINE)  # see proc_pid_status(5)

Samples = list[tuple[float, float]]  # seconds, KiB


@contextmanager
def watched(pid: int) -> Iterator[Samples]:
    """Samples that grow while the block runs."""
    samples: Samples = []
    over = threading.Event()
    status = Path(f"/proc/{pid}/status")

    def look() -> None:
        while not over.wait(EVERY_S):
            samples.append((clock(), resident(status.read_text())))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def resident(status: str) -> float:
    """KiB, from the text of /proc/PID/status."""
    found = RESIDENT.search(status)
    assert found, status
    return float(found[1])


def growth(samples: Sequence[tuple[float, float]]) -> float:
    """KiB a second by least squares, the first third left out: that is where caches fill."""
    settled = samples[len(samples) // 3 :]
    return linear_regression([at for at, _ in settled], [size for _, size in settled]).slope
