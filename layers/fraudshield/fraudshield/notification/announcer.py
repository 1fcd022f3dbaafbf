"""Alerts for everybody who wants them: each is queued once for each subscriber, and the dispatcher is woken."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fraudshield.notification.alert import Alert
from fraudshield.notification.port import AlertQueue, WakeUp
from fraudshield.notification.subscriber import Subscriber, SubscriberStatus

Wants = Callable[[Subscriber, Alert], bool]


@dataclass(frozen=True, slots=True)
class Announcer:
    """Queues alerts. It is safe to repeat: whoever was told of an alert is not told again."""

    queue: AlertQueue
    wake_up: WakeUp
    clock: Callable[[], datetime]

    def announce(self, alerts: Sequence[Alert], wants: Wants = Subscriber.wants) -> int:
        """Queues the alerts; returns how many pairs of a subscriber and an alert were new.

        Raises:
            StoreUnavailable, QueueUnavailable: some may not be queued; announce them again.
        """
        if not alerts:
            return 0
        new, anybody = 0, False
        for subscriber in self.queue.subscribers():
            if wanted := [alert for alert in alerts if wants(subscriber, alert)]:
                new += self.queue.add(subscriber.subscriber_id, wanted)
                anybody = True
        if anybody:  # also where nothing was new: whoever added it may have ended before it woke anybody
            self.wake_up.wake(self.clock())
        return new

    def announce_to(self, email: str, alert: Alert) -> int:
        """Queues the alert for who has confirmed this address; where nobody has, for those who want such alerts."""
        known = [one for one in self.queue.subscribers() if _is(one, email)]
        if not known:
            return self.announce([alert])
        return self.announce([alert], lambda subscriber, _: subscriber.subscriber_id == known[0].subscriber_id)


def _is(subscriber: Subscriber, email: str) -> bool:
    return subscriber.status is SubscriberStatus.CONFIRMED and subscriber.email.lower() == email.lower()
