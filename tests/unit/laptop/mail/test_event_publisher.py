"""What becomes of the laptop's mails."""

import json
from email.message import EmailMessage
from typing import Any

import pytest

from fraudshield.notification.mail import MailStatus, feedback
from infra.laptop.mail.event_publisher import MailEventPublisher
from infra.laptop.mail.mailbox import SentMail


class FakeMailbox:
    """Mails in a list."""

    def __init__(self, *addresses: str) -> None:
        self.sent = list(addresses)

    def since(self, first: int = 0) -> list[SentMail]:
        return [_mail(number, one) for number, one in enumerate(self.sent)][first:]


class FakeTopic:
    """Remembers what it was told; fails once where that is asked for."""

    def __init__(self, fails: int = 0) -> None:
        self.told: list[str] = []
        self.fails = fails

    def publish(self, TopicArn: str, Message: str) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError(TopicArn)
        self.told.append(Message)


def _mail(number: int, address: str) -> SentMail:
    message = EmailMessage()
    message["To"] = address
    return SentMail(number, message, "" if address.startswith("other") else f"m-{number}")


@pytest.mark.parametrize(
    ("address", "status", "suppress"),
    [
        ("anna@example.org", MailStatus.DELIVERED, False),
        ("bounce@example.org", MailStatus.DELIVERED, False),
        ("success@simulator.amazonses.com", MailStatus.DELIVERED, False),
        ("bounce@simulator.amazonses.com", MailStatus.BOUNCED, True),
        ("complaint+label@simulator.amazonses.com", MailStatus.COMPLAINED, True),
    ],
)
def test_a_mail_fares_as_its_address_says(address: str, status: MailStatus, suppress: bool) -> None:
    topic = FakeTopic()
    MailEventPublisher(FakeMailbox(address).since, topic, "arn").tell()
    [message] = topic.told
    news = feedback(message)
    assert news is not None
    assert (news.mail_id, news.status, news.suppress) == ("m-0", status, suppress)


def test_each_mail_of_ours_is_told_of_once_also_after_a_failure() -> None:
    mailbox, topic = FakeMailbox("a@b.example", "other@b.example"), FakeTopic(fails=1)
    publisher = MailEventPublisher(mailbox.since, topic, "arn")
    with pytest.raises(OSError, match="arn"):
        publisher.tell()
    publisher.tell()
    mailbox.sent.append("c@b.example")
    publisher.tell()
    assert [ids(one) for one in topic.told] == ["m-0", "m-2"]


def ids(message: str) -> Any:
    return json.loads(message)["mail"]["tags"]["mail_id"][0]
