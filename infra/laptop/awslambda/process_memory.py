"""How much memory a process has used, where the system tells."""

import os
import re
from contextlib import suppress

PEAK = re.compile(rb"^VmHWM:\s+(\d+) kB", re.MULTILINE)  # see proc_pid_status(5)


class ProcessMemory:
    """Peak resident memory of one process; unknown where there is no /proc. The file stays open: it is read often."""

    def __init__(self, pid: int) -> None:
        self._peak_mb: float | None = None
        self._status = -1
        with suppress(OSError):
            self._status = os.open(f"/proc/{pid}/status", os.O_RDONLY)

    def peak_mb(self) -> float | None:
        """The peak in MiB; for a process that has ended, as it was read last."""
        if self._status >= 0:
            with suppress(ProcessLookupError):
                found = PEAK.search(os.pread(self._status, 4096, 0))
                self._peak_mb = int(found[1]) / 1024 if found else self._peak_mb
        return self._peak_mb

    def close(self) -> None:
        """Close the file that is read."""
        if self._status >= 0:
            os.close(self._status)
            self._status = -1
