"""Notices of other services, that an alarm went off or a job ended, as alerts for those who want them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fraudshield.monitoring.alarm import alarm_change
from fraudshield.notification.announcer import Announcer
from fraudshield.notification.event import alarm_alert, alarm_type, job_notice
from fraudshield.notification.port import CoolDown
from fraudshield.notification.request import windowed
from fraudshield.notification.threshold import AlertThresholds


@dataclass(frozen=True, slots=True)
class Notices:
    """Queues alerts of notices. It is safe to repeat."""

    thresholds: Callable[[], AlertThresholds]
    cool_down: CoolDown
    announcer: Announcer
    clock: Callable[[], datetime]

    def tell(self, message: str) -> int:
        """Returns how many alerts are new. Raises Malformed, StoreUnavailable, QueueUnavailable: tell it again."""
        return self._job(message) if '"job_id"' in message else self._alarm(message)

    def _alarm(self, message: str) -> int:
        change = alarm_change(message)
        if change is None:
            return 0
        made = alarm_alert(change)
        return self.announcer.announce(
            [windowed(self.cool_down, self.thresholds(), alarm_type(change), self.clock(), made)]
        )

    def _job(self, message: str) -> int:
        notice = job_notice(message)
        return 0 if notice is None else self.announcer.announce_to(notice.notify, notice.alert)
