"""Notification: who is told of what, and from when on. The mails themselves are wired in `notification_mail`."""

from datetime import UTC, datetime
from functools import lru_cache

from fraudshield.dynamo.call import PatientCalls
from fraudshield.notification.announcer import Announcer
from fraudshield.notification.dynamo_mail import DynamoMails
from fraudshield.notification.dynamo_queue import DynamoAlertBoard
from fraudshield.notification.dynamo_stream import StoredAlerts
from fraudshield.notification.dynamo_subscriber import DynamoSubscribers
from fraudshield.notification.dynamo_threshold import DynamoAlertThresholds, DynamoCoolDown
from fraudshield.notification.sqs import SqsBell
from fraudshield.settings import Settings, settings


class NotificationSettings(Settings):
    """The table of subscribers, their mails, and the alert thresholds."""

    notifications_table: str


class WakeUpSettings(Settings):
    """The queue that calls for waiting mails to be sent."""

    mail_queue_url: str


class StoredAlertSettings(Settings):
    """The queue of changes that nobody could be told of."""

    alerts_retry_queue_url: str


@lru_cache
def alert_thresholds() -> DynamoAlertThresholds:
    """All versions of the alert thresholds."""
    return DynamoAlertThresholds(_table(), PatientCalls())


@lru_cache
def subscribers() -> DynamoSubscribers:
    """All who are told."""
    return DynamoSubscribers(_table(), PatientCalls())


@lru_cache
def mails() -> DynamoMails:
    """All mails of the last months."""
    return DynamoMails(_table(), PatientCalls())


@lru_cache
def cool_down() -> DynamoCoolDown:
    """Which system alerts were told a moment ago."""
    return DynamoCoolDown(_table(), PatientCalls())


@lru_cache
def bell() -> SqsBell:
    """Calls for waiting mails to be sent."""
    return SqsBell(settings(WakeUpSettings).mail_queue_url, _table(), PatientCalls(), _now)


@lru_cache
def announcer() -> Announcer:
    """Tells everybody who wants to know."""
    return Announcer(DynamoAlertBoard(_table(), PatientCalls()), bell(), _now)


@lru_cache
def stored_alerts() -> StoredAlerts:
    """Tells of stored decisions."""
    queue = settings(StoredAlertSettings).alerts_retry_queue_url
    return StoredAlerts(alert_thresholds(), announcer(), queue)


def _table() -> str:
    return settings(NotificationSettings).notifications_table


def _now() -> datetime:
    return datetime.now(UTC)
