"""How much of its processor, memory and temporary disk this process uses, measured once a minute."""

import os
import resource
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

EVERY_S = 60.0
TEMPORARY = "/tmp"  # noqa: S108 the only disk that a function has
KILOBYTE = 1 if sys.platform == "darwin" else 1024  # getrusage(2): ru_maxrss is in bytes on macOS
MEGABYTE = 1024 * 1024


@dataclass(slots=True)
class Usage:
    """The usage of one process. Only the time between `begin` and `end` counts: in between, Lambda freezes it."""

    busy_s: float = 0.0
    spent_s: float = 0.0
    looked_at: float = field(default_factory=time.monotonic)
    began: tuple[float, float] = (0.0, 0.0)

    def begin(self) -> None:
        """A request starts."""
        self.began = (time.monotonic(), time.process_time())

    def end(self, memory_mb: int) -> Mapping[str, float]:
        """A request has ended. Once a minute the percentages, by the metric's name; else nothing."""
        wall, cpu = self.began
        now = time.monotonic()
        self.spent_s += now - wall
        self.busy_s += time.process_time() - cpu
        if now - self.looked_at < EVERY_S:
            return {}
        used = {"CpuPercent": _percent(self.busy_s, self.spent_s * (os.cpu_count() or 1))} | _memory_and_disk(memory_mb)
        self.busy_s = self.spent_s = 0.0
        self.looked_at = now
        return used


def _memory_and_disk(memory_mb: int) -> dict[str, float]:
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILOBYTE
    disk = shutil.disk_usage(TEMPORARY)
    return {
        "MemoryPercent": _percent(peak_bytes, memory_mb * MEGABYTE),
        "DiskPercent": _percent(disk.used, disk.total),
    }


def _percent(used: float, whole: float) -> float:
    return round(100 * used / whole, 1) if whole else 0.0
