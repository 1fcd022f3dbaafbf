"""The dispatcher: what is due is sent, once; what cannot be sent stays open and is tried again.

A mail's content is fixed before it is sent, an attempt is noted before it is made, and what waited is dropped after
the mail is known to have gone. So whoever dies in between leaves a mail that the next run finds and finishes.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import token_hex

from fraudshield.notification.alert import Alert, worst
from fraudshield.notification.content import MailTemplates
from fraudshield.notification.mail import Mail, MailStatus, new_mail
from fraudshield.notification.port import MailOutbox, MailOutboxes, MailUnavailable, OutboxTaken, Sender, Unreadable
from fraudshield.notification.schedule import Waiting, allowed_at, due_at, urgent_at
from fraudshield.notification.subscriber import Subscriber, SubscriberStatus

HELD = timedelta(seconds=90)  # longer than the worker's function may run
SILENT = frozenset({SubscriberStatus.SUPPRESSED, SubscriberStatus.LEAVING})


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Serves one subscriber after the other. Any number of dispatchers may run at once."""

    outboxes: MailOutboxes
    sender: Sender
    templates: MailTemplates
    mails_per_hour: int
    clock: Callable[[], datetime]
    done: Counter[str] = field(default_factory=Counter)  # what was done, by the names of its metrics
    later: list[datetime] = field(default_factory=list)  # when there is something to do again

    def run(self, in_time: Callable[[], bool]) -> datetime | None:
        """Serves every subscriber, as long as there is time to finish one more mail.

        Returns when the next run will have something to do: None where nothing waits. Raises StoreUnavailable.
        """
        self.later.clear()
        for subscriber in self.outboxes.subscribers():
            try:
                self._serve(subscriber, in_time)
            except OutboxTaken:
                self.done["OutboxTaken"] += 1  # another dispatcher serves it: nothing is left undone
            except Unreadable:
                self.done["OutboxUnreadable"] += 1  # the log says which item; others get their mails
        return min(self.later, default=None)

    def _serve(self, subscriber: Subscriber, in_time: Callable[[], bool]) -> None:
        while in_time():
            if not self._step(subscriber):
                return
        self.later.append(self.clock())

    def _step(self, subscriber: Subscriber) -> bool:
        """Does one thing for this subscriber; returns whether there may be more to do now."""
        now = self.clock()
        outbox = self.outboxes.outbox(subscriber.subscriber_id)
        if outbox.held_until is not None and outbox.is_held(now):
            return self._wait(outbox.held_until)
        if outbox.open_mail:
            return self._go_on(subscriber, outbox, now)
        if subscriber.status is SubscriberStatus.LEAVING:
            self.outboxes.forget(subscriber.subscriber_id)
            return False
        return subscriber.status is not SubscriberStatus.PENDING and self._open(subscriber, outbox, now)

    def _open(self, subscriber: Subscriber, outbox: MailOutbox, now: datetime) -> bool:
        waiting = self.outboxes.waiting(subscriber.subscriber_id)
        due = due_at(
            waiting, outbox.sent, self.mails_per_hour, subscriber.quiet_hours, now, critical_at=outbox.critical_at
        )
        if due is None:
            return False
        if due > now:
            return self._wait(due)
        mail = new_mail(subscriber, "alerts", len(worst(waiting.alerts)), token_hex(4), now)
        self.outboxes.open(outbox, mail, waiting.alerts)
        return True

    def _go_on(self, subscriber: Subscriber, outbox: MailOutbox, now: datetime) -> bool:
        mail, alerts = self.outboxes.mail(outbox.open_mail)
        unknown = (outbox.held_until or now,) if outbox.begun_at else ()  # the dispatcher that began it is gone
        settled = outbox.gone(mail, alerts, *unknown).released(mail.mail_id)
        if not mail.is_open:
            return self._close(settled, alerts)
        if subscriber.status in SILENT:
            self.outboxes.keep(settled, mail.ended(MailStatus.SUPPRESSED, subscriber.reason))
            return True
        due = max(self._allowed_at(settled, mail, alerts, now), self._next_at(mail, now) or now)
        if due > now:
            return self._wait(due)
        return self._send(subscriber, settled, replace(mail, repeats=mail.repeats + len(unknown)), alerts)

    def _send(self, subscriber: Subscriber, outbox: MailOutbox, mail: Mail, alerts: tuple[Alert, ...]) -> bool:
        content = self.templates.content(subscriber, mail, alerts, self.clock())
        begun_at = self.clock()
        begun = replace(outbox, begun_at=begun_at, held_until=begun_at + HELD)
        self.outboxes.keep(begun, mail)
        mine = replace(begun, version=begun.version + 1)
        try:
            self.sender.send(subscriber.email, mail.mail_id, content)
        except MailUnavailable as exc:
            now = self.clock()
            tried = mail.refused(exc.reason, now, urgent=Waiting(alerts).is_urgent)
            self._count(tried, "MailRetry")
            if exc.unknown:
                tried = replace(tried, repeats=tried.repeats + tried.is_open)
            gone = (now,) if exc.unknown else ()
            self.outboxes.keep(mine.gone(mail, alerts, *gone).released(mail.mail_id), tried)
            return True  # which sees when it may be tried again
        now = self.clock()
        self._count(mail, "MailSent")
        self.outboxes.keep(mine.gone(mail, alerts, now).released(mail.mail_id), mail.taken(now))
        return True

    def _next_at(self, mail: Mail, now: datetime) -> datetime | None:
        """When SES is asked again; sooner where something urgent waits behind the mail, since one goes at a time."""
        if mail.next_at is None or mail.next_at <= now:
            return mail.next_at
        urgent = self.outboxes.waiting(mail.subscriber_id).is_urgent
        return mail.hurried().next_at if urgent else mail.next_at

    def _allowed_at(self, outbox: MailOutbox, mail: Mail, alerts: tuple[Alert, ...], now: datetime) -> datetime:
        if mail.kind == "confirmation":
            return now
        by_number = allowed_at(outbox.sent, self.mails_per_hour, now)
        return min(by_number, urgent_at(outbox.critical_at, now)) if Waiting(alerts).is_urgent else by_number

    def _close(self, outbox: MailOutbox, alerts: tuple[Alert, ...]) -> bool:
        self.outboxes.drop(outbox.subscriber_id, alerts)
        self.outboxes.keep(outbox.released(""))
        return True

    def _wait(self, until: datetime) -> bool:
        self.later.append(until)
        return False

    def _count(self, mail: Mail, what: str) -> None:
        self.done[what] += 1
        self.done["MailRepeated"] += mail.repeats > 0
        self.done["MailGivenUp"] += mail.status is MailStatus.FAILED
