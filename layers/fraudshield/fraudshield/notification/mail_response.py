"""The response that lists mails, and what waits to be in one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from typing_extensions import TypedDict

from fraudshield.notification.mail import Mail, MailKind, MailStatus
from fraudshield.notification.subscriber import masked
from fraudshield.notification.waiting_mail import WaitingMail
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp

WAITING = "waiting"  # the status of alerts that are in no mail yet


class MailObject(TypedDict):
    """A mail and what became of it. The address is masked; `mail_id` is in the mail's header X-FraudShield-Id.

    `waiting` are alerts that are in no mail yet: `created_at` is of the first of them, `next_at` when they may go,
    `reason` why not now. Their `mail_id` is no mail's.
    """

    mail_id: str
    subscriber_id: str
    kind: MailKind
    recipient: str
    alerts: int
    status: Annotated[str, one_of(WAITING, *(one.value for one in MailStatus))]
    retries: int
    repeats: int
    reason: str
    created_at: Moment
    next_at: Moment | None
    sent_at: Moment | None


class HistoryResponse(TypedDict):
    """Mails, newest first; before the first page's mails what waits. A page may be followed by an empty one."""

    history: list[MailObject]
    count: int
    next_cursor: str | None


def history_response(waiting: Sequence[WaitingMail], mails: Sequence[Mail], next_cursor: str | None) -> HistoryResponse:
    """The response that lists what waits, and a page of mails."""
    shown = [*map(_waiting, waiting), *map(_mail, mails)]
    return {"history": shown, "count": len(shown), "next_cursor": next_cursor}


def _waiting(one: WaitingMail) -> MailObject:
    return {
        "mail_id": f"{WAITING}-{one.subscriber.subscriber_id}",
        "subscriber_id": one.subscriber.subscriber_id,
        "kind": "alerts",
        "recipient": masked(one.subscriber.email),
        "alerts": one.alerts,
        "status": WAITING,
        "retries": 0,
        "repeats": 0,
        "reason": one.reason,
        "created_at": timestamp(one.since),
        "next_at": _time(one.due_at),
        "sent_at": None,
    }


def _mail(mail: Mail) -> MailObject:
    return {
        "mail_id": mail.mail_id,
        "subscriber_id": mail.subscriber_id,
        "kind": mail.kind,
        "recipient": mail.recipient,
        "alerts": mail.alerts,
        "status": mail.status.value,
        "retries": mail.retries,
        "repeats": mail.repeats,
        "reason": mail.reason,
        "created_at": timestamp(mail.created_at),
        "next_at": _time(mail.next_at),
        "sent_at": _time(mail.sent_at),
    }


def _time(at: datetime | None) -> str | None:
    return timestamp(at) if at else None
