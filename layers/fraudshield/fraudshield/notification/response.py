"""The responses of the notification routes, and their queries."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from fraudshield.notification.alert import Alert, Severity
from fraudshield.notification.subscriber import NotificationType, Subscriber, SubscriberStatus
from fraudshield.notification.threshold import AlertThresholds
from fraudshield.text.query import Limit, Query, Whole
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp

SeverityName = Annotated[str, one_of(*(one.value for one in Severity))]
SubscriberStatusText = Annotated[str, one_of(*(one.value for one in SubscriberStatus))]


class HistoryQuery(Query):
    """At most `limit` mails, from `cursor` on, which is the `next_cursor` of the page before."""

    limit: Limit = 100
    cursor: str | None = None


class StatsQuery(Query):
    """The number of days to count, today included; mails are kept for 90."""

    days: Annotated[Whole, Field(ge=1, le=90)] = 30


class LinkQuery(Query):
    """The signed token that a link in a mail carries."""

    token: Annotated[str, Field(max_length=500)]


class ThresholdsHistoryResponse(TypedDict):
    """Versions of the thresholds, newest first. The first one is the product's own and is not among them."""

    thresholds: list[AlertThresholds]
    count: int


class AlertResponse(TypedDict):
    """`queued`: subscribers get it in their next mail. `skipped`: below the threshold, told already, or held back."""

    status: Annotated[str, one_of("queued", "skipped")]
    message: str
    alert_id: str | None
    severity: SeverityName | None
    told: int


class QuietHoursObject(TypedDict):
    """The hours in which only critical alerts are sent."""

    start: str
    end: str
    timezone: str


class ContactObject(TypedDict):
    """The subscriber's name and address."""

    name: str
    email: str


class SubscriberObject(TypedDict):
    """One address for one type of alert. `reason` says why it is suppressed."""

    subscriber_id: str
    notification_type: NotificationType
    contact: ContactObject
    severity: SeverityName
    quiet_hours: QuietHoursObject | None
    standing: SubscriberStatusText
    created_at: Moment
    confirmed_at: Moment | None
    reason: str


class SubscribedResponse(TypedDict):
    """A subscription as it is now; `pending` until the link in the mail is followed."""

    status: SubscriberStatusText
    message: str
    subscriber: SubscriberObject


class SubscribersResponse(TypedDict):
    """All subscribers."""

    subscribers: list[SubscriberObject]
    count: int


class EndedResponse(TypedDict):
    """The subscription has ended."""

    status: Annotated[str, one_of("success")]
    message: str


class MailStatsResponse(TypedDict):
    """`mails` of these days by their status, each once, the alerts in them, and subscribers by their status."""

    days: int
    mails: dict[str, int]
    alerts: int
    retries: int
    repeats: int
    subscribers: dict[str, int]


def told_response(alert: Alert, told: int) -> AlertResponse:
    """The response for an alert that was newly queued for `told` subscribers."""
    return {
        "status": "queued" if told else "skipped",
        "message": f"{told} subscribers get it in a mail" if told else "Nobody is to be told of it who was not already",
        "alert_id": alert.alert_id,
        "severity": alert.severity.value,
        "told": told,
    }


def skipped_response(threshold: float | Decimal) -> AlertResponse:
    """The response for a risk below the threshold."""
    message = f"The risk is below the alert threshold {threshold}"
    return {"status": "skipped", "message": message, "alert_id": None, "severity": None, "told": 0}


MESSAGES = {
    SubscriberStatus.PENDING: "A mail asks the address whether it wants this; nothing else is sent before it says yes",
    SubscriberStatus.CONFIRMED: "It is confirmed",
    SubscriberStatus.SUPPRESSED: (
        "Mails to it come back or are not wanted; delete it and subscribe again to have it asked"
    ),
}


def subscribed_response(subscriber: Subscriber) -> SubscribedResponse:
    """The response for a subscription."""
    status = subscriber.status
    return {"status": status.value, "message": MESSAGES[status], "subscriber": subscriber_object(subscriber)}


def subscribers_response(subscribers: Sequence[Subscriber]) -> SubscribersResponse:
    """The response that lists the subscribers who have not left."""
    here = [subscriber_object(one) for one in subscribers if one.status is not SubscriberStatus.LEAVING]
    return {"subscribers": here, "count": len(here)}


def subscriber_object(subscriber: Subscriber) -> SubscriberObject:
    """The subscriber as JSON."""
    quiet = subscriber.quiet_hours
    return {
        "subscriber_id": subscriber.subscriber_id,
        "notification_type": subscriber.notification_type,
        "contact": {"name": subscriber.name, "email": subscriber.email},
        "severity": subscriber.severity.value,
        "quiet_hours": {"start": quiet.start, "end": quiet.end, "timezone": quiet.timezone} if quiet else None,
        "standing": subscriber.status.value,
        "created_at": timestamp(subscriber.created_at),
        "confirmed_at": _time(subscriber.confirmed_at),
        "reason": subscriber.reason,
    }


def stats_response(counted: Mapping[str, int], subscribers: Sequence[Subscriber], days: int) -> MailStatsResponse:
    """The response for `/stats`; `counted` has mails by status, and `alerts`, `retries`, `repeats`."""
    beside = ("alerts", "retries", "repeats")
    statuses = [one.status for one in subscribers]
    return {
        "days": days,
        "mails": {name: number for name, number in sorted(counted.items()) if number > 0 and name not in beside},
        "alerts": counted.get("alerts", 0),
        "retries": counted.get("retries", 0),
        "repeats": counted.get("repeats", 0),
        "subscribers": {
            one.value: statuses.count(one) for one in SubscriberStatus if one is not SubscriberStatus.LEAVING
        },
    }


def thresholds_history(versions: Sequence[AlertThresholds]) -> dict[str, object]:
    """The response that lists versions of the thresholds, as plain JSON."""
    return {"thresholds": [one.model_dump() for one in versions], "count": len(versions)}


def _time(at: datetime | None) -> str | None:
    return timestamp(at) if at else None
