"""Notification: subscribers, thresholds and the queue of alerts. The mails themselves are wired in `mail_wiring`."""

from datetime import UTC, datetime
from functools import lru_cache

from fraudshield.audit import wiring as audit_wiring
from fraudshield.aws.delivery import SqsReturns
from fraudshield.aws.probe import queue, table
from fraudshield.dependency import Dependency
from fraudshield.dynamo.call import PatientCalls
from fraudshield.notification.announcer import Announcer
from fraudshield.notification.dynamo_mail import DynamoMails
from fraudshield.notification.dynamo_queue import DynamoAlertQueue
from fraudshield.notification.dynamo_stream import StoredAlerts
from fraudshield.notification.dynamo_subscriber import AuditedSubscribers, DynamoSubscribers
from fraudshield.notification.dynamo_threshold import AuditedThresholds, DynamoAlertThresholds, DynamoCoolDown
from fraudshield.notification.sqs import SqsWakeUp
from fraudshield.settings import Settings, settings


class NotificationSettings(Settings):
    """The table of subscribers, their mails, and the alert thresholds."""

    notifications_table: str


class WakeUpSettings(Settings):
    """The queue that wakes the dispatcher."""

    mail_queue_url: str


class StoredAlertSettings(Settings):
    """The retry queue of changes that nobody could be told of."""

    alerts_retry_queue_url: str


@lru_cache
def alert_thresholds() -> DynamoAlertThresholds:
    """The store of all versions of the alert thresholds."""
    return DynamoAlertThresholds(_table(), PatientCalls())


@lru_cache
def audited_thresholds() -> AuditedThresholds:
    """The same, for whoever changes them."""
    return AuditedThresholds(alert_thresholds(), audit_wiring.audit_log())


@lru_cache
def subscribers() -> DynamoSubscribers:
    """The store of subscribers."""
    return DynamoSubscribers(_table(), PatientCalls())


@lru_cache
def alert_queue() -> DynamoAlertQueue:
    """The queues of alerts, and who was told of what."""
    return DynamoAlertQueue(_table(), PatientCalls())


@lru_cache
def audited_subscribers() -> AuditedSubscribers:
    """The same, for whoever changes them."""
    return AuditedSubscribers(subscribers(), audit_wiring.audit_log())


@lru_cache
def mails() -> DynamoMails:
    """The store of the mails of the last months."""
    return DynamoMails(_table(), PatientCalls())


@lru_cache
def cool_down() -> DynamoCoolDown:
    """The windows in which a system alert is not told again."""
    return DynamoCoolDown(_table(), PatientCalls())


@lru_cache
def wake_up() -> SqsWakeUp:
    """Wakes the dispatcher."""
    return SqsWakeUp(settings(WakeUpSettings).mail_queue_url, _table(), PatientCalls(), _now)


@lru_cache
def wake_up_returns() -> SqsReturns:
    """Puts back wake-ups of a run that failed."""
    return SqsReturns(settings(WakeUpSettings).mail_queue_url)


@lru_cache
def announcer() -> Announcer:
    """Queues alerts for everybody who wants them."""
    return Announcer(alert_queue(), wake_up(), _now)


@lru_cache
def stored_alerts() -> StoredAlerts:
    """Queues alerts of stored decisions."""
    queue = settings(StoredAlertSettings).alerts_retry_queue_url
    return StoredAlerts(alert_thresholds(), announcer(), queue)


def _table() -> str:
    return settings(NotificationSettings).notifications_table


def _now() -> datetime:
    return datetime.now(UTC)


def notifications_needed() -> Dependency:
    """The table of subscribers and mails, to be asked whether it answers."""
    return table("notifications", _table(), "series", "at")


def mail_queue_needed() -> Dependency:
    """The queue that wakes the dispatcher, to be asked whether it answers."""
    return queue("mails", settings(WakeUpSettings).mail_queue_url)
