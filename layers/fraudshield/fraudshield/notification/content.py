"""A mail's content, from templates. Values never become markup: they are escaped in HTML, and always on one line."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from fraudshield.notification.alert import RANK, Alert, Severity, worst
from fraudshield.notification.link import Links
from fraudshield.notification.mail import Mail
from fraudshield.notification.subscriber import Subscriber

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # these end lines, or reverse the writing


@dataclass(frozen=True, slots=True)
class MailContent:
    """A mail's subject and text; `unsubscribe` is the link for a header of its own."""

    subject: str
    html: str
    text: str
    unsubscribe: str


def visible(text: str) -> str:
    """Returns `text` on one line, without characters that are not seen."""
    return "".join(" " if unicodedata.category(one) in INVISIBLE else one for one in text)


HERE = Path(__file__).parent / "mail_template"
DETAILED = 20  # alerts that are told with their reasons; the others have a line each
MOST_SUBJECT = 150  # characters


@dataclass(frozen=True, slots=True)
class MailTemplates:
    """Fills the templates of mails."""

    links: Links

    def content(self, subscriber: Subscriber, mail: Mail, alerts: Sequence[Alert], now: datetime) -> MailContent:
        """Returns the content of a mail. It needs no network."""
        unsubscribe = self.links.unsubscribe(subscriber.subscriber_id)
        told = [
            _visible(alert) for alert in sorted(worst(alerts), key=lambda one: (-RANK[one.severity], one.raised_at))
        ]
        values = {
            "name": visible(subscriber.name),
            "notification_type": subscriber.notification_type,
            "mail_id": mail.mail_id,
            "detailed": told[:DETAILED],
            "listed": told[DETAILED:],
            "number": len(told),
            "critical": sum(alert.severity is Severity.CRITICAL for alert in told),
            "confirm": self.links.confirm(subscriber.subscriber_id, now),
            "unsubscribe": unsubscribe,
            "page": self.links.page,
        }
        return MailContent(
            subject=_subject(mail, told)[:MOST_SUBJECT],
            html=_template(f"{mail.kind}.html").render(values),
            text=_template(f"{mail.kind}.txt").render(values),
            unsubscribe=unsubscribe,
        )


def link_page(title: str, text: str, button: str = "") -> str:
    """Returns the page behind a mail's link; with a button it asks before anything is done."""
    return _template("link.html").render(title=title, text=text, button=button)


def _visible(alert: Alert) -> Alert:
    why = tuple(visible(one) for one in alert.why)
    return replace(alert, about=visible(alert.about), title=visible(alert.title), why=why)


def _subject(mail: Mail, told: Sequence[Alert]) -> str:
    if mail.kind == "confirmation":
        return "[FraudShield] Confirm that you want these mails"
    if len(told) == 1:
        return f"[FraudShield] {told[0].severity}: {told[0].title}"
    critical = sum(alert.severity is Severity.CRITICAL for alert in told)
    return f"[FraudShield] {len(told):,} alerts" + (f", {critical:,} of them critical" if critical else "")


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _template(name: str) -> Template:
    return _environment().get_template(name)
