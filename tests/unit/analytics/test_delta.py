"""What a stored transaction adds to the counts, and what a change of it moves."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.analytics.amount_band import BOUNDS, band, middle
from fraudshield.analytics.delta import counters_of, delta_of
from fraudshield.analytics.dynamo_image import change_of, counted_transaction
from fraudshield.analytics.extremes import Extremes, extremes_of
from fraudshield.analytics.series import (
    DAYS,
    FLAGGED_HOURS,
    HISTOGRAM,
    HOURS,
    PATTERNS,
    SCORES,
    TOTAL,
    TRUTH,
    Counts,
    added,
)
from fraudshield.predictor.reference import Histogram, Reference
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore
from tests.model.feature import FEATURE_NAMES

Item = dict[str, Any]
Make = Callable[..., Item]


@pytest.fixture
def item(transaction: Callable[..., BuiltInTransaction]) -> Make:
    """A stored transaction, with changes of its attributes; None takes one away."""
    scorer = Scorer(FakePredictor(0.5), FakePolicies(), FakeStore(), FakeParking(), FakeAccounts(), clock=lambda: NOW)

    def make(**changes: Any) -> Item:
        [scored] = scorer.decide([transaction()])
        made = {**to_item(scored, "api"), **changes}
        return {name: value for name, value in made.items() if value is not None}

    return make


def record(new: Item | None = None, old: Item | None = None) -> Any:
    kind = "REMOVE" if new is None else "INSERT" if old is None else "MODIFY"
    images = {"NewImage": new, "OldImage": old}
    return {"eventName": kind, "dynamodb": {name: image for name, image in images.items() if image is not None}}


def added_by(image: Item, reference: Reference | None = None) -> Counts:
    one = counted_transaction(image)
    assert one is not None
    return counters_of(one, reference)


def moved_by(change: Any) -> Counts:
    return delta_of(change_of(change))


def extremes_in(change: Any) -> Extremes | None:
    return extremes_of(change_of(change))


LABEL = {"label": {"S": "fraud"}, "labelled_at": {"S": "2026-11-26T10:00:00.000000Z"}}
UNDECIDED = dict.fromkeys(("outcome", "risk", "prediction", "quality"))


def test_a_transaction_counts_in_total_in_its_day_and_in_its_band(item: Make) -> None:
    counts = added_by(item())
    number = band(Decimal(1000))
    assert counts.keys() == {
        (TOTAL, "api"),
        (DAYS, "2026-11-24#api"),
        (HISTOGRAM, f"api#{number // 100:02d}"),
        (PATTERNS, "2026-11-24#api"),
        (FLAGGED_HOURS, "2026-11-24#api"),
        (HOURS, "2026-11-24T10#api#fake-1"),
        (SCORES, "2026-11-24#api#fake-1"),
    }
    assert counts[TOTAL, "api"] == {
        "transactions": 1,
        "amount": 1000,
        "type.PAYMENT": 1,
        "decisions": 1,
        "risk": Decimal("0.5"),
        "outcome.review": 1,
        "predicted_fraud": 1,
    }


def test_a_new_one_counts_whole(item: Make) -> None:
    assert moved_by(record(item())) == added((added_by(item()), Decimal(1)))


def test_what_is_written_again_moves_nothing(item: Make) -> None:
    assert moved_by(record(item(), item())) == {}


def test_a_decision_that_comes_later_counts_as_a_decision_only(item: Make) -> None:
    moved = moved_by(record(item(), item(**UNDECIDED)))
    assert moved[TOTAL, "api"].keys() == {"decisions", "risk", "outcome.review", "predicted_fraud"}
    assert moved[PATTERNS, "2026-11-24#api"] == {"h10f": 1, "s3f": 1}
    assert moved[FLAGGED_HOURS, "2026-11-24#api"] == {"h10r": 1, "h10ra": 1000}
    assert moved[HOURS, "2026-11-24T10#api#-"] == {"transactions": -1, "amount": -1000, "type.PAYMENT": -1}
    assert (HISTOGRAM, "api#05") not in moved


def test_a_source_that_changes_takes_its_transaction_along(item: Make) -> None:
    moved = moved_by(record(item(), item(**UNDECIDED, source={"S": "store"})))
    assert moved[TOTAL, "store"] == {"transactions": -1, "amount": -1000, "type.PAYMENT": -1}
    assert moved[TOTAL, "api"]["transactions"] == 1


def test_a_label_and_its_undoing_cancel(item: Make) -> None:
    labelled = item(**LABEL)
    there, back = moved_by(record(labelled, item())), moved_by(record(item(), labelled))
    assert there[TOTAL, "api"] == {"label.fraud": 1}
    assert there[DAYS, "2026-11-24#api"] == {"label.fraud": 1, "label_amount.fraud": 1000}
    assert there[TRUTH, "2026-11-24#api#fake-1"] == {
        "f.16": 1,
        "r.16": Decimal("0.5"),
        "fraud.review": 1,
        "fraud_amount.review": 1000,
        "lag.1": 1,
    }
    assert there.keys() == {(TOTAL, "api"), (DAYS, "2026-11-24#api"), (TRUTH, "2026-11-24#api#fake-1")}
    assert added((there, Decimal(1)), (back, Decimal(1))) == {}


def test_a_label_that_changes_moves_from_one_truth_to_the_other(item: Make) -> None:
    moved = moved_by(record(item(**LABEL | {"label": {"S": "genuine"}}), item(**LABEL)))
    truth = moved[TRUTH, "2026-11-24#api#fake-1"]
    assert truth == {
        "f.16": -1,
        "g.16": 1,
        "fraud.review": -1,
        "genuine.review": 1,
        "fraud_amount.review": -1000,
        "genuine_amount.review": 1000,
    }


def test_a_label_without_a_decision_tells_nothing_of_a_model(item: Make) -> None:
    assert {series for series, _ in moved_by(record(item(**LABEL, **UNDECIDED), item(**UNDECIDED)))} == {TOTAL, DAYS}


def test_of_a_batch_job_only_what_is_said_later_counts(item: Make) -> None:
    """Its summary has the rest."""
    batch = {"source": {"S": "batch"}}
    assert moved_by(record(item(**batch))) == {}
    assert extremes_in(record(item(**batch))) is None
    moved = moved_by(record(item(**LABEL, **batch), item(**batch)))
    assert moved[DAYS, "2026-11-24#batch"] == {"label.fraud": 1, "label_amount.fraud": 1000}
    assert moved[TRUTH, "2026-11-24#batch#fake-1"]["f.16"] == 1


def test_bins_of_features_count_for_the_version_that_they_are_of(item: Make) -> None:
    decided, hour = item(), (HOURS, "2026-11-24T10#api#fake-1")
    steps = Histogram((0.0, 500.0, 1000.0), (0.25, 0.25, 0.25, 0.25))
    known = Reference("fake-1", dict.fromkeys(FEATURE_NAMES, steps), steps)
    counted = added_by(decided, known)[hour]
    assert {name for name in counted if name[0] in "fr"} == {
        *("r.1", "f0.0", "f1.2", "f2.3", "f3.0", "f4.1", "f5.0", "f6.3", "f7.1"),
    }
    other = replace(known, version="another")
    assert added_by(decided, other)[hour] == added_by(decided)[hour]


def test_a_removal_changes_nothing(item: Make) -> None:
    assert moved_by(record(None, item())) == {}


def test_other_records_count_nothing(item: Make) -> None:
    assert moved_by(record(item(record={"S": "prediction#1"}))) == {}
    assert extremes_in(record(item(record={"S": "prediction#1"}))) is None


def test_quality_flags_are_counted(item: Make) -> None:
    flagged = added_by(item(quality={"L": [{"S": "clock_skew"}]}))
    assert flagged[DAYS, "2026-11-24#api"]["quality.clock_skew"] == 1


def test_only_a_new_transaction_can_be_an_extreme(item: Make) -> None:
    found = extremes_in(record(item()))
    assert found is not None
    assert (found.source, found.occurred_at) == ("api", "2026-11-24T10:00:00.000000Z")
    assert found.amount == 1000
    assert extremes_in(record(item(), item())) is None


@pytest.mark.parametrize("changes", [{"amount": {"N": "NaN"}}, {"amount": {"N": "x"}}, {"source": None}, {"risk": {}}])
def test_nonsense_raises(item: Make, changes: Any) -> None:
    with pytest.raises((KeyError, ValueError, ArithmeticError)):
        moved_by(record(item(**changes)))


@given(st.decimals("0.01", "999999999999999.99", places=2))
def test_the_middle_of_a_band_is_within_one_percent_of_all_in_it(amount: Decimal) -> None:
    assert abs(middle(band(amount)) - amount) <= max(amount / 100, Decimal("0.005"))


def test_bands_have_their_lower_bound_in_them() -> None:
    assert [band(BOUNDS[0]), band(BOUNDS[7]), band(Decimal("0.009")), band(Decimal(0))] == [1, 8, 0, 0]
