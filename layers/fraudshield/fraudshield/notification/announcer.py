"""Alerts for everybody who wants them: each is queued once for each subscriber, and the dispatcher is woken."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fraudshield.notification.alert import Alert
from fraudshield.notification.port import AlertBoard, Bell
from fraudshield.notification.subscriber import Standing, Subscriber

Wants = Callable[[Subscriber, Alert], bool]


@dataclass(frozen=True, slots=True)
class Announcer:
    """Safe to repeat: whoever was told of an alert is not told again."""

    board: AlertBoard
    bell: Bell
    clock: Callable[[], datetime]

    def announce(self, alerts: Sequence[Alert], wants: Wants = Subscriber.wants) -> int:
        """How many mails' worth of news that was: one for each subscriber and alert that are new to each other.

        Raises:
            StoreUnavailable, QueueUnavailable: some may not have been told; say it again.
        """
        if not alerts:
            return 0
        new, anybody = 0, False
        for subscriber in self.board.subscribers():
            if wanted := [alert for alert in alerts if wants(subscriber, alert)]:
                new += self.board.add(subscriber.subscriber_id, wanted)
                anybody = True
        if anybody:  # also where nothing was new: whoever added it may have ended before it called
            self.bell.ring(self.clock())
        return new

    def announce_to(self, email: str, alert: Alert) -> int:
        """Tell the one who has confirmed this address; where nobody has, those who want such alerts."""
        known = [one for one in self.board.subscribers() if _is(one, email)]
        if not known:
            return self.announce([alert])
        return self.announce([alert], lambda subscriber, _: subscriber.subscriber_id == known[0].subscriber_id)


def _is(subscriber: Subscriber, email: str) -> bool:
    return subscriber.standing is Standing.CONFIRMED and subscriber.email.lower() == email.lower()
