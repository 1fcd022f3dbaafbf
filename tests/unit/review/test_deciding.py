"""Verdicts and their labels within the time of one request: what is not done in time says so."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from fraudshield.audit.audit import Author
from fraudshield.budget import LABEL_S, REQUEST_S, STORE_S
from fraudshield.errors import StoreUnavailable
from fraudshield.label.label import History, Label, RecordedLabel
from fraudshield.review.deciding import decide, decide_each, take_back
from fraudshield.review.request import ListedVerdict
from fraudshield.review.review import ReviewVerdict, SaidVerdict, Verdicts
from tests.authors import ADA
from tests.fakes import NOW

FRAUD = SaidVerdict("decline", "fraud")
GENUINE = SaidVerdict("release", "genuine")


class FakeVerdicts:
    """The part of the `Reviews` port that gives verdicts, in a dict."""

    def __init__(self) -> None:
        self.given: dict[str, list[ReviewVerdict]] = {}
        self.stops: list[float] = []

    def give(
        self, transaction_id: str, said: SaidVerdict, token: str | None, by: Author, stop_at: float = 0
    ) -> Verdicts:
        self.stops.append(stop_at)
        there = self.given.setdefault(transaction_id, [])
        number = len(there) + 1
        if there:
            there[-1] = replace(there[-1], undone_at=NOW, undone_in=f"v{number}")
        there.append(ReviewVerdict(f"v{number}", said, NOW + timedelta(seconds=number), by.key_id))
        return list(there)

    def undo(self, transaction_id: str, token: str | None, by: Author, stop_at: float = 0) -> Verdicts:
        there = self.given[transaction_id]
        there[-1] = replace(there[-1], undone_at=NOW + timedelta(minutes=1), undone_in=by.request_id)
        return there


class FakeVerdictLabels:
    """The part of the `LabelStore` port that verdicts need."""

    def __init__(self) -> None:
        self.labels: list[tuple[str, Label]] = []
        self.forgotten: list[Label] = []
        self.stops: list[float] = []
        self.down = False

    def add(self, transaction_id: str, label: Label, by: Author, stop_at: float = 0) -> History:
        if self.down:
            raise StoreUnavailable("down")
        self.stops.append(stop_at)
        self.labels.append((transaction_id, label))
        return [RecordedLabel(label, NOW, by.key_id)]

    def take_back_one(
        self, transaction_id: str, label: Label, undone_at: object, by: Author, stop_at: float = 0
    ) -> History:
        if self.down:
            raise StoreUnavailable("down")
        self.forgotten.append(label)
        return []


def each(
    reviews: FakeVerdicts, labels: FakeVerdictLabels, listed: Sequence[ListedVerdict], seconds: float
) -> list[object]:
    return list(decide_each(reviews, labels, listed, ADA, time.monotonic() + seconds))  # type: ignore[arg-type]


def test_a_verdict_leaves_its_label_time_enough() -> None:
    reviews, labels = FakeVerdicts(), FakeVerdictLabels()
    decide(reviews, labels, "t", FRAUD, None, ADA, 1000.0)  # type: ignore[arg-type]
    assert (reviews.stops, labels.stops) == ([1000.0 - LABEL_S], [1000.0])


def test_a_verdict_whose_label_did_not_come_says_so_and_the_next_try_records_it() -> None:
    reviews, labels = FakeVerdicts(), FakeVerdictLabels()
    labels.down = True
    [said] = each(reviews, labels, [ListedVerdict("t", FRAUD)], REQUEST_S)
    assert isinstance(said, StoreUnavailable)
    assert "its label may not be recorded yet" in str(said)


def test_verdicts_of_a_hundred_payments_come_in_order_and_those_of_one_payment_too() -> None:
    reviews, labels = FakeVerdicts(), FakeVerdictLabels()
    listed = [ListedVerdict(f"t{number}", FRAUD) for number in range(98)]
    both = [ListedVerdict("t0", GENUINE), ListedVerdict("t1", GENUINE)]
    done = each(reviews, labels, [*listed, *both], REQUEST_S)
    assert len(done) == 100
    assert [one.said for one in reviews.given["t0"]] == [FRAUD, GENUINE]
    assert {one.truth for one in labels.forgotten} == {"fraud"}  # of the verdicts that were replaced
    assert len(labels.labels) == 100


def test_what_could_not_end_in_time_is_not_begun_and_said() -> None:
    reviews, labels = FakeVerdicts(), FakeVerdictLabels()
    done = each(reviews, labels, [ListedVerdict("a", FRAUD), ListedVerdict("b", FRAUD)], LABEL_S + STORE_S)
    assert [isinstance(one, StoreUnavailable) for one in done] == [True, True]
    assert reviews.given == {}


def test_an_undo_takes_its_own_label_back_whatever_is_said_since() -> None:
    reviews, labels = FakeVerdicts(), FakeVerdictLabels()
    decide(reviews, labels, "t", FRAUD, None, ADA, 1000.0)  # type: ignore[arg-type]
    take_back(reviews, labels, "t", None, ADA, 1000.0)  # type: ignore[arg-type]
    assert labels.forgotten == [Label("fraud", "analyst", reviews.given["t"][0].given_at)]
