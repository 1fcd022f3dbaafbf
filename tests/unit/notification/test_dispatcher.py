"""The dispatcher: every alert in a mail, none in two, never too many mails an hour, whatever goes wrong."""

import random
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import chain, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraudshield.errors import StoreUnavailable
from fraudshield.notification.alert import Severity
from fraudshield.notification.content import MailTemplates
from fraudshield.notification.dispatcher import HELD, Dispatcher
from fraudshield.notification.mail import GIVE_UP_AFTER, MailStatus, new_mail
from fraudshield.notification.schedule import HOUR, MOST_ALERTS
from fraudshield.notification.subscriber import QuietHours, SubscriberStatus
from tests.fake_outbox import LINKS, START, Dispatching, Killed, alert, subscriber

MINUTE = timedelta(minutes=1)


@pytest.fixture
def dispatching() -> Dispatching:
    return Dispatching()


def listed(dispatching: Dispatching, who: str = "anna-id") -> Counter[str]:
    """How many mails that went list each alert."""
    gone = {mail_id for _, mail_id, _, _ in dispatching.sender.taken}
    contents = [
        alerts
        for mail, alerts in dispatching.outboxes.mails.values()
        if mail.mail_id in gone and mail.subscriber_id == who
    ]
    return Counter(one.alert_id for one in chain.from_iterable(contents))


def test_what_waits_goes_in_one_mail_and_waits_no_more(dispatching: Dispatching) -> None:
    dispatching.outboxes.add(subscriber(), alert(1), alert(2))
    dispatching.run()
    assert [(mail.status, mail.alerts, mail.sent_at) for mail in dispatching.mail()] == [(MailStatus.SENT, 2, START)]
    assert listed(dispatching) == {"transaction#t-1": 1, "transaction#t-2": 1}
    dispatching.runs(100)
    assert len(dispatching.sender.taken) == 1


def test_an_outbox_that_cannot_be_read_holds_up_nobody_else(dispatching: Dispatching) -> None:
    for name in ("anna", "bo"):
        dispatching.outboxes.add(subscriber(name), alert(1))
    dispatching.outboxes.damaged.add("anna-id")
    dispatching.run()
    assert [address for _, _, address, _ in dispatching.sender.taken] == ["bo@example.org"]
    assert dispatching.done["OutboxUnreadable"] == 1


def test_each_subscriber_gets_a_mail(dispatching: Dispatching) -> None:
    dispatching.outboxes.add(subscriber("anna"), alert(1))
    dispatching.outboxes.add(subscriber("bo"), alert(1))
    dispatching.run()
    assert [address for _, _, address, _ in dispatching.sender.taken] == ["anna@example.org", "bo@example.org"]


def test_who_has_not_confirmed_gets_nothing_but_the_question(dispatching: Dispatching) -> None:
    pending = subscriber(status=SubscriberStatus.PENDING)
    dispatching.outboxes.add(pending, alert())
    dispatching.outboxes.open(
        dispatching.outboxes.outbox("anna-id"), new_mail(pending, "confirmation", 0, "aa", START), ()
    )
    dispatching.runs(5)
    assert [content.subject for *_, content in dispatching.sender.taken] == [
        "[FraudShield] Confirm that you want these mails"
    ]
    assert dispatching.outboxes.queued["anna-id"]


def test_a_wave_is_a_few_mails_that_list_every_case(dispatching: Dispatching) -> None:
    dispatching.outboxes.add(subscriber(), *(alert(number) for number in range(10_000)))
    dispatching.runs(60)
    assert listed(dispatching) == {f"transaction#t-{number}": 1 for number in range(10_000)}
    assert len(dispatching.sender.taken) == 10_000 / MOST_ALERTS
    texts = [line for *_, content in dispatching.sender.taken for line in content.text.split()]
    assert Counter(line for line in texts if "/#/transactions/" in line) == {
        LINKS.page(f"/#/transactions/t-{number}"): 1 for number in range(10_000)
    }


