"""The port of the store of labels."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from fraudshield.audit.audit import Author
from fraudshield.errors import Fault
from fraudshield.label.label import History, Label


class LabelResult(StrEnum):
    """The result of recording a label."""

    NEW = "new"
    KNOWN = "known"  # the same label was there already


LabelOutcome = LabelResult | Fault


class KnownLabels(Protocol):
    """The labels in force of many payments, as they are now."""

    def of(self, transaction_ids: Sequence[str], stop_at: float) -> Mapping[str, Label | None]:
        """By id, None where a payment has none; what is not stored is left out.

        Raises StoreUnavailable, also where not all could be read by `stop_at` (`time.monotonic()` seconds).
        """


class LabelStore(Protocol):
    """Labels beside their transactions: each write changes history and label in force together, or neither.

    Every call raises NotFound where there is no such transaction, StoreUnavailable.
    """

    def history(self, transaction_id: str) -> History:
        """Returns all labels that the transaction ever had."""

    def add(self, transaction_id: str, label: Label, by: Author, stop_at: float = math.inf) -> History:
        """Records a label, with the audit log's entry of it; returns the history with it.

        It is safe to repeat: the same label is recorded once. No attempt begins later than `STORE_S` before `stop_at`
        (`time.monotonic()` seconds).
        """

    def take_back(self, transaction_id: str, undone_at: datetime, by: Author) -> History:
        """Takes back the label in force, with an entry as above; returns the history.

        A repeat of the same request changes nothing. Raises NotFound where none is in force.
        """

    def take_back_one(
        self, transaction_id: str, label: Label, undone_at: datetime, by: Author, stop_at: float = math.inf
    ) -> History:
        """Takes back this very label, whether it is in force or a newer one hides it, as above.

        Where it is not recorded, or was taken back, nothing changes. `stop_at` is that of `add`.
        """

    def add_many(self, labels: Sequence[tuple[str, Label]], by: Author, stop_at: float) -> list[LabelOutcome]:
        """Records labels, those of one transaction in order; returns one result each, in order. Raises nothing.

        Their file has one entry in the audit log, which its reader adds.

        None starts after `stop_at` (`time.monotonic()` seconds) less the time that one may take.
        """
