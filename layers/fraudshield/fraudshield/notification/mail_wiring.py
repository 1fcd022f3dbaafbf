"""Mails: subscriptions, links and the dispatcher; a module of its own, since few functions need the mail templates."""

from datetime import UTC, datetime
from functools import lru_cache

from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.dynamo.call import PatientCalls
from fraudshield.errors import ConfigurationError
from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.content import MailTemplates
from fraudshield.notification.dispatcher import Dispatcher
from fraudshield.notification.dynamo_outbox import DynamoMailOutboxes
from fraudshield.notification.link import Links
from fraudshield.notification.ses import SesSender
from fraudshield.notification.subscription import Subscriptions
from fraudshield.notification.threshold import current
from fraudshield.settings import Settings, settings
from fraudshield.text import signature


class SenderSettings(Settings):
    """The address that mails are from."""

    from_email: str = ""


class FeedbackSettings(Settings):
    """The configuration set through which SES tells what became of a mail."""

    mail_configuration_set: str = ""


class LinkSettings(Settings):
    """The address that the links in mails lead to."""

    public_url: str = ""


@lru_cache
def outboxes() -> DynamoMailOutboxes:
    """The mail outboxes of all subscribers."""
    table = settings(notification_wiring.NotificationSettings).notifications_table
    return DynamoMailOutboxes(table, PatientCalls())


@lru_cache
def subscriptions() -> Subscriptions:
    """Subscriptions to mails. Raises StoreUnavailable where the secret cannot be read."""
    subscribers, wake_up = notification_wiring.audited_subscribers(), notification_wiring.wake_up()
    return Subscriptions(subscribers, outboxes(), wake_up, _key(), _now)


def dispatcher() -> Dispatcher:
    """The dispatcher of one run. Raises StoreUnavailable, ConfigurationError (mails can have no sender or no links)."""
    sender = SesSender(sender_address(), settings(FeedbackSettings).mail_configuration_set)
    mails_per_hour = current(notification_wiring.alert_thresholds()).mails_per_hour
    return Dispatcher(outboxes(), sender, MailTemplates(links()), mails_per_hour, _now)


def links() -> Links:
    """Makes the links in mails. Raises ConfigurationError, StoreUnavailable."""
    url = settings(LinkSettings).public_url
    if not url:
        raise ConfigurationError(
            "PUBLIC_URL is not set: it is where the links in mails lead, and where the API is served"
        )
    return Links(_key(), url)


def sender_address() -> str:
    """The address that mails are from. Raises ConfigurationError."""
    address = settings(SenderSettings).from_email
    if not address:
        raise ConfigurationError("FROM_EMAIL is not set: mails need a sender that SES has verified")
    return address


def _key() -> bytes:
    return signature.key(dynamo_wiring.signing_secret(), "mail")


def _now() -> datetime:
    return datetime.now(UTC)
