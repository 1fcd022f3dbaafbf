"""The ports of notification. The adapters are beside this module, the fakes in `tests/fake_outbox.py`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from fraudshield.errors import Unavailable
from fraudshield.notification.alert import Alert
from fraudshield.notification.content import MailContent
from fraudshield.notification.mail import Mail
from fraudshield.notification.schedule import HOUR, Waiting
from fraudshield.notification.subscriber import Subscriber


class OutboxTaken(Unavailable):
    """Somebody else changed this subscriber's outbox since it was read."""

    code = "outbox_taken"


class Unreadable(Unavailable):
    """What is stored cannot be read: a later release wrote it, or it is damaged."""

    code = "unreadable"


class MailUnavailable(Unavailable):
    """SES did not take a mail; `unknown` where it may have taken it and the response was lost."""

    code = "mail_unavailable"

    def __init__(self, reason: str, *, unknown: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.unknown = unknown


@dataclass(frozen=True, slots=True)
class MailOutbox:
    """One subscriber's mail outbox: at most one mail is open at a time, and only the dispatcher that holds it sends.

    `begun_at` is of an attempt whose outcome is not known (yet); `sent` are the times, of the last hour, by which
    mails with alerts had gone, `critical_at` the last by which one had critical ones, `asked_at` the last by which the
    subscriber was asked to confirm. Every change makes the next version.
    """

    subscriber_id: str
    version: int = 0
    open_mail: str = ""
    sent: tuple[datetime, ...] = ()
    begun_at: datetime | None = None
    held_until: datetime | None = None
    critical_at: datetime | None = None
    asked_at: datetime | None = None

    def is_held(self, now: datetime) -> bool:
        """Returns whether a dispatcher may be sending right now."""
        return self.held_until is not None and self.held_until > now

    def gone(self, mail: Mail, alerts: Sequence[Alert], *times: datetime) -> "MailOutbox":
        """The outbox after the mail had gone, or may have, by these times. A question to confirm counts apart."""
        if not times:
            return self
        if mail.kind == "confirmation":
            return replace(self, asked_at=max(times))
        critical_at = max(times) if Waiting(tuple(alerts)).is_urgent else self.critical_at
        return replace(self, sent=(*self.sent, *times), critical_at=critical_at)

    def released(self, open_mail: str) -> "MailOutbox":
        """The outbox held by nobody, without the times that are more than an hour before the last one."""
        recent = tuple(at for at in self.sent if at > max(self.sent) - HOUR)
        return replace(self, sent=recent, open_mail=open_mail, begun_at=None, held_until=None)


class MailOutboxes(Protocol):
    """Subscribers, what waits for them, and their mails. Everything raises StoreUnavailable, of one also Unreadable."""

    def subscribers(self) -> list[Subscriber]:
        """All subscribers, read now."""

    def outbox(self, subscriber_id: str) -> MailOutbox:
        """The subscriber's outbox, read now."""

    def waiting(self, subscriber_id: str) -> Waiting:
        """The oldest alerts that wait for the subscriber."""

    def open(self, outbox: MailOutbox, mail: Mail, alerts: Sequence[Alert]) -> None:
        """Stores the mail's content; from then on it is the outbox's open mail. Raises OutboxTaken."""

    def mail(self, mail_id: str) -> tuple[Mail, tuple[Alert, ...]]:
        """The mail and the alerts in it. Raises NotFound."""

    def keep(self, outbox: MailOutbox, mail: Mail | None = None) -> None:
        """Stores both as given; a mail that has ended meanwhile stays ended. Raises OutboxTaken."""

    def drop(self, subscriber_id: str, alerts: Sequence[Alert]) -> None:
        """Removes alerts from the queue: a mail that was sent lists them."""

    def forget(self, subscriber_id: str) -> None:
        """Removes the subscriber and all that waits for it. It is safe to repeat."""


class AlertQueue(Protocol):
    """The queues in which alerts wait for their subscribers. Everything raises StoreUnavailable."""

    def subscribers(self) -> list[Subscriber]:
        """All subscribers, read now."""

    def add(self, subscriber_id: str, alerts: Sequence[Alert]) -> int:
        """Queues each alert once for the subscriber; returns how many were new. It is safe to repeat."""


class WakeUp(Protocol):
    """Wakes the dispatcher."""

    def wake(self, at: datetime) -> None:
        """Has a run begin at or before `at`, soon where that is now. Raises QueueUnavailable, StoreUnavailable."""


class CoolDown(Protocol):
    """The windows in which a type of system alert is not told again."""

    def begin(self, alert_type: str, now: datetime, cooldown_s: int) -> tuple[datetime, int]:
        """Returns when the type's present window began, and how many alerts were held back in the one before.

        A window lasts for `cooldown_s` from the first alert on; others that fall into it count as held back.
        Raises StoreUnavailable.
        """


class Sender(Protocol):
    """Sends mails."""

    def send(self, address: str, mail_id: str, content: MailContent) -> None:
        """Sends a mail. Raises MailUnavailable: it was refused, or its outcome is unknown."""
