"""Subscribers, mail outboxes, mails and alerts as items of the notifications table, and back.

Series: `subscriber` (by id), `outbox` (by subscriber), `mail` (by mail id, which is in the order of time),
`waiting#SUBSCRIBER` (alerts by time), `told#SUBSCRIBER` (marks by alert), `content#MAIL` (alerts of a mail, packed),
`thresholds` (by version), `cooldown` (by type of alert), `counts` (by day), `round` (the next run).
"""

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from fraudshield.dynamo.record import attributes, from_attributes
from fraudshield.notification.alert import Alert, Severity
from fraudshield.notification.mail import Mail, MailStatus
from fraudshield.notification.port import MailOutbox, Unreadable
from fraudshield.notification.subscriber import QuietHours, Subscriber, SubscriberStatus
from fraudshield.telemetry import logger
from fraudshield.text.timestamp import instant

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

SUBSCRIBER, OUTBOX, MAIL, THRESHOLDS, COOL_DOWN, COUNTS, RUN = (
    *("subscriber", "outbox", "mail", "thresholds", "cooldown", "counts", "round"),
)
CRITICAL_FIRST = "!"  # sorts before every digit
MAIL_KEPT = timedelta(days=90)
CONTENT_KEPT = timedelta(days=30)
TOLD_KEPT = timedelta(days=30)  # longer than the stream, the retry queue and its dead letters can bring one back
ASKED_KEPT = timedelta(days=30)  # a subscription that nobody confirms
# What reading an item raises that another release wrote, or nobody of ours.
DAMAGE = (KeyError, TypeError, AttributeError, ValueError, EOFError, OSError, zlib.error)
Stored = TypeVar("Stored")


def read(item: "Item", reader: Callable[["Item"], Stored]) -> Stored:
    """Reads a stored item; one that cannot be read is logged by its key. Raises Unreadable."""
    try:
        return reader(item)
    except DAMAGE as exc:
        series, at = (item.get(name, {}).get("S") for name in ("series", "at"))
        logger.error("stored item unreadable", series=series, at=at, cause=type(exc).__name__)
        raise Unreadable(f"An item of the series {series} cannot be read") from exc


def readable(items: "Iterable[Item]", reader: Callable[["Item"], Stored]) -> Iterator[Stored]:
    """Reads stored items and leaves out those that cannot be read: what one says of nobody concerns all others."""
    for item in items:
        with suppress(Unreadable):
            yield read(item, reader)


def waiting(subscriber_id: str) -> str:
    """The series of the alerts that wait for a subscriber."""
    return f"waiting#{subscriber_id}"


def told(subscriber_id: str) -> str:
    """The series of the marks of what a subscriber was told."""
    return f"told#{subscriber_id}"


def content(mail_id: str) -> str:
    """The series of a mail's alerts."""
    return f"content#{mail_id}"


def key(series: str, at: str) -> "Item":
    """Returns the key of an item."""
    return attributes({"series": series, "at": at})


def expiry(at: datetime) -> "Item":
    """Returns the attribute that says when an item ages out."""
    return attributes({"expires_at": int(at.timestamp())})


def queue_position(alert: Alert) -> str:
    """Returns the sort key of an alert that waits: critical ones first, then in the order of time.

    What was read from a queue stands where it was read, whichever release put it there.
    """
    first = CRITICAL_FIRST if alert.severity is Severity.CRITICAL else ""
    return alert.position or f"{first}{instant(alert.raised_at)}#{alert.alert_id}"


def subscriber_item(one: Subscriber) -> "Item":
    """Returns the item of a new subscriber, which ages out unless it is confirmed."""
    values = {
        "notification_type": one.notification_type,
        "name": one.name,
        "email": one.email,
        "severity": one.severity,
        "quiet_hours": one.quiet_hours.model_dump_json() if one.quiet_hours else "",
        "standing": one.status,
        "created_at": instant(one.created_at),
    }
    return key(SUBSCRIBER, one.subscriber_id) | attributes(values) | expiry(one.created_at + ASKED_KEPT)


