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
from fraudshield.notification.content import Letters
from fraudshield.notification.dispatcher import HELD, Dispatcher
from fraudshield.notification.mail import GIVE_UP_AFTER, Status, new_mail
from fraudshield.notification.schedule import HOUR, MOST_ALERTS
from fraudshield.notification.subscriber import QuietHours, Standing
from tests.fake_outbox import LINKS, START, Killed, Post, alert, subscriber

MINUTE = timedelta(minutes=1)


@pytest.fixture
def post() -> Post:
    return Post()


def listed(post: Post, who: str = "anna-id") -> Counter[str]:
    """How many mails that went list each alert."""
    gone = {mail_id for _, mail_id, _, _ in post.sender.taken}
    contents = [
        alerts for mail, alerts in post.outboxes.mails.values() if mail.mail_id in gone and mail.subscriber_id == who
    ]
    return Counter(one.alert_id for one in chain.from_iterable(contents))


def test_what_waits_goes_in_one_mail_and_waits_no_more(post: Post) -> None:
    post.outboxes.add(subscriber(), alert(1), alert(2))
    post.run()
    assert [(mail.status, mail.alerts, mail.sent_at) for mail in post.mail()] == [(Status.SENT, 2, START)]
    assert listed(post) == {"transaction#t-1": 1, "transaction#t-2": 1}
    post.runs(100)
    assert len(post.sender.taken) == 1


def test_each_subscriber_gets_a_mail(post: Post) -> None:
    post.outboxes.add(subscriber("anna"), alert(1))
    post.outboxes.add(subscriber("bo"), alert(1))
    post.run()
    assert [address for _, _, address, _ in post.sender.taken] == ["anna@example.org", "bo@example.org"]


def test_who_has_not_confirmed_gets_nothing_but_the_question(post: Post) -> None:
    pending = subscriber(standing=Standing.PENDING)
    post.outboxes.add(pending, alert())
    post.outboxes.open(post.outboxes.outbox("anna-id"), new_mail(pending, "confirmation", 0, "aa", START), ())
    post.runs(5)
    assert [letter.subject for *_, letter in post.sender.taken] == ["[FraudShield] Confirm that you want these mails"]
    assert post.outboxes.queued["anna-id"]


def test_a_wave_is_a_few_mails_that_list_every_case(post: Post) -> None:
    post.outboxes.add(subscriber(), *(alert(number) for number in range(10_000)))
    post.runs(60)
    assert listed(post) == {f"transaction#t-{number}": 1 for number in range(10_000)}
    assert len(post.sender.taken) == 10_000 / MOST_ALERTS
    texts = [line for *_, letter in post.sender.taken for line in letter.text.split()]
    assert Counter(line for line in texts if "/#/transactions/" in line) == {
        LINKS.page(f"/#/transactions/t-{number}"): 1 for number in range(10_000)
    }


def test_a_trickle_becomes_digests_that_keep_a_distance(post: Post) -> None:
    post.outboxes.add(subscriber())
    for number in range(240):
        post.outboxes.add(subscriber(), alert(number, at=post.clock.now))
        post.run()
        post.clock.forward(timedelta(seconds=30))
    post.runs(10)
    times = [at for at, *_ in post.sender.taken]
    assert all(later - earlier >= HOUR for earlier, later in zip(times, times[12:], strict=False))
    assert max(listed(post).values()) == 1
    assert len(listed(post)) == 240
    assert max(later - earlier for earlier, later in pairwise(times)) < 10 * MINUTE


def test_quiet_hours_hold_a_mail_back_until_they_end(post: Post) -> None:
    quiet = QuietHours(start="09:00", end="11:00")
    post.outboxes.add(subscriber(quiet_hours=quiet), alert())
    post.runs(60)
    assert not post.sender.taken
    post.run()
    assert len(post.sender.taken) == 1


def test_what_is_critical_does_not_wait_for_the_morning(post: Post) -> None:
    quiet = QuietHours(start="09:00", end="11:00")
    post.outboxes.add(subscriber(quiet_hours=quiet), alert(), alert(2, Severity.CRITICAL))
    post.run()
    assert listed(post).total() == 2


def test_a_service_that_is_down_for_ten_minutes_loses_nothing(post: Post) -> None:
    post.outboxes.add(subscriber(), *(alert(number) for number in range(5)))
    post.sender.fault = lambda: "refused"
    post.runs(10)
    [mail] = post.mail()
    assert (mail.status, mail.retries, mail.reason) == (Status.QUEUED, 5, "Throttling")
    post.sender.fault = lambda: ""
    post.runs(16)
    [mail] = post.mail()
    assert (mail.status, mail.retries, mail.repeats) == (Status.SENT, 5, 0)
    assert len(post.sender.taken) == 1


def test_pauses_grow_up_to_a_quarter_of_an_hour(post: Post) -> None:
    post.outboxes.add(subscriber(), alert())
    post.sender.fault = lambda: "refused"
    post.runs(24 * 60)
    assert 96 <= post.sender.attempts <= 104


