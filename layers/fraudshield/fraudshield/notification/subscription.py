"""A subscription's life: asked for, confirmed by whoever reads the mail, changed, ended."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Protocol

from fraudshield.errors import NotFound, OutboxTaken, Unavailable
from fraudshield.notification.link import Deed, read_token
from fraudshield.notification.mail import new_mail
from fraudshield.notification.port import Bell, Outboxes
from fraudshield.notification.subscriber import Standing, Subscriber, SubscriberRequest, subscriber_id

ASKED_LATELY = timedelta(minutes=10)  # nobody's mailbox is filled with questions


class Subscribers(Protocol):
    """All who are told. Everything raises StoreUnavailable."""

    def all(self) -> list[Subscriber]:
        """Read now."""

    def add(self, subscriber: Subscriber) -> Subscriber:
        """Keep a new one, or change name, severity and quiet hours of the one that is there: as it is then."""

    def confirm(self, subscriber_id: str, at: datetime) -> Subscriber:
        """Raises NotFound. One that stands elsewhere than at pending stays there."""

    def leave(self, subscriber_id: str) -> None:
        """Forgets name and address at once; the dispatcher removes the rest. Raises NotFound."""


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Nobody is told anything before the owner of the address has said so."""

    subscribers: Subscribers
    outboxes: Outboxes
    bell: Bell
    of_mail: bytes
    clock: Callable[[], datetime]

    def subscribe(self, call: SubscriberRequest) -> Subscriber:
        """Safe to repeat; a new one is asked by mail first.

        Raises:
            StoreUnavailable, QueueUnavailable, Unavailable: an earlier subscription of this address is being removed.
        """
        now = self.clock()
        wanted = Subscriber(
            subscriber_id=subscriber_id(self.of_mail, call.notification_type, call.contact.email),
            notification_type=call.notification_type,
            name=call.contact.name,
            email=call.contact.email,
            severity=call.severity,
            quiet_hours=call.quiet_hours,
            standing=Standing.PENDING,
            created_at=now,
        )
        subscriber = self.subscribers.add(wanted)
        if subscriber.standing is Standing.LEAVING:
            self.bell.ring(now)
            raise Unavailable("An earlier subscription of this address is still being removed; try again in a minute")
        if subscriber.standing is Standing.PENDING:
            self._ask(subscriber, now)
        return subscriber

    def read(self, deed: Deed, token: str) -> str:
        """Whose link it is. Raises Malformed."""
        return read_token(self.of_mail, deed, token, self.clock())

    def confirm(self, token: str) -> Subscriber:
        """Whoever has the link can read the address's mail. Raises Malformed, NotFound, StoreUnavailable."""
        return self.subscribers.confirm(self.read("confirm", token), self.clock())

    def unsubscribe(self, token: str) -> None:
        """Safe to repeat. Raises Malformed, StoreUnavailable, QueueUnavailable."""
        try:
            self.end(self.read("unsubscribe", token))
        except NotFound:
            return  # which is what was asked for

    def end(self, subscriber_id: str) -> None:
        """Raises NotFound, StoreUnavailable, QueueUnavailable."""
        self.subscribers.leave(subscriber_id)
        self.bell.ring(self.clock())

    def _ask(self, subscriber: Subscriber, now: datetime) -> None:
        outbox = self.outboxes.outbox(subscriber.subscriber_id)
        if not outbox.open_mail and not any(now - at < ASKED_LATELY for at in outbox.sent):
            mail = new_mail(subscriber, "confirmation", 0, token_hex(4), now)
            with suppress(OutboxTaken):  # somebody else asks, at this very moment
                self.outboxes.open(outbox, mail, ())
        self.bell.ring(now)
