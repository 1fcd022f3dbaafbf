"""When the next mail goes to a subscriber: alerts that come together go together, and never too many mails an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fraudshield.notification.alert import Alert, Severity
from fraudshield.notification.subscriber import QuietHours

HOUR = timedelta(hours=1)
MOST_ALERTS = 1000  # in one mail: some 400 KB, a line each


@dataclass(frozen=True, slots=True)
class Waiting:
    """The alerts that wait for a subscriber, oldest first, `MOST_ALERTS` at most."""

    alerts: tuple[Alert, ...]

    @property
    def is_full(self) -> bool:
        """Returns whether the alerts fill a mail."""
        return len(self.alerts) >= MOST_ALERTS

    @property
    def is_urgent(self) -> bool:
        """Returns whether a critical alert is among them, which quiet hours do not hold back."""
        return any(alert.severity is Severity.CRITICAL for alert in self.alerts)


def allowed_at(sent: Sequence[datetime], mails_per_hour: int, now: datetime) -> datetime:
    """Returns the earliest time from `now` on at which one more mail leaves no hour with more than `mails_per_hour`."""
    latest = sorted(sent)[-mails_per_hour:]
    return max(now, latest[0] + HOUR) if len(latest) == mails_per_hour else now


def due_at(
    waiting: Waiting, sent: Sequence[datetime], mails_per_hour: int, quiet_hours: QuietHours | None, now: datetime
) -> datetime | None:
    """Returns when a mail with these alerts may go: `now` or later; None where nothing waits.

    The first two of an hour go at once. In a wave the next ones keep a distance, so that the hour's mails last for
    the hour; one that is full need not. Quiet hours hold back what is not critical.
    """
    if not waiting.alerts:
        return None
    due = allowed_at(sent, mails_per_hour, now)
    if len(sent) >= 2 and not waiting.is_full:
        due = max(due, max(sent) + HOUR / mails_per_hour)
    if quiet_hours is not None and not waiting.is_urgent:
        due = quiet_hours.over_at(due)
    return due