def test_a_trickle_becomes_digests_that_keep_a_distance(dispatching: Dispatching) -> None:
    dispatching.outboxes.add(subscriber())
    for number in range(240):
        dispatching.outboxes.add(subscriber(), alert(number, at=dispatching.clock.now))
        dispatching.run()
        dispatching.clock.forward(timedelta(seconds=30))
    dispatching.runs(10)
    times = [at for at, *_ in dispatching.sender.taken]
    assert all(later - earlier >= HOUR for earlier, later in zip(times, times[12:], strict=False))
    assert max(listed(dispatching).values()) == 1
    assert len(listed(dispatching)) == 240
    assert max(later - earlier for earlier, later in pairwise(times)) < 10 * MINUTE


def test_quiet_hours_hold_a_mail_back_until_they_end(dispatching: Dispatching) -> None:
    quiet = QuietHours(start="09:00", end="11:00")
    dispatching.outboxes.add(subscriber(quiet_hours=quiet), alert())
    dispatching.runs(60)
    assert not dispatching.sender.taken
    dispatching.run()
    assert len(dispatching.sender.taken) == 1


def test_what_is_critical_does_not_wait_for_the_morning(dispatching: Dispatching) -> None:
    quiet = QuietHours(start="09:00", end="11:00")
    dispatching.outboxes.add(subscriber(quiet_hours=quiet), alert(), alert(2, Severity.CRITICAL))
    dispatching.run()
    assert listed(dispatching).total() == 2


def test_a_service_that_is_down_for_ten_minutes_loses_nothing(dispatching: Dispatching) -> None:
    dispatching.outboxes.add(subscriber(), *(alert(number) for number in range(5)))
    dispatching.sender.fault = lambda: "refused"
    dispatching.runs(10)
    [mail] = dispatching.mail()
    assert (mail.status, mail.retries, mail.reason) == (MailStatus.QUEUED, 5, "Throttling")
    dispatching.sender.fault = lambda: ""
    dispatching.runs(16)
    [mail] = dispatching.mail()
    assert (mail.status, mail.retries, mail.repeats) == (MailStatus.SENT, 5, 0)
    assert len(dispatching.sender.taken) == 1


def test_pauses_grow_up_to_a_quarter_of_an_hour(dispatching: Dispatching) -> None:
    dispatching.outboxes.add(subscriber(), alert())
    dispatching.sender.fault = lambda: "refused"
    dispatching.runs(24 * 60)
    assert 96 <= dispatching.sender.attempts <= 104


def test_what_is_critical_is_tried_again_every_minute(dispatching: Dispatching) -> None:
    dispatching.outboxes.add(subscriber(), alert(1, Severity.CRITICAL))
    dispatching.sender.fault = lambda: "refused"
    dispatching.runs(60)
    assert 58 <= dispatching.sender.attempts <= 61
    dispatching.sender.fault = lambda: ""
    dispatching.runs(2)
    assert listed(dispatching) == {"transaction#t-1": 1}


def test_what_is_critical_hurries_a_refused_mail_that_it_has_to_wait_for(dispatching: Dispatching) -> None:
    dispatching.outboxes.add(subscriber(), alert(1))
    dispatching.sender.fault = lambda: "refused"
    dispatching.runs(60)
    dispatching.sender.fault = lambda: ""
    dispatching.outboxes.add(subscriber(), alert(2, Severity.CRITICAL))
    dispatching.runs(2)
    assert listed(dispatching) == {"transaction#t-1": 1, "transaction#t-2": 1}


def test_a_mail_that_stays_refused_for_days_has_failed_and_holds_up_no_other(dispatching: Dispatching) -> None:
    dispatching.outboxes.add(subscriber(), alert())
    dispatching.sender.fault = lambda: "refused"
    while dispatching.clock.now < START + GIVE_UP_AFTER + HOUR:
        dispatching.runs(1, HOUR)
    [mail] = dispatching.mail()
    assert (mail.status, mail.reason) == (MailStatus.FAILED, "Throttling")
    assert dispatching.done["MailGivenUp"] == 1
    dispatching.sender.fault = lambda: ""
    dispatching.outboxes.add(subscriber(), alert(2))
    dispatching.run()
    assert listed(dispatching) == {"transaction#t-2": 1}


