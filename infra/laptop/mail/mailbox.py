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
    """A mail that was sent. `number` counts from 0; `mail_id` is its sender's, empty where the mail has none."""

    number: int
    message: EmailMessage = field(repr=False)
    mail_id: str = ""

    @property
    def to(self) -> str:
        """The recipient."""
        return str(self.message["To"])

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The plain-text part."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content())


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The mails so far. `services` is the URL of moto's server; the header `id_header` has a mail's id."""

    services: str
    id_header: str

    def since(self, first: int = 0) -> list[SentMail]:
        """The mails from this number on, oldest first. Raises OSError."""
        direct = build_opener(ProxyHandler({}))  # a proxy of the user's is no way to this machine
        with direct.open(f"{self.services}/_mails?from={first}", timeout=TIMEOUT_S) as response:
            sent: list[str] = json.load(response)
        return [self._mail(number, raw) for number, raw in enumerate(sent, start=first)]

    def _mail(self, number: int, raw: str) -> SentMail:
        message = message_from_string(raw, policy=default)
        return SentMail(number, message, str(message[self.id_header] or ""))
