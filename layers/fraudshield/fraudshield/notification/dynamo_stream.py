"""The alerts of stored decisions, from the records of the table's stream.

A record may come again and again: who was told is not told twice. One that cannot be read is dead-lettered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fraudshield.dynamo import stream
from fraudshield.dynamo.stream import UNREADABLE
from fraudshield.notification.alert import Alert, decision_alert
from fraudshield.notification.announcer import Announcer
from fraudshield.notification.threshold import AlertThresholds, AlertThresholdsSource, current
from fraudshield.scoring.dynamo_item import from_item
from fraudshield.telemetry import logger
from fraudshield.transaction.dynamo import TRANSACTION_RECORD, is_decided

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredAlerts:
    """Queues alerts of what was stored. `tell` and `tell_all` are safe to repeat."""

    thresholds: AlertThresholdsSource
    announcer: Announcer
    retry_queue_url: str

    def tell(self, records: Sequence[Record]) -> int:
        """Queues alerts and dead-letters what is unreadable; returns how many were new.

        Raises:
            StoreUnavailable, QueueUnavailable: not everybody was told.
        """
        alerts, unreadable = self._read(records)
        for record, cause in unreadable:
            self._dead_letter(record, cause)
        return self.announcer.announce(alerts)

    def tell_all(self, records: Sequence[Record]) -> int:
        """Queues the alerts of dead letters. Raises the cause, too, where one still cannot be read; others are told."""
        alerts, unreadable = self._read(records)
        told = self.announcer.announce(alerts)
        for _, cause in unreadable:
            raise cause
        return told

    def _read(self, records: Sequence[Record]) -> tuple[list[Alert], list[tuple[Record, Exception]]]:
        """The alerts of the records, and the records that cannot be read with why. Raises StoreUnavailable."""
        in_force = current(self.thresholds)
        alerts: list[Alert] = []
        unreadable: list[tuple[Record, Exception]] = []
        for record in records:
            try:
                alert = stored_alert(record, in_force)
            except UNREADABLE as exc:
                unreadable.append((record, exc))
            else:
                alerts += [alert] if alert is not None else []
        return alerts, unreadable

    def _dead_letter(self, record: Record, cause: Exception) -> None:
        logger.error("stored decision cannot be read", error=type(cause).__name__, event_id=record.get("eventID"))
        stream.send_dead_letter(self.retry_queue_url, "", record)


def stored_alert(record: Record, thresholds: AlertThresholds) -> Alert | None:
    """Returns the alert of a change of the table: of a first decision, and of nothing that happens to it later.

    Raises:
        One of `UNREADABLE`: it cannot be read.
    """
    told = record["dynamodb"]
    new, old = told.get("NewImage"), told.get("OldImage")
    if not new or new["record"]["S"] != TRANSACTION_RECORD or not is_decided(new) or (old and is_decided(old)):
        return None
    return decision_alert(from_item(new), thresholds)
