"""Notification in one process: people subscribe, the dispatcher runs, and mails are read as a mail program would."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from typing import Any

from moto.ses.models import ses_backends

from functions.notification import app, stream, worker
from infra.laptop.mail.mailbox import SentMail
from tests.caller import ApiResponse, Caller, Context
from tests.stack import MAIL, Stack, client

SENDER, PUBLIC_URL = MAIL["FROM_EMAIL"], MAIL["PUBLIC_URL"]
PREFIX = "/api/v1/notifications"
ACCOUNT, REGION = "123456789012", "eu-west-1"


@dataclass(frozen=True, slots=True)
class ReceivedMail(SentMail):
    """A mail as it arrived; ours have both parts."""

    @classmethod
    def read(cls, number: int, message: EmailMessage) -> "ReceivedMail":
        """Reads a mail of the product's, whose id is in its header."""
        return cls(number, message, str(message["X-FraudShield-Id"]))

    def link(self, action: str) -> str:
        """Returns path and token of a link in the mail."""
        found = re.search(rf"{re.escape(PUBLIC_URL)}({PREFIX}/{action}\?token=\S+)", self.text)
        assert found, self.text
        return found[1]

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content())


@dataclass(frozen=True, slots=True)
class NotificationApp:
    """The notification service over one stack."""

    stack: Stack
    admin: Caller = field(default_factory=lambda: Caller(handler=app.lambda_handler))

    def __post_init__(self) -> None:
        client("ses").verify_email_identity(EmailAddress=SENDER)

    def call(self, method: str, path: str, body: Any = None) -> ApiResponse:
        """Sends a request as an administrator."""
        return self.admin.send(method, PREFIX + path, body)

    def subscribe(self, email: str = "anna@example.org", kind: str = "high_risk_alerts", **more: Any) -> dict[str, Any]:
        """Asks for a subscription."""
        body = {"notification_type": kind, "contact": {"name": "Anna", "email": email}, **more}
        response = self.call("POST", "/subscribers", body)
        assert response.status == 200, response.text
        found: dict[str, Any] = response.json
        return found

    def confirmed(self, email: str = "anna@example.org", kind: str = "high_risk_alerts", **more: Any) -> str:
        """Subscribes, reads the mail and follows its link; returns the subscriber's id."""
        subscriber_id: str = self.subscribe(email, kind, **more)["subscriber"]["subscriber_id"]
        self.work()
        asked = [got for got in self.mails() if got.to == email and "Confirm" in got.subject][-1]
        assert Caller(None, handler=app.lambda_handler).send("POST", asked.link("confirm")).status == 200
        return subscriber_id

    def work(self) -> int:
        """Runs the dispatcher if anything has woken it by now; returns how many wake-ups that were."""
        calls = self.stack.messages(self.stack.resolver.refs["MailQueue"])
        if calls:
            worker.lambda_handler({"Records": []}, Context())  # type: ignore[arg-type]
        return len(calls)

    def mails(self) -> list[ReceivedMail]:
        """All mails that SES took, oldest first."""
        sent = ses_backends[ACCOUNT][REGION].sent_messages
        messages = [message_from_string(one.raw_data, policy=default) for one in sent]
        return [ReceivedMail.read(number, message) for number, message in enumerate(messages)]

    def alerts(self) -> list[ReceivedMail]:
        """The mails that tell of alerts, oldest first."""
        return [got for got in self.mails() if "Confirm" not in got.subject]

    def history(self) -> list[dict[str, Any]]:
        """The history of mails, newest first."""
        found: list[dict[str, Any]] = self.call("GET", "/history?limit=1000").json["history"]
        return found


def records(stack: Stack, only: Callable[[str], bool] = lambda _: True) -> list[dict[str, Any]]:
    """Every stored transaction as the stream tells of it when it was stored."""
    items = [item for item in stack.items() if item["record"] == {"S": "transaction"}]
    return [record(item) for item in items if only(item["transaction_id"]["S"])]


def record(new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
    """A change of the table."""
    told = {"NewImage": new, "SequenceNumber": "1", "StreamViewType": "NEW_AND_OLD_IMAGES"}
    return {
        "eventID": "e-1",
        "eventName": "MODIFY" if old else "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": told | ({"OldImage": old} if old else {}),
    }


def deliver(told: Sequence[dict[str, Any]]) -> None:
    """Hands records to the stream's consumer."""
    stream.lambda_handler({"Records": list(told)}, Context())


def at(text: str) -> datetime:
    """Reads a time of a response."""
    return datetime.fromisoformat(text)
