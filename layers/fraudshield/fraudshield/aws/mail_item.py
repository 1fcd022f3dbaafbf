"""Subscribers, outboxes, mails and alerts as items of the notifications table, and back.

Series: `subscriber` (by id), `outbox` (by subscriber), `mail` (by mail id, which is in the order of time),
`waiting#SUBSCRIBER` (alerts by time), `told#SUBSCRIBER` (marks by alert), `content#MAIL` (alerts of a mail, packed),
`thresholds` (by version), `cooldown` (by type of alert), `counts` (by day), `round`.
"""

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fraudshield.alert import Alert, Severity
from fraudshield.mail import Mail, Status
from fraudshield.notification import Outbox
from fraudshield.subscriber import QuietHours, Standing, Subscriber
from fraudshield.timestamp import instant

if TYPE_CHECKING:
    from fraudshield.aws.attribute import Item

SUBSCRIBER, OUTBOX, MAIL, THRESHOLDS, COOL_DOWN, COUNTS, ROUND = (
    *("subscriber", "outbox", "mail", "thresholds", "cooldown", "counts", "round"),
)
MAIL_KEPT = timedelta(days=90)
CONTENT_KEPT = timedelta(days=30)
TOLD_KEPT = timedelta(days=30)  # longer than the stream, the retry queue and its dead letters can bring one back
ASKED_KEPT = timedelta(days=30)  # a subscription that nobody confirms


def waiting(subscriber_id: str) -> str:
    """The series of what waits."""
    return f"waiting#{subscriber_id}"


def told(subscriber_id: str) -> str:
    """The series of marks."""
    return f"told#{subscriber_id}"


def content(mail_id: str) -> str:
    """The series of a mail's alerts."""
    return f"content#{mail_id}"


def key(series: str, at: str) -> "Item":
    """The key of an item."""
    return {"series": {"S": series}, "at": {"S": at}}


def expiry(at: datetime) -> "Item":
    """When the item ages out."""
    return {"expires_at": {"N": str(int(at.timestamp()))}}


def place(alert: Alert) -> str:
    """Where an alert waits: in the order of time."""
    return f"{instant(alert.raised_at)}#{alert.alert_id}"


def subscriber_item(one: Subscriber) -> "Item":
    """A new one, which ages out unless it is confirmed."""
    quiet = one.quiet_hours.model_dump_json() if one.quiet_hours else ""
    return {
        **key(SUBSCRIBER, one.subscriber_id),
        "notification_type": {"S": one.notification_type},
        "name": {"S": one.name},
        "email": {"S": one.email},
        "severity": {"S": one.severity},
        "quiet_hours": {"S": quiet},
        "standing": {"S": one.standing},
        "created_at": {"S": instant(one.created_at)},
        **expiry(one.created_at + ASKED_KEPT),
    }


def subscriber(item: "Item") -> Subscriber:
    """As it is stored."""
    quiet = item["quiet_hours"]["S"] if "quiet_hours" in item else ""
    notification_type: Any = item["notification_type"]["S"]
    return Subscriber(
        subscriber_id=item["at"]["S"],
        notification_type=notification_type,
        name=item["name"]["S"] if "name" in item else "",
        email=item["email"]["S"] if "email" in item else "",
        severity=Severity(item["severity"]["S"]),
        quiet_hours=QuietHours.model_validate_json(quiet) if quiet else None,
        standing=Standing(item["standing"]["S"]),
        created_at=_instant(item["created_at"]["S"]),
        confirmed_at=_time(item, "confirmed_at"),
        reason=item["reason"]["S"] if "reason" in item else "",
    )


def outbox_item(one: Outbox, now: datetime) -> "Item":
    """In its next version."""
    item: Item = {
        **key(OUTBOX, one.subscriber_id),
        "version": {"N": str(one.version + 1)},
        "open_mail": {"S": one.open_mail},
        "sent": {"L": [{"S": instant(at)} for at in one.sent]},
    }
    for name, at in (("begun_at", one.begun_at), ("held_until", one.held_until)):
        if at is not None:
            item[name] = {"S": instant(at)}
    return item if one.open_mail else item | expiry(now + MAIL_KEPT)


def outbox(item: "Item") -> Outbox:
    """As it is stored."""
    return Outbox(
        subscriber_id=item["at"]["S"],
        version=int(item["version"]["N"]),
        open_mail=item["open_mail"]["S"],
        sent=tuple(_instant(at["S"]) for at in item["sent"]["L"]),
        begun_at=_time(item, "begun_at"),
        held_until=_time(item, "held_until"),
    )


def mail_item(mail: Mail) -> "Item":
    """A mail and what has become of it."""
    return {
        **key(MAIL, mail.mail_id),
        "subscriber_id": {"S": mail.subscriber_id},
        "kind": {"S": mail.kind},
        "recipient": {"S": mail.recipient},
        "created_at": {"S": instant(mail.created_at)},
        "alerts": {"N": str(mail.alerts)},
        "status": {"S": mail.status},
        "retries": {"N": str(mail.retries)},
        "repeats": {"N": str(mail.repeats)},
        "reason": {"S": mail.reason},
        **({"next_at": {"S": instant(mail.next_at)}} if mail.next_at else {}),
        **({"sent_at": {"S": instant(mail.sent_at)}} if mail.sent_at else {}),
        **expiry(mail.created_at + MAIL_KEPT),
    }


def mail_of(item: "Item") -> Mail:
    """As it is stored."""
    kind: Any = item["kind"]["S"]
    return Mail(
        mail_id=item["at"]["S"],
        subscriber_id=item["subscriber_id"]["S"],
        kind=kind,
        recipient=item["recipient"]["S"],
        created_at=_instant(item["created_at"]["S"]),
        alerts=int(item["alerts"]["N"]),
        status=Status(item["status"]["S"]),
        retries=int(item["retries"]["N"]),
        repeats=int(item["repeats"]["N"]),
        reason=item["reason"]["S"],
        next_at=_time(item, "next_at"),
        sent_at=_time(item, "sent_at"),
    )


def packed(alerts: Sequence[Alert]) -> bytes:
    """Alerts in a form that is small."""
    told = [asdict(one) | {"raised_at": instant(one.raised_at)} for one in alerts]
    return gzip.compress(json.dumps(told, separators=(",", ":")).encode())


def unpacked(content: bytes) -> Iterable[Alert]:
    """What `packed` was given."""
    names = {field.name for field in fields(Alert)}
    for one in json.loads(gzip.decompress(content)):
        known = {name: value for name, value in one.items() if name in names}
        changed = {
            "raised_at": _instant(one["raised_at"]),
            "severity": Severity(one["severity"]),
            "why": tuple(one["why"]),
        }
        yield Alert(**known | changed)


def _time(item: "Item", name: str) -> datetime | None:
    return _instant(item[name]["S"]) if name in item else None


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
