"""Waves and failures through the real adapters: every case in some mail, none twice, within the limit, none lost.

The clock is the test's, so that an hour takes no time; store and SES are on real ports.
"""

import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fraudshield.notification import mail_wiring as notification_mail_wiring
from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.content import MailTemplates
from fraudshield.notification.dispatcher import HELD, Dispatcher
from fraudshield.notification.ses import SesSender
from fraudshield.notification.subscriber import SubscriberStatus
from fraudshield.notification.threshold import AlertRules
from tests.authors import ADA
from tests.caller import Caller
from tests.conftest import ROOT
from tests.fake_outbox import LINKS, Clock, subscriber
from tests.integration.notification import ses
from tests.integration.notification.ses import Ses
from tests.integration.notification.test_notification import FLAGGED
from tests.notification_app import NotificationApp, deliver, record, records
from tests.stack import MAIL, Stack

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LIMIT = AlertRules().mails_per_hour
ANNA = "anna-id"


@pytest.fixture
def mail_service(engine_stack: Stack, told: Callable[..., None]) -> Iterator[Ses]:
    with ses.serving() as server:
        told(AWS_ENDPOINT_URL_SESV2=server.url)
        notification_wiring.audited_subscribers().add(subscriber(status=SubscriberStatus.PENDING), ADA)
        notification_wiring.subscribers().confirm(ANNA, datetime.now(UTC))
        yield server


def runs(clock: Clock, number: int, every: timedelta = MINUTE) -> Counter[str]:
    """Dispatchers, each new, with the clock between them."""
    done: Counter[str] = Counter()
    for _ in range(number):
        sender = SesSender(MAIL["FROM_EMAIL"], "fraudshield-dev")
        dispatcher = Dispatcher(notification_mail_wiring.outboxes(), sender, MailTemplates(LINKS), LIMIT, clock)
        dispatcher.run(lambda: True)
        done += dispatcher.done
        clock.forward(every)
    return done


def listed(server: Ses) -> Counter[str]:
    """How often each transaction stands in a mail, repeats of one mail aside."""
    mails = {got.mail_id: got for got in server.taken}
    links = [word for got in mails.values() for word in got.text.split() if "/#/transactions/" in word]
    return Counter(word.rpartition("/")[2] for word in links)


def most_in_an_hour(times: list[datetime]) -> int:
    return max(sum(at <= other < at + HOUR for other in times) for at in times)


def wave(stack: Stack, number: int) -> list[dict[str, Any]]:
    """Records of so many flagged decisions, as the stream tells of them: one is scored, the others are its like."""
    Caller().score(FLAGGED | {"transaction_id": "w-0"})
    [first] = records(stack)
    item = first["dynamodb"]["NewImage"]
    return [record(item | {"transaction_id": {"S": f"w-{one}"}}) for one in range(number)]


