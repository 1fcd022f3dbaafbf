"""The alarms that are on, written down so that each ends after a restart, if its cause is gone."""

import logging
from pathlib import Path

from infra.laptop import private_file

ADVICE = "delete it: alerts that were open when the laptop went away then stay open"

logger = logging.getLogger(__name__)


class AlarmJournal:
    """A file of the alarms that somebody was told of and that have not ended; without a path it is forgotten.

    Raises:
        SetupError: the file cannot be read.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.on: dict[str, str] = private_file.read(path, ADVICE) if path else {}

    def note(self, name: str, state: str, *, told: bool) -> None:
        """Note an alarm's new state: on where it was told, else over."""
        before = dict(self.on)
        if told:
            self.on[name] = state
        else:
            self.on.pop(name, None)
        if self._path and self.on != before:
            try:
                private_file.write(self._path, self.on)
            except OSError as exc:  # a full disk must not end the evaluation
                logger.warning("Alarms that are on cannot be written down: %s", exc)
