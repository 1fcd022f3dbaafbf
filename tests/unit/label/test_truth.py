"""What a payment's label is as of a time: said, by its age, or not known."""

from datetime import datetime, timedelta

import pytest

from fraudshield.label.truth import KNOWN_GENUINE, DecidedPayment, label_as_of, let_through
from tests.fakes import NOW

QUARTER = timedelta(days=90)
TICK = timedelta(microseconds=1)


def payment(outcome: str = "approve", verdict: str | None = None) -> DecidedPayment:
    return DecidedPayment(NOW, outcome, verdict=verdict)


def said(label: str, after: timedelta, outcome: str = "approve") -> DecidedPayment:
    return DecidedPayment(NOW, outcome, label, NOW + after)


@pytest.mark.parametrize(("outcome", "verdict", "moved"), [
    ("approve", None, True),
    ("review", None, False),
    ("block", None, False),
    ("review", "release", True),
    ("review", "decline", False),
    ("block", "release", True),
])  # fmt: skip
def test_what_was_approved_or_released_was_let_through(outcome: str, verdict: str | None, moved: bool) -> None:
    assert let_through(outcome, verdict) is moved
    expected = "genuine_by_age" if moved else "blocked"
    assert label_as_of(payment(outcome, verdict), NOW + QUARTER, QUARTER) == expected


@pytest.mark.parametrize(("as_of", "kind"), [
    (NOW, "young"),
    (NOW + QUARTER - TICK, "young"),
    (NOW + QUARTER, "genuine_by_age"),
])  # fmt: skip
def test_what_nobody_reported_in_time_counts_as_genuine(as_of: datetime, kind: str) -> None:
    assert label_as_of(payment(), as_of, QUARTER) == kind


def test_without_a_time_for_it_no_age_makes_a_payment_genuine() -> None:
    assert label_as_of(payment(), NOW + timedelta(days=3650), None) == "young"


@pytest.mark.parametrize("outcome", ["approve", "review", "block"])
@pytest.mark.parametrize(("label", "kind"), [("fraud", "fraud"), ("genuine", "genuine_said")])
def test_what_was_said_counts_from_then_on(outcome: str, label: str, kind: str) -> None:
    late = said(label, timedelta(days=120), outcome)
    before = {"approve": "genuine_by_age"}.get(outcome, "blocked")
    assert label_as_of(late, NOW + timedelta(days=120) - TICK, QUARTER) == before
    assert label_as_of(late, NOW + timedelta(days=120), QUARTER) == kind
    assert label_as_of(late, NOW + timedelta(days=400), QUARTER) == kind


def test_genuine_is_what_was_said_or_has_the_age() -> None:
    assert {"genuine_said", "genuine_by_age"} == KNOWN_GENUINE
