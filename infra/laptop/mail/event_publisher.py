"""SES's event publishing: each mail is delivered to nobody, and the template's topic is told so.

Mails to SES's own simulator fare as its documentation says:
https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
"""

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.laptop.mail.mailbox import SentMail

Since = Callable[[int], list[SentMail]]

EVERY_S = 1.0
SIMULATOR = "@simulator.amazonses.com"
SIMULATED = {"bounce": "Bounce", "complaint": "Complaint"}

logger = logging.getLogger(__name__)


class MailEventPublisher:
    """Publishes what became of mails, on one event loop.

    `since` gives mails as `Mailbox` does; `sns` is a boto3 client. Calls run in threads.
    """

    def __init__(self, since: Since, sns: Any, topic: str) -> None:
        self._since, self._sns, self._topic = since, sns, topic
        self._next = 0

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await asyncio.to_thread(self.tell)
            except (BotoCoreError, ClientError, OSError) as exc:
                logger.warning("News of mails cannot be told: %s", exc)

    def tell(self) -> None:
        """Publish what became of each new mail, once."""
        for mail in self._since(self._next):
            if mail.mail_id:
                self._sns.publish(TopicArn=self._topic, Message=json.dumps(mail_event(mail, datetime.now(UTC))))
            self._next = mail.number + 1


def mail_event(mail: SentMail, now: datetime) -> dict[str, Any]:
    """What became of a mail, as SES words it."""
    name, _, domain = mail.to.partition("@")
    kind = SIMULATED.get(name.partition("+")[0], "Delivery") if f"@{domain}" == SIMULATOR else "Delivery"
    at = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = {
        "Bounce": {"bounceType": "Permanent", "bounceSubType": "General", "timestamp": at},
        "Complaint": {"complaintFeedbackType": "abuse", "timestamp": at},
        "Delivery": {"recipients": [mail.to], "smtpResponse": "250 2.6.0 Message received", "timestamp": at},
    }
    about = {"timestamp": at, "messageId": f"laptop-{mail.number}", "destination": [mail.to]}
    return {"eventType": kind, "mail": about | {"tags": {"mail_id": [mail.mail_id]}}, kind.lower(): told[kind]}