def deliveries(told: list[dict[str, Any]], seed: int, batch: int) -> Iterator[list[dict[str, Any]]]:
    """Each at least once, a fifth of them again, shuffled, in batches."""
    chance = random.Random(seed)
    both = chance.sample([*told, *chance.sample(told, len(told) // 5)], len(told) + len(told) // 5)
    return (both[start : start + batch] for start in range(0, len(both), batch))


@pytest.mark.parametrize("number", [200, pytest.param(10_000, marks=pytest.mark.long)])
def test_of_a_wave_every_case_is_mailed_once_and_the_limit_is_kept(
    engine_stack: Stack, mail_service: Ses, number: int
) -> None:
    clock, sent_at = Clock(datetime.now(UTC)), list[datetime]()
    for batch in deliveries(wave(engine_stack, number), number, batch=max(40, number // 20)):
        deliver(batch)
        before = len(mail_service.taken)
        runs(clock, 1, timedelta(seconds=60 / 24))
        sent_at += [clock.now] * (len(mail_service.taken) - before)
    for _ in range(36):
        before = len(mail_service.taken)
        runs(clock, 1, 5 * MINUTE)
        sent_at += [clock.now] * (len(mail_service.taken) - before)
    assert listed(mail_service) == {f"w-{one}": 1 for one in range(number)}
    assert set(mail_service.times.values()) == {1}
    assert most_in_an_hour(sent_at) <= LIMIT
    sys.stdout.write(
        f"{number} flagged in a minute: {len(mail_service.taken)} mails, {most_in_an_hour(sent_at)} in an hour\n"
    )
    assert notification_mail_wiring.outboxes().waiting(ANNA).alerts == ()


@pytest.mark.parametrize("fault", ["throttle", pytest.param("refuse", marks=pytest.mark.long), "down", "lose"])
def test_when_ses_is_away_for_ten_minutes_nothing_is_lost_and_the_history_shows_the_retries(
    engine_stack: Stack, mail_service: Ses, fault: str
) -> None:
    clock = Clock(datetime.now(UTC))
    mail_service.act = lambda: fault
    deliver(wave(engine_stack, 20))
    done = runs(clock, 10)
    assert done["MailSent"] == 0
    mail_service.act = lambda: "take"
    runs(clock, 12, 5 * MINUTE)
    assert listed(mail_service) == {f"w-{one}": 1 for one in range(20)}
    [mail] = NotificationApp(engine_stack).history()
    assert (mail["status"], mail["retries"] > 2, mail["next_at"]) == ("sent", True, None)
    unknown = {"throttle": 0, "refuse": 0}.get(fault, mail["retries"])
    assert mail["repeats"] == unknown  # where nobody knows whether SES took it, each further attempt may be a repeat
    assert mail_service.times[mail["mail_id"]] == (mail["retries"] + 1 if fault == "lose" else 1)


def test_where_nobody_listens_nothing_is_lost(
    engine_stack: Stack, mail_service: Ses, told: Callable[..., None]
) -> None:
    clock = Clock(datetime.now(UTC))
    told(AWS_ENDPOINT_URL_SESV2="http://127.0.0.1:9")
    deliver(wave(engine_stack, 3))
    runs(clock, 5)
    told(AWS_ENDPOINT_URL_SESV2=mail_service.url)
    runs(clock, 30)
    [mail] = NotificationApp(engine_stack).history()
    assert (mail["status"], mail["repeats"], mail["alerts"]) == ("sent", 0, 3)


WORKER = """
import sys
from datetime import datetime
from fraudshield.notification import mail_wiring as notification_mail_wiring
from fraudshield.notification.content import MailTemplates
from fraudshield.notification.dispatcher import Dispatcher
from fraudshield.notification.ses import SesSender
from tests.fake_outbox import LINKS
now = datetime.fromisoformat(sys.argv[1])
sender = SesSender("alerts@fraud.example", "fraudshield-dev")
Dispatcher(notification_mail_wiring.outboxes(), sender, MailTemplates(LINKS), 12, lambda: now).run(lambda: True)
"""


@pytest.mark.parametrize("kills", [1, pytest.param(20, marks=pytest.mark.long)])
def test_whoever_is_killed_between_sending_and_noting_it_leaves_one_repeat_with_the_same_id(
    engine_stack: Stack, mail_service: Ses, kills: int
) -> None:
    """SES takes the mail and kills the process before it responds."""
    clock, killed = Clock(datetime.now(UTC)), 0
    for batch in deliveries(wave(engine_stack, 2 * kills), kills, batch=3):
        deliver(batch)
        before = len(mail_service.taken)
        worker: list[subprocess.Popen[bytes]] = []

        def kill(worker: Any = worker) -> str:
            worker[0].kill()
            return "lose"

        mail_service.act = kill
        worker.append(subprocess.Popen([sys.executable, "-c", WORKER, clock.now.isoformat()], cwd=ROOT))
        died = worker[0].wait(120) == -signal.SIGKILL
        assert died == (len(mail_service.taken) > before)
        killed += died
        mail_service.act = lambda: "take"
        clock.forward(HELD)
        runs(clock, 10)
    runs(clock, 24, 5 * MINUTE)
    assert listed(mail_service) == {f"w-{one}": 1 for one in range(2 * kills)}
    assert max(mail_service.times.values()) == 2
    repeated = {mail["mail_id"]: mail["repeats"] for mail in NotificationApp(engine_stack).history() if mail["repeats"]}
    assert repeated == {mail_id: 1 for mail_id, times in mail_service.times.items() if times == 2}
    assert len(repeated) == killed >= 1


HOSTILE = [
    "x\r\nBcc: everybody@example.com",
    "x\nSubject: another",
    "x\r\n\r\n<h1>body</h1>",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7919*7907}}{% for a in b %}${7919*7907}<%= 7919*7907 %>",
    "{{ config.__class__.__mro__ }}",
    "\u202egnp.exe\u2028line\u0000",
    "=?utf-8?q?Bcc:_everybody=40example.com?=",
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_whatever_stands_in_a_field_is_only_text(lasting_stack: Stack, number: int) -> None:
    service, planted, to = NotificationApp(lasting_stack), HOSTILE[number], f"ops{number}@example.org"
    body = {"notification_type": "system_alerts", "contact": {"name": planted, "email": to}}
    assert service.call("POST", "/subscribers", body).status == 200
    service.work()
    [question] = [got for got in service.mails() if got.to == to]
    assert Caller(None, handler=service.admin.handler).send("POST", question.link("confirm")).status == 200
    details = {planted[:64]: planted, "list": [planted]}
    alert = {"alert_type": f"type {number}", "message": planted, "details": details}
    assert service.call("POST", "/system-alert", alert).status == 200
    service.work()
    asked, told = [got for got in service.mails() if got.to == to]
    for got in (asked, told):
        headers = [name for name, _ in got.message.items()]
        assert len(headers) == len(set(headers))
        assert {"Bcc", "Cc"}.isdisjoint(headers)
        assert "\n" not in got.subject
        assert not any(tag in got.html for tag in ("<script", "<img", "<h1>body", "&#x202e"))
        assert str(7919 * 7907) not in got.html + got.text
        assert not any(mark in got.text + got.html for mark in "\u202e\u2028\u0000")
    shown = "".join(" " if one in "\r\n\u202e\u2028\u0000" else one for one in planted)
    assert shown in told.text


def test_whatever_stands_in_a_transactions_id_is_only_text(lasting_stack: Stack) -> None:
    service, ids = NotificationApp(lasting_stack), [one for one in HOSTILE if one.isprintable()]
    service.confirmed()
    Caller().score(*(FLAGGED | {"transaction_id": one} for one in ids))
    deliver(records(lasting_stack))
    service.work()
    [got] = [one for one in service.alerts() if one.to == "anna@example.org"]
    assert [one for one in ids if one not in got.text] == []
    assert not any(tag in got.html for tag in ("<script", "<img"))
