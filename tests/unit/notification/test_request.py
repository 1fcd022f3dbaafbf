"""What is sent to have people told."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.errors import InvalidInput, Malformed
from fraudshield.notification.request import read_fraud_alert, read_system_alert, requested_alert, windowed
from fraudshield.notification.threshold import AlertThresholds
from tests.conftest import README_TRANSACTION
from tests.fake_outbox import START

SYSTEM: dict[str, Any] = {"alert_type": "disk", "message": "It is full"}
FRAUD: dict[str, Any] = {"transaction": README_TRANSACTION | {"amount": 1000}, "risk_score": 1}


@pytest.mark.parametrize("read", [read_fraud_alert, read_system_alert])
@pytest.mark.parametrize("body", [None, [], "text", 1])
def test_a_request_is_an_object(read: Any, body: object) -> None:
    with pytest.raises(Malformed):
        read(body)


@pytest.mark.parametrize(
    "changes",
    [
        {"alert_type": ""},
        {"alert_type": "a\nb"},
        {"alert_type": "a" * 65},
        {"message": ""},
        {"message": "a" * 501},
        {"details": []},
        {"details": {str(number): number for number in range(21)}},
        {"details": {"a": "b" * 1001}},
        {"severity": "deadly"},
        {"to": "everybody@example.org"},
    ],
)
def test_news_of_the_system_that_cannot_be_told_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_system_alert(SYSTEM | changes)
    assert caught.value.code == "invalid_alert"


@pytest.mark.parametrize(
    "changes", [{"risk_score": -0.1}, {"risk_score": Decimal("1.01")}, {"risk_score": True}, {"a": 1}]
)
def test_a_risk_is_a_number_from_0_to_1(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        read_fraud_alert(FRAUD | changes)


def test_details_are_told_as_people_read_them() -> None:
    sent = read_system_alert(
        SYSTEM | {"details": {"a": "text", "b": Decimal("97.5"), "c": None, "d": {"e": [1, True]}}}
    )
    assert sent.details == {"a": "text", "b": "97.5", "c": "null", "d": '{"e": [1, true]}'}


class FakeCoolDown:
    """A window of a type of alert."""

    def begin(self, alert_type: str, now: Any, cooldown_s: int) -> Any:
        return START - timedelta(seconds=cooldown_s), 4


def test_an_alert_of_a_window_has_the_windows_id_and_says_what_was_held_back() -> None:
    sent = read_system_alert(SYSTEM)
    alert = windowed(FakeCoolDown(), AlertThresholds(system_cooldown_s=60), "disk", START, requested_alert(sent, START))
    assert alert.alert_id == "system#disk#2026-11-24T09:59:00+00:00"
    assert alert.why == ("It was reported 4 more times since the last mail about it",)
