"""Who is told what."""

from dataclasses import replace
from typing import Any

import pytest

from fraudshield.errors import InvalidInput, Malformed
from fraudshield.notification.alert import Severity
from fraudshield.notification.subscriber import SubscriberStatus, masked, read_subscriber, subscriber_id
from tests.fake_outbox import alert, subscriber

CALL: dict[str, Any] = {"notification_type": "high_risk_alerts", "contact": {"name": "Anna", "email": "a@example.org"}}


def email(address: object) -> dict[str, Any]:
    return CALL | {"contact": {"name": "Anna", "email": address}}


def quiet(**hours: object) -> dict[str, Any]:
    return CALL | {"quiet_hours": hours}


@pytest.mark.parametrize("address", ["a@b.c", "first.last+tag@sub.example.org", "x" * 64 + "@example.org"])
def test_an_address_is_taken_as_it_is(address: str) -> None:
    assert read_subscriber(email(address)).contact.email == address


@pytest.mark.parametrize(
    "body",
    [
        *(email(one) for one in ["", "a", "a@", "@b", "a@b@c", "a b@c.d", "a@b\r\nBcc: c@d.e", "a@b\n", "a@-b", 1]),
        email("a@b,c@d"),
        email('"a"@b.c'),
        email("ä@b.c"),
        email("x" * 65 + "@example.org"),
        CALL | {"notification_type": "all"},
        CALL | {"more": 1},
        CALL | {"severity": "low"},
        CALL | {"contact": {"name": "", "email": "a@b.c"}},
        quiet(start="22:00", end="22:00"),
        quiet(start="24:00", end="07:00"),
        quiet(start="22:00", end="07:00\n"),
        quiet(start="22:00", end="07:00", timezone="Mars/Olympus"),
        quiet(start="22:00", end="07:00", timezone="../../etc/passwd"),
        quiet(start="22:00", end="07:00", timezone="Europe"),
        quiet(start="22:00"),
        {},
    ],
)
def test_a_subscriber_that_cannot_be_is_refused_by_field(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_subscriber(body)
    assert caught.value.code == "invalid_subscriber"
    assert caught.value.faults


@pytest.mark.parametrize("body", [[], "a", None, 1])
def test_what_is_no_object_is_malformed(body: object) -> None:
    with pytest.raises(Malformed):
        read_subscriber(body)


def test_the_same_address_is_the_same_subscriber_in_any_case() -> None:
    first = subscriber_id(b"key", "high_risk_alerts", "Anna@Example.org")
    assert first == subscriber_id(b"key", "high_risk_alerts", "anna@example.org")
    assert first != subscriber_id(b"key", "system_alerts", "anna@example.org")
    assert "anna" not in first


def test_a_masked_address_tells_its_domain_only() -> None:
    assert masked("anna@example.org") == "a***@example.org"


@pytest.mark.parametrize(
    ("least", "severity", "wanted"),
    [
        (Severity.WARNING, Severity.WARNING, True),
        (Severity.HIGH, Severity.WARNING, False),
        (Severity.HIGH, Severity.HIGH, True),
        (Severity.CRITICAL, Severity.HIGH, False),
        (Severity.CRITICAL, Severity.CRITICAL, True),
    ],
)
def test_a_subscriber_says_from_which_severity_on(least: Severity, severity: Severity, wanted: bool) -> None:
    assert replace(subscriber(), severity=least).wants(alert(severity=severity)) is wanted


def test_a_subscriber_is_told_only_of_what_it_subscribed_to() -> None:
    assert not subscriber().wants(alert(kind="system"))
    system = replace(subscriber(), notification_type="system_alerts")
    assert [system.wants(alert(kind=kind)) for kind in ("fraud", "system", "job")] == [False, True, True]


@pytest.mark.parametrize("status", SubscriberStatus)
def test_only_who_confirmed_is_told_anything(status: SubscriberStatus) -> None:
    assert subscriber(status=status).wants(alert()) is (status is SubscriberStatus.CONFIRMED)