def test_killed_between_send_and_mark_it_goes_once_more_with_the_same_id(dispatching: Dispatching) -> None:
    dispatching.outboxes.add(subscriber(), alert())
    dispatching.sender.fault = lambda: "killed"
    with pytest.raises(Killed):
        dispatching.run()
    dispatching.sender.fault = lambda: ""
    dispatching.runs(10)
    (_, first, _, _), (again_at, second, _, _) = dispatching.sender.taken
    assert first == second
    assert again_at >= START + HELD
    [mail] = dispatching.mail()
    assert (mail.status, mail.repeats) == (MailStatus.SENT, 1)
    assert dispatching.done["MailRepeated"] == 1


def test_news_that_it_went_spares_the_repeat(dispatching: Dispatching) -> None:
    dispatching.outboxes.add(subscriber(), alert())
    dispatching.sender.fault = lambda: "killed"
    with pytest.raises(Killed):
        dispatching.run()
    [(mail, alerts)] = dispatching.outboxes.mails.values()
    dispatching.outboxes.mails[mail.mail_id] = (mail.ended(MailStatus.DELIVERED), alerts)
    dispatching.runs(10)
    assert len(dispatching.sender.taken) == 1
    assert not dispatching.outboxes.queued["anna-id"]


def test_a_lost_response_counts_as_a_mail_of_the_hour(dispatching: Dispatching) -> None:
    dispatching.mails_per_hour = 1
    dispatching.outboxes.add(subscriber(), alert())
    dispatching.sender.fault = lambda: "lost"
    dispatching.run()
    dispatching.sender.fault = lambda: ""
    dispatching.runs(60)
    assert len(dispatching.sender.taken) == 1
    dispatching.runs(2)
    assert len(dispatching.sender.taken) == 2
    [mail] = dispatching.mail()
    assert (mail.status, mail.repeats) == (MailStatus.SENT, 1)


def test_two_dispatchers_send_nothing_twice(dispatching: Dispatching) -> None:
    dispatching.outboxes.add(subscriber(), alert())
    runs = iter([dispatching.run])

    def meanwhile(_: str) -> None:
        for other in runs:
            other()

    dispatching.outboxes.before = meanwhile
    dispatching.run()
    assert len(dispatching.sender.taken) == 1
    assert dispatching.done["OutboxTaken"] == 1


@pytest.mark.parametrize("status", [SubscriberStatus.SUPPRESSED, SubscriberStatus.LEAVING])
def test_nothing_goes_to_an_address_that_is_not_to_be_written_to(
    dispatching: Dispatching, status: SubscriberStatus
) -> None:
    dispatching.outboxes.add(subscriber(), alert())
    dispatching.sender.fault = lambda: "refused"
    dispatching.run()
    dispatching.outboxes.people["anna-id"] = replace(subscriber(), status=status, reason="bounced")
    dispatching.sender.fault = lambda: ""
    dispatching.runs(10)
    [mail] = dispatching.mail()
    assert (mail.status, mail.reason) == (MailStatus.SUPPRESSED, "bounced")
    assert not dispatching.sender.taken
    assert ("anna-id" in dispatching.outboxes.people) == (status is SubscriberStatus.SUPPRESSED)
    assert not dispatching.outboxes.queued.get("anna-id")


def test_a_store_that_is_away_ends_the_run_and_loses_nothing(dispatching: Dispatching) -> None:
    dispatching.outboxes.add(subscriber(), alert())

    def away(_: str) -> None:
        raise StoreUnavailable("down")

    dispatching.outboxes.before = away
    with pytest.raises(StoreUnavailable):
        dispatching.run()
    dispatching.outboxes.before = lambda _: None
    dispatching.run()
    assert listed(dispatching) == {"transaction#t-1": 1}


