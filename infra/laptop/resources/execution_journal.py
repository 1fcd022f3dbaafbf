"""The executions of state machines that run now, written down so that they can be started again."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.laptop import private_file

ADVICE = "delete it: what ran when the laptop went away is then not started again"


class ExecutionJournal:
    """A file of running executions: state machine, name and input by ARN. Hold `lock` from a start to its entry.

    Raises:
        SetupError: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.lock = threading.RLock()
        self._path = path
        self._running = running_executions(path)

    def begin(self, arn: str, machine: str, name: str, given: str) -> None:
        """Note that an execution runs."""
        with self.lock:
            self._running[arn] = {"machine": machine, "name": name, "input": given}
            private_file.write(self._path, self._running)

    def end(self, arn: str) -> None:
        """Note that an execution has ended."""
        with self.lock:
            self._running.pop(arn, None)
            private_file.write(self._path, self._running)


def running_executions(path: Path) -> dict[str, Mapping[str, Any]]:
    """The executions that are written down, by ARN. Raises SetupError where it cannot be read."""
    return private_file.read(path, ADVICE)
