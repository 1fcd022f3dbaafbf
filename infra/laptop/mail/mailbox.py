"""The mails that the laptop's SES took, read as a mail program reads them."""

import json
from dataclasses import dataclass, field
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from urllib.request import ProxyHandler, build_opener

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail. `number` counts from 0."""

    number: int
    message: EmailMessage = field(repr=False)

    @property
    def to(self) -> str:
        """Its recipient."""
        return str(self.message["To"])

    @property
    def subject(self) -> str:
        """As it is read."""
        return str(self.message["Subject"])

    @property
    def mail_id(self) -> str:
        """Ours; empty for a mail that others sent."""
        return str(self.message["X-FraudShield-Id"] or "")

    @property
    def text(self) -> str:
        """The plain part."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The other one."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content())


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`services` is the URL of moto's server."""

    services: str

    def since(self, first: int = 0) -> list[SentMail]:
        """From the mail with this number on, oldest first. Raises OSError."""
        direct = build_opener(ProxyHandler({}))  # a proxy of the user's is no way to this machine
        with direct.open(f"{self.services}/_mails?from={first}", timeout=TIMEOUT_S) as answer:
            sent: list[str] = json.load(answer)
        return [
            SentMail(number, message_from_string(raw, policy=default)) for number, raw in enumerate(sent, start=first)
        ]
