"""Mails: subscriptions to them, the links in them and who sends them; apart, since only few need their templates."""

from datetime import UTC, datetime
from functools import lru_cache

from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.dynamo.call import PatientCalls
from fraudshield.errors import ConfigurationError
from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.content import Letters
from fraudshield.notification.dispatcher import Dispatcher
from fraudshield.notification.dynamo_outbox import DynamoOutboxes
from fraudshield.notification.link import Links
from fraudshield.notification.ses import SesSender
from fraudshield.notification.subscription import Subscriptions
from fraudshield.notification.threshold import current
from fraudshield.settings import Settings, settings
from fraudshield.text import signature


class SenderSettings(Settings):
    """Whom mails are from."""

    from_email: str = ""


class FeedbackSettings(Settings):
    """How SES tells what became of a mail."""

    mail_configuration_set: str = ""


class LinkSettings(Settings):
    """Where the links in mails lead."""

    public_url: str = ""


@lru_cache
def outboxes() -> DynamoOutboxes:
    """Everybody's outbox."""
    table = settings(notification_wiring.NotificationSettings).notifications_table
    return DynamoOutboxes(table, PatientCalls())


@lru_cache
def subscriptions() -> Subscriptions:
    """Begin, are confirmed and end. Raises StoreUnavailable where the secret cannot be read."""
    subscribers, bell = notification_wiring.subscribers(), notification_wiring.bell()
    return Subscriptions(subscribers, outboxes(), bell, _key(), _now)


def dispatcher() -> Dispatcher:
    """The dispatcher of one run. Raises StoreUnavailable; ConfigurationError where mails can have no sender or links."""
    sender, letters = SesSender(sender_address(), settings(FeedbackSettings).mail_configuration_set), Letters(links())
    return Dispatcher(outboxes(), sender, letters, current(notification_wiring.alert_thresholds()).mails_per_hour, _now)


def links() -> Links:
    """Links in mails. Raises ConfigurationError, StoreUnavailable."""
    url = settings(LinkSettings).public_url
    if not url:
        raise ConfigurationError(
            "PUBLIC_URL is not set: it is where the links in mails lead, and where the API answers"
        )
    return Links(_key(), url)


def sender_address() -> str:
    """Whom mails are from. Raises ConfigurationError."""
    address = settings(SenderSettings).from_email
    if not address:
        raise ConfigurationError("FROM_EMAIL is not set: mails need a sender that SES has verified")
    return address


def _key() -> bytes:
    return signature.key(dynamo_wiring.signing_secret(), "mail")


def _now() -> datetime:
    return datetime.now(UTC)
