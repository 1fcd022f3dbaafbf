"""Where labels are kept."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from fraudshield.errors import Fault
from fraudshield.label.label import History, Label


class Labelled(StrEnum):
    """What recording a label did."""

    NEW = "new"
    KNOWN = "known"  # the same label was there already


Labelling = Labelled | Fault


class LabelStore(Protocol):
    """Labels beside their transactions: each write changes history and label in force together, or neither.

    Every call raises NotFound where there is no such transaction, StoreUnavailable.
    """

    def history(self, transaction_id: str) -> History:
        """All labels that the transaction ever had."""

    def add(self, transaction_id: str, label: Label, by: str) -> History:
        """Record one; the history with it. Safe to repeat: the same label is recorded once."""

    def take_back(self, transaction_id: str, undone_at: datetime, request_id: str) -> History:
        """Take back the one in force; the history then. Nothing happens twice under one `request_id`.

        Raises NotFound where none is in force.
        """

    def add_many(self, labels: Sequence[tuple[str, Label]], by: str, stop_at: float) -> list[Labelling]:
        """Record many, those of one transaction in order; one result each, in order. Raises nothing.

        None starts after `stop_at` (`time.monotonic()` seconds) less the time that one may take.
        """
