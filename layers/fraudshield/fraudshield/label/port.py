"""The port of the store of labels."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from fraudshield.errors import Fault
from fraudshield.label.label import History, Label


class LabelResult(StrEnum):
    """The result of recording a label."""

    NEW = "new"
    KNOWN = "known"  # the same label was there already


LabelOutcome = LabelResult | Fault


class LabelStore(Protocol):
    """Labels beside their transactions: each write changes history and label in force together, or neither.

    Every call raises NotFound where there is no such transaction, StoreUnavailable.
    """

    def history(self, transaction_id: str) -> History:
        """Returns all labels that the transaction ever had."""

    def add(self, transaction_id: str, label: Label, by: str, actor: str = "") -> History:
        """Records a label; returns the history with it. It is safe to repeat: the same label is recorded once.

        `by` is the id of the key, `actor` who its bearer said to be.
        """

    def take_back(self, transaction_id: str, undone_at: datetime, request_id: str) -> History:
        """Takes back the label in force; returns the history. A repeat with the same `request_id` changes nothing.

        Raises NotFound where none is in force.
        """

    def add_many(
        self, labels: Sequence[tuple[str, Label]], by: str, stop_at: float, actor: str = ""
    ) -> list[LabelOutcome]:
        """Records labels, those of one transaction in order; returns one result each, in order. Raises nothing.

        None starts after `stop_at` (`time.monotonic()` seconds) less the time that one may take.
        """