def test_a_mail_that_stays_refused_for_days_has_failed_and_holds_up_no_other(post: Post) -> None:
    post.outboxes.add(subscriber(), alert())
    post.sender.fault = lambda: "refused"
    while post.clock.now < START + GIVE_UP_AFTER + HOUR:
        post.runs(1, HOUR)
    [mail] = post.mail()
    assert (mail.status, mail.reason) == (Status.FAILED, "Throttling")
    assert post.done["MailGivenUp"] == 1
    post.sender.fault = lambda: ""
    post.outboxes.add(subscriber(), alert(2))
    post.run()
    assert listed(post) == {"transaction#t-2": 1}


def test_killed_between_send_and_mark_it_goes_once_more_with_the_same_id(post: Post) -> None:
    post.outboxes.add(subscriber(), alert())
    post.sender.fault = lambda: "killed"
    with pytest.raises(Killed):
        post.run()
    post.sender.fault = lambda: ""
    post.runs(10)
    (_, first, _, _), (again_at, second, _, _) = post.sender.taken
    assert first == second
    assert again_at >= START + HELD
    [mail] = post.mail()
    assert (mail.status, mail.repeats) == (Status.SENT, 1)
    assert post.done["MailRepeated"] == 1


def test_news_that_it_went_spares_the_repeat(post: Post) -> None:
    post.outboxes.add(subscriber(), alert())
    post.sender.fault = lambda: "killed"
    with pytest.raises(Killed):
        post.run()
    [(mail, alerts)] = post.outboxes.mails.values()
    post.outboxes.mails[mail.mail_id] = (mail.ended(Status.DELIVERED), alerts)
    post.runs(10)
    assert len(post.sender.taken) == 1
    assert not post.outboxes.queued["anna-id"]


def test_a_lost_answer_counts_as_a_mail_of_the_hour(post: Post) -> None:
    post.mails_per_hour = 1
    post.outboxes.add(subscriber(), alert())
    post.sender.fault = lambda: "lost"
    post.run()
    post.sender.fault = lambda: ""
    post.runs(60)
    assert len(post.sender.taken) == 1
    post.runs(2)
    assert len(post.sender.taken) == 2
    [mail] = post.mail()
    assert (mail.status, mail.repeats) == (Status.SENT, 1)


def test_two_dispatchers_send_nothing_twice(post: Post) -> None:
    post.outboxes.add(subscriber(), alert())
    runs = iter([post.run])

    def meanwhile(_: str) -> None:
        for other in runs:
            other()

    post.outboxes.before = meanwhile
    post.run()
    assert len(post.sender.taken) == 1
    assert post.done["OutboxTaken"] == 1


@pytest.mark.parametrize("standing", [Standing.SUPPRESSED, Standing.LEAVING])
def test_nothing_goes_to_an_address_that_is_not_to_be_written_to(post: Post, standing: Standing) -> None:
    post.outboxes.add(subscriber(), alert())
    post.sender.fault = lambda: "refused"
    post.run()
    post.outboxes.people["anna-id"] = replace(subscriber(), standing=standing, reason="bounced")
    post.sender.fault = lambda: ""
    post.runs(10)
    [mail] = post.mail()
    assert (mail.status, mail.reason) == (Status.SUPPRESSED, "bounced")
    assert not post.sender.taken
    assert ("anna-id" in post.outboxes.people) == (standing is Standing.SUPPRESSED)
    assert not post.outboxes.queued.get("anna-id")


def test_a_store_that_is_away_ends_the_round_and_loses_nothing(post: Post) -> None:
    post.outboxes.add(subscriber(), alert())

    def away(_: str) -> None:
        raise StoreUnavailable("down")

    post.outboxes.before = away
    with pytest.raises(StoreUnavailable):
        post.run()
    post.outboxes.before = lambda _: None
    post.run()
    assert listed(post) == {"transaction#t-1": 1}


def test_a_round_without_time_sends_nothing(post: Post) -> None:
    post.outboxes.add(subscriber(), alert())
    Dispatcher(post.outboxes, post.sender, Letters(LINKS), 12, post.clock).run(lambda: False)
    assert not post.sender.taken


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(1, 12), st.floats(0, 0.5))
def test_whatever_goes_wrong_nothing_is_lost_and_nothing_comes_twice(seed: int, per_hour: int, trouble: float) -> None:
    chance = random.Random(seed)
    post = Post(per_hour)
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

    post.sender.fault, post.outboxes.before = fault, write
    told = 0
    for _ in range(120):
        post.outboxes.add(subscriber())
        for _ in range(chance.choice([0, 0, 1, 3])):
            told += 1
            post.outboxes.add(subscriber(), alert(told, chance.choice(list(Severity)), post.clock.now))
        with suppress(Killed):
            post.run()
        post.clock.forward(timedelta(seconds=chance.choice([20, 60, 300])))
    post.sender.fault, post.outboxes.before = lambda: "", lambda _: None
    post.runs(60 * 24, timedelta(minutes=5))
    assert listed(post) == {f"transaction#t-{number}": 1 for number in range(1, told + 1)}
    assert post.sender.repeats.total() <= unknown
    times = [at for at, *_ in post.sender.taken]
    assert all(later - earlier >= HOUR for earlier, later in zip(times, times[per_hour:], strict=False))
    assert all(mail.status is Status.SENT for mail in post.mail())
