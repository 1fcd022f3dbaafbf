"""The dearest flagged destinations: exact while a day has few, bounded when it has many."""

from decimal import Decimal
from typing import Any

import pytest

from fraudshield.analytics.counted_transaction import FLAGGED
from fraudshield.analytics.destination import KEPT, SHOWN, Destinations, Flagged, flagged, top, with_flagged
from fraudshield.analytics.dynamo_image import change_of
from fraudshield.policy.policy import Outcome

PAYMENT: dict[str, Any] = {
    "record": {"S": "transaction"},
    "transaction_id": {"S": "t1"},
    "occurred_at": {"S": "2026-11-24T10:00:00.000000Z"},
    "source": {"S": "api"},
    "type": {"S": "TRANSFER"},
    "nameDest": {"S": "C1"},
    "amount": {"N": "12.34"},
}
DECIDED: dict[str, Any] = {
    "outcome": {"S": "approve"},
    "risk": {"N": "0.5"},
    "prediction": {"N": "1"},
    "model_version": {"S": "fake-1"},
    "features": {"L": [{"N": "1.5"}]},
}
REVIEWED = PAYMENT | DECIDED | {"outcome": {"S": "review"}}
LABEL: dict[str, Any] = {"label": {"S": "fraud"}, "labelled_at": {"S": "2026-11-26T10:00:00.000000Z"}}


def record(new: Any, old: Any = None, kind: str = "") -> Any:
    images = {"NewImage": new} | ({"OldImage": old} if old else {})
    return {"eventName": kind or ("MODIFY" if old else "INSERT"), "dynamodb": images}


def listed_by(change: Any) -> Flagged | None:
    return flagged(change_of(change))


def day(*payments: tuple[str, int]) -> Destinations:
    """A list that got these, by mark and amount, in order."""
    found = [
        (mark, Flagged("2026-11-24#api", mark, Decimal(amount), f"{mark}-{at}"))
        for at, (mark, amount) in enumerate(payments)
    ]
    return with_flagged({}, found)


def test_flagged_is_every_outcome_but_approval() -> None:
    assert set(Outcome) - {Outcome.APPROVE} == FLAGGED


def test_a_flagged_payment_is_listed_for_its_day() -> None:
    assert listed_by(record(REVIEWED)) == Flagged("2026-11-24#api", "C1", Decimal("12.34"), "t1")
    assert listed_by(record(REVIEWED | {"outcome": {"S": "block"}})) is not None


def test_one_whose_decision_comes_later_is_listed_then() -> None:
    assert listed_by(record(PAYMENT)) is None
    assert listed_by(record(REVIEWED, PAYMENT)) is not None


@pytest.mark.parametrize(
    "change",
    [
        record(REVIEWED | LABEL, REVIEWED),
        record(REVIEWED | {"nameDest": {"S": "C-erased-1"}}, REVIEWED),
        record(PAYMENT | DECIDED),
        record(REVIEWED | {"record": {"S": "prediction#1"}}),
        record(REVIEWED, REVIEWED, "REMOVE"),
    ],
    ids=["labelled", "erased", "approved", "re-scored", "removed"],
)
def test_nothing_else_is(change: Any) -> None:
    assert listed_by(change) is None


def test_payments_to_one_are_summed_and_the_last_leads_to_it() -> None:
    [told] = top([day(("a", 5), ("a", 7)), day(("a", 1))])
    assert told == {
        "destination": "a",
        "amount_flagged": 13.0,
        "amount_at_most": 13.0,
        "transactions": 3,
        "transaction_id": "a-0",
    }


def test_the_dearest_come_first_and_only_so_many() -> None:
    told = top([day(*((f"m{at:02d}", at) for at in range(KEPT)))])
    assert [one["amount_flagged"] for one in told] == [float(KEPT - 1 - at) for at in range(SHOWN)]


def test_a_full_list_stays_as_long_as_it_is() -> None:
    listed = day(*((f"m{at:03d}", 100 + at) for at in range(200)))
    assert len(listed) == KEPT
    assert all(one.amount - one.over <= Decimal(299) for one in listed.values())


def test_what_a_full_day_may_have_missed_is_in_the_bound() -> None:
    full = day(*((f"m{at:02d}", 100 + at) for at in range(KEPT)), ("new", 50))
    assert "m00" not in full
    assert (full["new"].amount, full["new"].over) == (Decimal(150), Decimal(100))
    told = {one["destination"]: one for one in top([full, day(("m00", 1000))])}
    assert (told["m00"]["amount_flagged"], told["m00"]["amount_at_most"]) == (Decimal(1000), Decimal(1101))
    assert told["m24"]["amount_flagged"] == told["m24"]["amount_at_most"] == Decimal(124)


def test_without_any_there_are_none() -> None:
    assert top([]) == top([{}]) == []