def subscriber(item: "Item") -> Subscriber:
    """Reads a stored subscriber."""
    stored = from_attributes(item)
    quiet = stored.get("quiet_hours", "")
    return Subscriber(
        subscriber_id=stored["at"],
        notification_type=stored["notification_type"],
        name=stored.get("name", ""),
        email=stored.get("email", ""),
        severity=Severity(stored["severity"]),
        quiet_hours=QuietHours.model_validate_json(quiet) if quiet else None,
        status=SubscriberStatus(stored["standing"]),
        created_at=_instant(stored["created_at"]),
        confirmed_at=_time(stored.get("confirmed_at")),
        reason=stored.get("reason", ""),
    )


def outbox_item(one: MailOutbox, now: datetime) -> "Item":
    """Returns the item of the outbox in its next version."""
    values = {
        "version": one.version + 1,
        "open_mail": one.open_mail,
        "sent": [instant(at) for at in one.sent],
        "begun_at": _text(one.begun_at),
        "held_until": _text(one.held_until),
        "critical_at": _text(one.critical_at),
        "asked_at": _text(one.asked_at),
    }
    item = key(OUTBOX, one.subscriber_id) | attributes(values)
    return item if one.open_mail else item | expiry(now + MAIL_KEPT)


def outbox(item: "Item") -> MailOutbox:
    """Reads a stored outbox."""
    stored = from_attributes(item)
    return MailOutbox(
        subscriber_id=stored["at"],
        version=int(stored["version"]),
        open_mail=stored["open_mail"],
        sent=tuple(map(_instant, stored["sent"])),
        begun_at=_time(stored.get("begun_at")),
        held_until=_time(stored.get("held_until")),
        critical_at=_time(stored.get("critical_at")),
        asked_at=_time(stored.get("asked_at")),
    )


def mail_item(mail: Mail) -> "Item":
    """Returns the item of a mail and what has become of it."""
    values = {
        "subscriber_id": mail.subscriber_id,
        "kind": mail.kind,
        "recipient": mail.recipient,
        "created_at": instant(mail.created_at),
        "alerts": mail.alerts,
        "status": mail.status,
        "retries": mail.retries,
        "repeats": mail.repeats,
        "reason": mail.reason,
        "next_at": _text(mail.next_at),
        "sent_at": _text(mail.sent_at),
        "tried_at": _text(mail.tried_at),
    }
    return key(MAIL, mail.mail_id) | attributes(values) | expiry(mail.created_at + MAIL_KEPT)


def mail_of(item: "Item") -> Mail:
    """Reads a stored mail."""
    stored = from_attributes(item)
    return Mail(
        mail_id=stored["at"],
        subscriber_id=stored["subscriber_id"],
        kind=stored["kind"],
        recipient=stored["recipient"],
        created_at=_instant(stored["created_at"]),
        alerts=int(stored["alerts"]),
        status=MailStatus(stored["status"]),
        retries=int(stored["retries"]),
        repeats=int(stored["repeats"]),
        reason=stored["reason"],
        next_at=_time(stored.get("next_at")),
        sent_at=_time(stored.get("sent_at")),
        tried_at=_time(stored.get("tried_at")),
    )


def packed(alerts: Sequence[Alert]) -> bytes:
    """Packs alerts into few bytes."""
    told = [asdict(one) | {"raised_at": instant(one.raised_at)} for one in alerts]
    return gzip.compress(json.dumps(told, separators=(",", ":")).encode())


def alerts_of(item: "Item") -> list[Alert]:
    """Reads the alerts that an item holds packed."""
    return list(unpacked(item["body"]["B"]))


def unpacked(content: bytes) -> Iterable[Alert]:
    """Unpacks what `packed` returned."""
    names = {field.name for field in fields(Alert)}
    for one in json.loads(gzip.decompress(content)):
        known = {name: value for name, value in one.items() if name in names}
        changed = {
            "raised_at": _instant(one["raised_at"]),
            "severity": Severity(one["severity"]),
            "why": tuple(one["why"]),
        }
        yield Alert(**known | changed)


def _text(at: datetime | None) -> str | None:
    return None if at is None else instant(at)


def _time(text: str | None) -> datetime | None:
    return None if text is None else _instant(text)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
