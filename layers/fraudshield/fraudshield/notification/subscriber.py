"""A subscriber: who is told what, from which severity on, and in which hours not."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from fraudshield.notification.alert import RANK, Alert, Kind, Severity
from fraudshield.text import signature
from fraudshield.text.fault import cross_fault, read_object
from fraudshield.text.pattern import CLOCK, MAIL_ADDRESS

NotificationType = Literal["high_risk_alerts", "system_alerts"]
KINDS: dict[NotificationType, tuple[Kind, ...]] = {"high_risk_alerts": ("fraud",), "system_alerts": ("system", "job")}


class SubscriberStatus(StrEnum):
    """How far a subscription is. Only a confirmed subscriber is sent alerts."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    SUPPRESSED = "suppressed"
    LEAVING = "leaving"  # the address is gone already, what waited for it is being removed


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:  # OSError: a folder's name
        raise PydanticCustomError("timezone", "Input should be a time zone as Europe/Rome") from exc
    return name


Clock = Annotated[str, StringConstraints(strict=True, pattern=CLOCK)]
Zone = Annotated[str, StringConstraints(strict=True, max_length=64), AfterValidator(_zone)]


class QuietHours(BaseModel):
    """Hours from `start` until `end` by the wall clock of a time zone; over midnight where `end` is the earlier."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: Clock
    end: Clock
    timezone: Zone = "UTC"

    @model_validator(mode="after")
    def _some_hours(self) -> Self:
        if self.start == self.end:
            raise cross_fault("quiet_hours", "start and end should differ", "start", "end")
        return self

    def over_at(self, at: datetime) -> datetime:
        """Returns `at` itself outside the quiet hours, else when they end."""
        zone = ZoneInfo(self.timezone)
        local, start, end = at.astimezone(zone), time.fromisoformat(self.start), time.fromisoformat(self.end)
        now = local.time().replace(tzinfo=None)
        quiet = start <= now < end if start < end else now >= start or now < end
        if not quiet:
            return at
        day = local.date() if now < end else local.date() + timedelta(days=1)
        return max(at, datetime.combine(day, end, zone).astimezone(at.tzinfo))


class Contact(BaseModel):
    """The subscriber's name and address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=100)]
    email: Annotated[str, StringConstraints(strict=True, max_length=254, pattern=MAIL_ADDRESS)]


class SubscriberRequest(BaseModel):
    """A subscription as it is sent; sending it again changes severity and quiet hours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    notification_type: NotificationType
    contact: Contact
    severity: Severity = Severity.WARNING
    quiet_hours: Annotated[QuietHours | None, Field()] = None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One address for one type of alert."""

    subscriber_id: str
    notification_type: NotificationType
    name: str
    email: str
    severity: Severity
    quiet_hours: QuietHours | None
    status: SubscriberStatus
    created_at: datetime
    confirmed_at: datetime | None = None
    reason: str = ""  # why it is suppressed

    def wants(self, alert: Alert) -> bool:
        """Returns whether the alert is to be sent to this subscriber."""
        return (
            self.status is SubscriberStatus.CONFIRMED
            and alert.kind in KINDS[self.notification_type]
            and RANK[alert.severity] >= RANK[self.severity]
        )


def read_subscriber(body: object) -> SubscriberRequest:
    """Reads a subscription as it was sent.

    Raises:
        Malformed: not an object.
        InvalidInput: with a fault per field.
    """
    expected, refusal = "notification_type and contact", "The subscriber is not valid"
    return read_object(body, SubscriberRequest, expected, refusal, "invalid_subscriber")


def subscriber_id(of_mail: bytes, notification_type: NotificationType, email: str) -> str:
    """Returns the id: the same for the same address, and the address cannot be read from it."""
    return signature.digest(of_mail, f"{notification_type} {email.lower()}".encode()).hex()[:24]


def masked(email: str) -> str:
    """Returns `a***@example.org`: enough to recognise one's own."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}***@{domain}"
