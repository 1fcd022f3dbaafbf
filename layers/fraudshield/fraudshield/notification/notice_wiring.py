"""Wiring of notices, apart from the rest of notification: only those who tell of them must be able to read them."""

from datetime import UTC, datetime
from functools import lru_cache

from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.notice import Notices
from fraudshield.notification.threshold import AlertThresholds, current


@lru_cache
def notices() -> Notices:
    """Queues alerts of notices."""
    return Notices(_thresholds, notification_wiring.cool_down(), notification_wiring.announcer(), _now)


def _thresholds() -> AlertThresholds:
    return current(notification_wiring.alert_thresholds())


def _now() -> datetime:
    return datetime.now(UTC)
