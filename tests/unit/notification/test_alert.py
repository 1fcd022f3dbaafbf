"""What is told, from which risk on, and how badly."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.audit.audit import AuditEntry
from fraudshield.errors import InvalidInput, Malformed, ThresholdsConflict
from fraudshield.notification.alert import (
    MOST_CHARACTERS,
    MOST_WHY,
    Alert,
    Severity,
    decision_alert,
    job_alert,
    money,
    sent_alert,
    system_alert,
    worst,
)
from fraudshield.notification.mail import NEXT, MailStatus, new_mail
from fraudshield.notification.threshold import (
    AlertThresholds,
    AlertThresholdsChange,
    amend,
    current,
    read_thresholds_change,
)
from fraudshield.policy.policy import Outcome
from fraudshield.predictor.prediction import Reason
from fraudshield.scoring.decision import Decision, ScoredTransaction
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.authors import ADA
from tests.fake_outbox import START, alert, subscriber
from tests.fakes import NOW

Make = Callable[..., BuiltInTransaction]
THRESHOLDS = AlertThresholds()


def scored(transaction: BuiltInTransaction, risk: float, outcome: Outcome, *why: str) -> ScoredTransaction:
    decision = Decision(
        transaction_id=transaction.transaction_id,
        risk=risk,
        prediction=1,
        outcome=outcome,
        model_version="m-1",
        policy_version=1,
        source="model",
        decided_at=NOW,
        reasons=tuple(Reason(f"code_{n}", text) for n, text in enumerate(why)),
    )
    return ScoredTransaction(transaction, NOW, NOW, (), decision)


@pytest.mark.parametrize(
    ("risk", "outcome", "severity"),
    [
        (0.4999, Outcome.REVIEW, None),
        (0.5, Outcome.REVIEW, Severity.HIGH),
        (0.8999, Outcome.REVIEW, Severity.HIGH),
        (0.9, Outcome.REVIEW, Severity.CRITICAL),
        (0.0, Outcome.BLOCK, Severity.CRITICAL),
        (0.6, Outcome.BLOCK, Severity.CRITICAL),
    ],
)
def test_a_decision_is_told_from_the_threshold_on_and_a_block_always(
    transaction: Make, risk: float, outcome: Outcome, severity: Severity | None
) -> None:
    told = decision_alert(scored(transaction(), risk, outcome), THRESHOLDS)
    assert (told and told.severity) == severity


@pytest.mark.parametrize(
    ("outcome", "severity"),
    [(Outcome.APPROVE, None), (Outcome.REVIEW, Severity.HIGH), (Outcome.BLOCK, Severity.CRITICAL)],
)
@pytest.mark.parametrize("risk", [0.01, 0.6, 0.95])
def test_of_what_rules_decided_the_outcome_is_told_and_no_threshold_reads_the_risk(
    transaction: Make, risk: float, outcome: Outcome, severity: Severity | None
) -> None:
    one = scored(transaction(), risk, outcome)
    told = decision_alert(replace(one, decision=replace(one.decision, source="rules")), THRESHOLDS)
    assert (told and told.severity) == severity


def test_which_outcomes_are_always_told_can_be_chosen(transaction: Make) -> None:
    blocked = scored(transaction(), 0.4, Outcome.BLOCK)
    assert decision_alert(blocked, AlertThresholds(always=())) is None
    assert decision_alert(scored(transaction(), 0.1, Outcome.REVIEW), AlertThresholds(always=("review",)))


def test_an_alert_says_what_how_much_and_why_and_names_no_account(transaction: Make) -> None:
    sent = transaction(transaction_id="t/1 ?", type="TRANSFER", amount=1234567.5)
    told = decision_alert(scored(sent, 0.973, Outcome.BLOCK, "It is odd"), THRESHOLDS)
    assert told == Alert(
        alert_id="transaction#t/1 ?",
        kind="fraud",
        severity=Severity.CRITICAL,
        raised_at=NOW,
        about="t/1 ?",
        title="TRANSFER of 1,234,567.50, risk 97.3 %, blocked",
        why=("It is odd",),
        path="/#/transactions/t%2F1%20%3F",
    )
    assert sent.nameOrig not in repr(told)


def test_reasons_that_are_found_when_read_are_on_the_page(transaction: Make) -> None:
    told = decision_alert(scored(transaction(), 1, Outcome.BLOCK), THRESHOLDS)
    assert told is not None
    assert told.why == ("The reasons are on the page",)


def test_what_is_told_has_an_end(transaction: Make) -> None:
    told = decision_alert(scored(transaction(), 1, Outcome.BLOCK, *["x" * 1000] * 30), THRESHOLDS)
    assert told is not None
    assert len(told.why) == MOST_WHY
    assert len(told.why[0]) == MOST_CHARACTERS + 3


def test_a_risk_that_others_found_has_the_same_threshold(transaction: Make) -> None:
    assert sent_alert(transaction(), 0.4999, THRESHOLDS, NOW) is None
    told = sent_alert(transaction(), 0.5, THRESHOLDS, NOW)
    assert told is not None
    assert (told.severity, told.alert_id) == (Severity.HIGH, "transaction#test_123")


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0.00"), ("1000", "1,000.00"), ("1E+3", "1,000.00"), ("0.00012", "0.00012"), ("999999.5", "999,999.50")],
)
def test_money_is_exact(amount: str, text: str) -> None:
    assert money(Decimal(amount)) == text


def test_a_system_alert_says_how_often_it_was_held_back() -> None:
    told = system_alert("queue_age", "The queue is old", {"age_s": "900"}, Severity.WARNING, NOW, 3)
    assert told.why == ("It was reported 3 more times since the last mail about it", "age_s: 900")
    assert system_alert("queue_age", "x", {}, Severity.WARNING, NOW).why == ()


@pytest.mark.parametrize(("status", "severity"), [("completed", Severity.WARNING), ("failed", Severity.HIGH)])
def test_the_end_of_a_job_is_told(status: str, severity: Severity) -> None:
    told = job_alert("j-1", status, 1000, 2, "It broke" if status == "failed" else "", NOW)
    assert (told.severity, told.alert_id, told.path) == (severity, f"job#j-1#{status}", "/#/jobs/j-1")
    assert told.why[0] == "1,000 transactions read, 2 of them not scored"
    assert ("It broke" in told.why) is (status == "failed")


class FakeThresholdsStore:
    """Versions in a dict."""

    def __init__(self) -> None:
        self.versions: dict[int, AlertThresholds] = {}
        self.entries: list[AuditEntry] = []

    def newest(self) -> AlertThresholds | None:
        return self.versions[max(self.versions)] if self.versions else None

    def add(self, thresholds: AlertThresholds, entry: AuditEntry) -> None:
        self.versions[thresholds.version] = thresholds
        self.entries.append(entry)


def test_a_change_makes_the_next_version_and_says_who_made_it_and_when() -> None:
    store = FakeThresholdsStore()
    assert current(store) == AlertThresholds(version=1)
    changed = amend(store, AlertThresholdsChange(alert_risk=0.7, note="less", based_on=1), ADA, NOW)
    assert (changed.version, changed.alert_risk, changed.note) == (2, 0.7, "less")
    assert (changed.created_by, changed.actor, changed.created_at) == ("key-id", "ada", NOW)
    assert current(store) == changed
    assert [(one.kind, one.version, one.author) for one in store.entries] == [("alert_thresholds", 2, ADA)]


def test_a_change_of_another_version_is_a_conflict() -> None:
    store = FakeThresholdsStore()
    amend(store, AlertThresholdsChange(based_on=1), ADA, NOW)
    with pytest.raises(ThresholdsConflict):
        amend(store, AlertThresholdsChange(based_on=1), ADA, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"alert_risk": 0},
        {"alert_risk": 1.0001},
        {"alert_risk": 0.9001},
        {"alert_risk": "0.5"},
        {"mails_per_hour": 0},
        {"mails_per_hour": 61},
        {"system_cooldown_s": -1},
        {"always": ["approve"]},
        {"always": ["block", "block", "block"]},
        {"note": "x" * 201},
        {"version": 7},
    ],
)
def test_thresholds_that_make_no_sense_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_thresholds_change({"based_on": 1} | change if change else {})
    assert caught.value.code == "invalid_thresholds"


def test_thresholds_are_an_object() -> None:
    with pytest.raises(Malformed):
        read_thresholds_change([])


@pytest.mark.parametrize("change", [{"alert_risk": 0.9}, {"mails_per_hour": 1}, {"mails_per_hour": 60}, {"always": []}])
def test_thresholds_at_their_bounds_are_taken(change: dict[str, Any]) -> None:
    assert read_thresholds_change({"based_on": 1} | change)


def test_news_of_a_mail_never_leads_back() -> None:
    mail = new_mail(subscriber(), "alerts", 1, "aa", START)
    for status in MailStatus:
        for news in MailStatus:
            ended = replace(mail, status=status).ended(news, "why")
            assert ended.status == (news if news in NEXT[status] else status)
    assert all(MailStatus.QUEUED not in after for after in NEXT.values())


def test_a_mails_id_tells_when_it_was_made() -> None:
    first, second = (new_mail(subscriber(), "alerts", 1, "aa", START + timedelta(seconds=n)) for n in (0, 1))
    assert first.mail_id == "20261124T100000000000-aa"
    assert first.mail_id < second.mail_id
    assert first.recipient == "a***@example.org"


def test_of_alerts_about_one_thing_the_worst_is_told() -> None:
    mild, critical, other = alert(1), alert(1, Severity.CRITICAL), alert(2)
    assert worst([mild, other, critical]) == worst([critical, other, mild]) == [critical, other]
