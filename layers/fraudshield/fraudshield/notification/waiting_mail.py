"""What waits for a subscriber before it is in a mail: how many alerts, until when, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from fraudshield.notification.alert import Alert, worst
from fraudshield.notification.port import MailOutbox, MailOutboxes
from fraudshield.notification.schedule import Waiting, due_at
from fraudshield.notification.subscriber import Subscriber, SubscriberStatus


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """The alerts of one subscriber that are in no mail yet. `since` is when the first of them was raised."""

    subscriber: Subscriber
    alerts: int
    since: datetime
    due_at: datetime | None
    reason: str


def waiting_mails(outboxes: MailOutboxes, mails_per_hour: int, now: datetime) -> Iterator[WaitingMail]:
    """Yields what waits, subscriber by subscriber; two or three reads for each. Raises StoreUnavailable."""
    for subscriber in outboxes.subscribers():
        if subscriber.status is SubscriberStatus.LEAVING:
            continue
        outbox = outboxes.outbox(subscriber.subscriber_id)
        waiting = Waiting(tuple(_in_no_mail(outboxes, outbox)))
        if waiting.alerts:
            yield _waiting_mail(subscriber, outbox, waiting, mails_per_hour, now)


def _in_no_mail(outboxes: MailOutboxes, outbox: MailOutbox) -> Iterator[Alert]:
    _, listed = outboxes.mail(outbox.open_mail) if outbox.open_mail else (None, ())
    known = {(one.alert_id, one.severity) for one in listed}
    alerts = outboxes.waiting(outbox.subscriber_id).alerts
    return (one for one in alerts if (one.alert_id, one.severity) not in known)


def _waiting_mail(
    subscriber: Subscriber, outbox: MailOutbox, waiting: Waiting, mails_per_hour: int, now: datetime
) -> WaitingMail:
    due = due_at(waiting, outbox.sent, mails_per_hour, subscriber.quiet_hours, now, outbox.critical_at)
    told = worst(waiting.alerts)
    since = min(alert.raised_at for alert in told)
    return WaitingMail(subscriber, len(told), since, due, _reason(subscriber, outbox, due, now))


def _reason(subscriber: Subscriber, outbox: MailOutbox, due: datetime | None, now: datetime) -> str:
    if subscriber.status is not SubscriberStatus.CONFIRMED:
        return f"the subscription is {subscriber.status}"
    if outbox.open_mail:
        return "an earlier mail is being sent"
    if due is None or due <= now:
        return "it goes with the next run"
    if subscriber.quiet_hours is not None and subscriber.quiet_hours.over_at(due) == due != now:
        quiet = subscriber.quiet_hours.over_at(now) > now
        return "quiet hours" if quiet else "mails keep a distance"
    return "mails keep a distance"
