"""A subscription's life: asked for, confirmed by whoever reads the mail, changed, ended."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Protocol

from fraudshield.audit.audit import Author
from fraudshield.errors import Conflict, NotFound
from fraudshield.notification.link import LinkAction, read_token
from fraudshield.notification.mail import new_mail
from fraudshield.notification.port import MailOutboxes, OutboxTaken, WakeUp
from fraudshield.notification.subscriber import Subscriber, SubscriberRequest, SubscriberStatus, subscriber_id


class SubscriptionEnding(Conflict):
    """An earlier subscription of the address is still being removed; in a minute it is gone."""

    code = "subscription_ending"


BY_LINK = Author(key_id="", plan="link")  # the subscriber, of whom the audit log says no more
ASKED_LATELY = timedelta(minutes=10)  # nobody's mailbox is filled with requests to confirm


class Subscribers(Protocol):
    """The store of subscribers. Everything raises StoreUnavailable."""

    def all(self) -> list[Subscriber]:
        """All subscribers, read now."""

    def add(self, subscriber: Subscriber, by: Author) -> Subscriber:
        """Stores a new subscriber, or changes name, severity and quiet hours of the present one; returns it.

        The audit log says who did it.
        """

    def confirm(self, subscriber_id: str, at: datetime) -> Subscriber:
        """Confirms a pending subscriber; one with another status keeps it. Raises NotFound."""

    def leave(self, subscriber_id: str, at: datetime, by: Author) -> None:
        """Forgets name and address at once; the dispatcher removes the rest. The audit log says who did it.

        Raises NotFound.
        """


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Begins, confirms and ends subscriptions. No alert is sent before the owner of the address has confirmed."""

    subscribers: Subscribers
    outboxes: MailOutboxes
    wake_up: WakeUp
    of_mail: bytes
    clock: Callable[[], datetime]

    def subscribe(self, request: SubscriberRequest, by: Author) -> Subscriber:
        """Subscribes an address, which is asked by mail first. It is safe to repeat.

        Raises:
            StoreUnavailable, QueueUnavailable.
            SubscriptionEnding: an earlier subscription of this address is being removed.
        """
        now = self.clock()
        wanted = Subscriber(
            subscriber_id=subscriber_id(self.of_mail, request.notification_type, request.contact.email),
            notification_type=request.notification_type,
            name=request.contact.name,
            email=request.contact.email,
            severity=request.severity,
            quiet_hours=request.quiet_hours,
            status=SubscriberStatus.PENDING,
            created_at=now,
        )
        subscriber = self.subscribers.add(wanted, by)
        if subscriber.status is SubscriberStatus.LEAVING:
            self.wake_up.wake(now)
            raise SubscriptionEnding(
                "An earlier subscription of this address is still being removed; try again in a minute"
            )
        if subscriber.status is SubscriberStatus.PENDING:
            self._ask(subscriber, now)
        return subscriber

    def read(self, action: LinkAction, token: str) -> str:
        """Returns the id of the subscriber whose link it is. Raises Malformed."""
        return read_token(self.of_mail, action, token, self.clock())

    def confirm(self, token: str) -> Subscriber:
        """Confirms: whoever has the link can read the address's mail. Raises Malformed, NotFound, StoreUnavailable."""
        return self.subscribers.confirm(self.read("confirm", token), self.clock())

    def unsubscribe(self, token: str) -> None:
        """Ends a subscription by its link; safe to repeat. Raises Malformed, StoreUnavailable, QueueUnavailable."""
        try:
            self.end(self.read("unsubscribe", token), BY_LINK)
        except NotFound:
            return  # which is what was asked for

    def end(self, subscriber_id: str, by: Author) -> None:
        """Ends a subscription by its id. Raises NotFound, StoreUnavailable, QueueUnavailable."""
        self.subscribers.leave(subscriber_id, self.clock(), by)
        self.wake_up.wake(self.clock())

    def _ask(self, subscriber: Subscriber, now: datetime) -> None:
        outbox = self.outboxes.outbox(subscriber.subscriber_id)
        asked = [*outbox.sent, *([outbox.asked_at] if outbox.asked_at else [])]  # of before, only `sent` tells
        if not outbox.open_mail and not any(now - at < ASKED_LATELY for at in asked):
            mail = new_mail(subscriber, "confirmation", 0, token_hex(4), now)
            with suppress(OutboxTaken):  # another request asks at this very moment
                self.outboxes.open(outbox, mail, ())
        self.wake_up.wake(now)
