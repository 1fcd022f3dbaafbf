"""What notification needs from the outside world. `aws/` has the real ones, tests the fakes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from fraudshield.notification.alert import Alert
from fraudshield.notification.content import Letter
from fraudshield.notification.mail import Mail
from fraudshield.notification.schedule import HOUR, Waiting
from fraudshield.notification.subscriber import Subscriber


@dataclass(frozen=True, slots=True)
class Outbox:
    """One subscriber's mail: at most one is open at a time, and only who holds the outbox sends it.

    `begun_at` is of an attempt whose outcome is not known (yet); `sent` are the times, of the last hour, by which
    mails had gone. Every change makes the next version.
    """

    subscriber_id: str
    version: int = 0
    open_mail: str = ""
    sent: tuple[datetime, ...] = ()
    begun_at: datetime | None = None
    held_until: datetime | None = None

    def is_held(self, now: datetime) -> bool:
        """Whether somebody may be sending right now."""
        return self.held_until is not None and self.held_until > now

    def released(self, *sent: datetime, open_mail: str) -> "Outbox":
        """With nobody at it; `sent` are further times by which a mail had gone, or may have."""
        times = (*self.sent, *sent)
        recent = tuple(at for at in times if at > max(times) - HOUR) if times else ()
        return replace(self, sent=recent, open_mail=open_mail, begun_at=None, held_until=None)


class Outboxes(Protocol):
    """Subscribers, what waits for them, and their mails. Everything raises StoreUnavailable."""

    def subscribers(self) -> list[Subscriber]:
        """All, read now."""

    def outbox(self, subscriber_id: str) -> Outbox:
        """As it is now."""

    def waiting(self, subscriber_id: str) -> Waiting:
        """The oldest alerts that wait."""

    def open(self, outbox: Outbox, mail: Mail, alerts: Sequence[Alert]) -> None:
        """Fix the mail's content; from then on it is the outbox's open mail. Raises OutboxTaken."""

    def mail(self, mail_id: str) -> tuple[Mail, tuple[Alert, ...]]:
        """With its content. Raises NotFound."""

    def keep(self, outbox: Outbox, mail: Mail | None = None) -> None:
        """Store both as given; a mail that has ended meanwhile stays ended. Raises OutboxTaken."""

    def drop(self, subscriber_id: str, alerts: Sequence[Alert]) -> None:
        """They wait no more: a mail that was sent lists them."""

    def forget(self, subscriber_id: str) -> None:
        """Remove the subscriber and all that waits for it. Safe to repeat."""


class AlertBoard(Protocol):
    """Where alerts wait for their subscribers. Everything raises StoreUnavailable."""

    def subscribers(self) -> list[Subscriber]:
        """All, read now."""

    def add(self, subscriber_id: str, alerts: Sequence[Alert]) -> int:
        """Have them wait for the subscriber, each once in its life: how many were new. Safe to repeat."""


class Bell(Protocol):
    """Calls a dispatcher."""

    def ring(self, at: datetime) -> None:
        """Has a run begin at or before `at`, soon where that is now. Raises QueueUnavailable, StoreUnavailable."""


class CoolDown(Protocol):
    """Which system alerts were told a moment ago."""

    def begin(self, alert_type: str, now: datetime, cooldown_s: int) -> tuple[datetime, int]:
        """When the type's present window began, and how many were held back in the one before.

        A window lasts for `cooldown_s` from the first alert on; others that fall into it count as held back.
        Raises StoreUnavailable.
        """


class Sender(Protocol):
    """Takes mails to people."""

    def send(self, address: str, mail_id: str, letter: Letter) -> None:
        """Raises MailUnavailable: refused, or nobody knows."""
