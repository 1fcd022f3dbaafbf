"""A mail, from its making to its end, and what SES says of it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from fraudshield.errors import Malformed
from fraudshield.notification.subscriber import Subscriber, masked
from fraudshield.text import strict_json

MailKind = Literal["alerts", "confirmation"]
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE, LONGEST_URGENT_PAUSE = timedelta(minutes=15), timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(days=4)  # a long week-end without a verified sender


class MailStatus(StrEnum):
    """What has become of a mail. From `sent` on, its recipient's server has the say."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    SUPPRESSED = "suppressed"  # never sent: its address is not to be written to any more
    FAILED = "failed"  # never sent: SES kept refusing it


# The statuses that may follow each. News comes late, twice or out of order, and never leads back.
NEXT = {
    MailStatus.QUEUED: frozenset(MailStatus) - {MailStatus.QUEUED},
    MailStatus.SENT: frozenset({MailStatus.DELIVERED, MailStatus.BOUNCED, MailStatus.COMPLAINED}),
    MailStatus.DELIVERED: frozenset({MailStatus.BOUNCED, MailStatus.COMPLAINED}),
    MailStatus.BOUNCED: frozenset({MailStatus.COMPLAINED}),
    MailStatus.COMPLAINED: frozenset(),
    MailStatus.SUPPRESSED: frozenset(),
    MailStatus.FAILED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Mail:
    """`retries` are attempts that SES did not take, `repeats` those after one whose outcome nobody knows.

    `mail_id` tells when it was made and is in the header `X-FraudShield-Id` of every attempt.
    """

    mail_id: str
    subscriber_id: str
    kind: MailKind
    recipient: str  # masked
    created_at: datetime
    alerts: int = 0
    status: MailStatus = MailStatus.QUEUED
    retries: int = 0
    repeats: int = 0
    reason: str = ""
    next_at: datetime | None = None
    sent_at: datetime | None = None
    tried_at: datetime | None = None  # the last attempt that SES refused

    @property
    def is_open(self) -> bool:
        """Returns whether the mail is still to be sent."""
        return self.status is MailStatus.QUEUED

    def refused(self, reason: str, now: datetime, *, urgent: bool) -> "Mail":
        """The mail after an attempt that SES refused: it is tried again at growing intervals, until it is given up.

        One that is `urgent` never waits for longer than a minute.
        """
        tried = replace(self, retries=self.retries + 1, reason=reason, tried_at=now)
        if now - self.created_at >= GIVE_UP_AFTER:
            return replace(tried, status=MailStatus.FAILED, next_at=None)
        pause = min(FIRST_PAUSE * 2 ** min(self.retries, 10), LONGEST_URGENT_PAUSE if urgent else LONGEST_PAUSE)
        return replace(tried, next_at=now + pause)

    def hurried(self) -> "Mail":
        """The mail where something urgent has come to wait behind it: it is tried again a minute after it was."""
        if self.next_at is None or self.tried_at is None:
            return self
        return replace(self, next_at=min(self.next_at, self.tried_at + LONGEST_URGENT_PAUSE))

    def taken(self, now: datetime) -> "Mail":
        """The mail after SES took it."""
        return replace(self, status=MailStatus.SENT, sent_at=now, next_at=None, reason="")

    def ended(self, status: MailStatus, reason: str = "") -> "Mail":
        """The mail with another status, where that may follow; else as it is."""
        return replace(self, status=status, reason=reason) if status in NEXT[self.status] else self


def new_mail(subscriber: Subscriber, kind: MailKind, alerts: int, token: str, now: datetime) -> Mail:
    """A mail that is to be sent; `token` keeps mails of the same moment apart."""
    return Mail(
        mail_id=f"{now.astimezone(UTC):%Y%m%dT%H%M%S%f}-{token}",
        subscriber_id=subscriber.subscriber_id,
        kind=kind,
        recipient=masked(subscriber.email),
        created_at=now,
        alerts=alerts,
    )


TAG = "mail_id"  # the tag that tells SES which mail it is
KNOWN = {
    "Delivery": MailStatus.DELIVERED,
    "Bounce": MailStatus.BOUNCED,
    "Complaint": MailStatus.COMPLAINED,
    "Reject": MailStatus.BOUNCED,
}


@dataclass(frozen=True, slots=True)
class Feedback:
    """News of a mail. `suppress`: its address is not to be written to any more."""

    mail_id: str
    status: MailStatus
    reason: str
    suppress: bool


def feedback(message: str) -> Feedback | None:
    """Reads a message of SES; None where it changes nothing, as that a mail was sent or is late.

    Raises:
        Malformed: it is no message of SES.
    """
    body: Any = strict_json.parse(message.encode())
    try:
        event = body["eventType"]
        if event not in KNOWN:
            return None
        told = body.get(event.lower(), {})
        [mail_id] = body["mail"]["tags"][TAG]
        kinds = {
            "Bounce": f"{told.get('bounceType')} {told.get('bounceSubType')}",
            "Complaint": str(told.get("complaintFeedbackType", "complaint")),
            "Reject": f"Refused by SES: {told.get('reason')}",
        }
        permanent = event == "Bounce" and told.get("bounceType") == "Permanent"
        return Feedback(str(mail_id), KNOWN[event], kinds.get(event, ""), permanent or event == "Complaint")
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise Malformed(f"No message of SES: {type(exc).__name__}") from exc
