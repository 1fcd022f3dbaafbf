"""When the next mail goes to a subscriber: alerts that come together go together, and never too many mails an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fraudshield.notification.alert import Alert, Severity
from fraudshield.notification.subscriber import QuietHours

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)  # as close as critical mails of a wave follow each other
MOST_ALERTS = 1000  # in one mail: some 400 KB, a line each


@dataclass(frozen=True, slots=True)
class Waiting:
    """The alerts that wait for a subscriber, `MOST_ALERTS` at most: critical ones first, then the oldest."""

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
    waiting: Waiting,
    sent: Sequence[datetime],
    mails_per_hour: int,
    quiet_hours: QuietHours | None,
    now: datetime,
    critical_at: datetime | None = None,
) -> datetime | None:
    """Returns when a mail with these alerts may go: `now` or later; None where nothing waits.

    What is critical goes at once, in a wave a minute after the last critical mail (`critical_at`), whatever the hour's
    number and the quiet hours. Of other mails the first two of an hour go at once; the next ones keep a distance, so
    that the hour's mails last for the hour, and one that is full need not.
    """
    if not waiting.alerts:
        return None
    due = allowed_at(sent, mails_per_hour, now)
    if len(sent) >= 2 and not waiting.is_full:
        due = max(due, max(sent) + HOUR / mails_per_hour)
    if waiting.is_urgent:
        return min(due, urgent_at(critical_at, now))
    return due if quiet_hours is None else quiet_hours.over_at(due)


def urgent_at(critical_at: datetime | None, now: datetime) -> datetime:
    """Returns when a mail with a critical alert may go: at once, or a minute after the last one that had any."""
    return now if critical_at is None else max(now, critical_at + MINUTE)