def test_a_run_without_time_sends_nothing(dispatching: Dispatching) -> None:
    dispatching.outboxes.add(subscriber(), alert())
    Dispatcher(dispatching.outboxes, dispatching.sender, MailTemplates(LINKS), 12, dispatching.clock).run(lambda: False)
    assert not dispatching.sender.taken


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(1, 12), st.floats(0, 0.5))
def test_whatever_goes_wrong_nothing_is_lost_and_nothing_comes_twice(seed: int, per_hour: int, trouble: float) -> None:
    chance = random.Random(seed)
    dispatching = Dispatching(per_hour)
    unknown = 0

    def fault() -> str:
        nonlocal unknown
        if chance.random() >= trouble:
            return ""
        found = chance.choice(["refused", "refused", "lost", "killed"])
        unknown += found != "refused"
        return found

    def write(_: str) -> None:
        nonlocal unknown
        if chance.random() < trouble / 10:
            unknown += 1
            raise Killed

    dispatching.sender.fault, dispatching.outboxes.before = fault, write
    told = 0
    for _ in range(120):
        dispatching.outboxes.add(subscriber())
        for _ in range(chance.choice([0, 0, 1, 3])):
            told += 1
            dispatching.outboxes.add(subscriber(), alert(told, chance.choice(list(Severity)), dispatching.clock.now))
        with suppress(Killed):
            dispatching.run()
        dispatching.clock.forward(timedelta(seconds=chance.choice([20, 60, 300])))
    dispatching.sender.fault, dispatching.outboxes.before = lambda: "", lambda _: None
    dispatching.runs(60 * 24, timedelta(minutes=5))
    assert listed(dispatching) == {f"transaction#t-{number}": 1 for number in range(1, told + 1)}
    assert dispatching.sender.repeats.total() <= unknown
    gone = [(at, has_critical(dispatching, mail_id)) for at, mail_id, *_ in dispatching.sender.taken]
    for (earlier, _), (later, critical) in zip(gone, gone[per_hour:], strict=False):
        assert critical or later - earlier >= HOUR
    urgent = [at for at, critical in gone if critical]
    assert all(later - earlier >= MINUTE for earlier, later in zip(urgent, urgent[2:], strict=False))
    assert all(mail.status is MailStatus.SENT for mail in dispatching.mail())


def has_critical(dispatching: Dispatching, mail_id: str) -> bool:
    _, alerts = dispatching.outboxes.mails[mail_id]
    return any(one.severity is Severity.CRITICAL for one in alerts)


@pytest.mark.parametrize("per_hour", [1, 2, 12])
def test_what_is_critical_goes_at_once_however_many_mails_went_before(per_hour: int) -> None:
    dispatching = Dispatching(per_hour)
    for number in range(per_hour):
        dispatching.outboxes.add(subscriber(), alert(number, at=dispatching.clock.now))
        dispatching.runs(1, 5 * MINUTE)
    before = len(dispatching.sender.taken)
    dispatching.outboxes.add(subscriber(), alert(100, Severity.CRITICAL), alert(101))
    dispatching.run()
    assert [at for at, *_ in dispatching.sender.taken[before:]] == [dispatching.clock.now]
    assert listed(dispatching)["transaction#t-100"] == 1


def test_a_wave_of_what_is_critical_is_a_mail_a_minute(dispatching: Dispatching) -> None:
    waited = []
    for number in range(180):
        dispatching.outboxes.add(subscriber(), alert(number, Severity.CRITICAL, at=dispatching.clock.now))
        dispatching.runs(1, timedelta(seconds=10))
        waited.append(len(dispatching.outboxes.queued["anna-id"]))
    assert max(waited) < 6
    dispatching.runs(7, timedelta(seconds=10))
    assert listed(dispatching) == {f"transaction#t-{number}": 1 for number in range(180)}
    assert len(dispatching.sender.taken) <= 32


def test_the_question_to_confirm_holds_no_alert_back() -> None:
    dispatching = Dispatching(mails_per_hour=1)
    asked = new_mail(subscriber(), "confirmation", 0, "aa", START)
    dispatching.outboxes.open(dispatching.outboxes.outbox("anna-id"), asked, ())
    dispatching.outboxes.add(subscriber(), alert(1))
    dispatching.run()
    assert listed(dispatching) == {"transaction#t-1": 1}
    assert dispatching.outboxes.outbox("anna-id").asked_at == START
