"""The next version of an event type: what may change, and what stored payments forbid."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from fraudshield.errors import BreaksStored
from fraudshield.event_type.check import read_document
from fraudshield.event_type.compatibility import keeps_stored
from tests.event_types import CARD, version_of

Change = Callable[[Any], object]


def changed(change: Change) -> Any:
    document = deepcopy(dict(CARD))
    change(document)
    return document


def of(name: str, **changes: object) -> Change:
    return lambda document: document["fields"][name].update(changes)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: None,
        lambda d: d["fields"].update(colour={"kind": "text"}),
        of("merchant", required=False),
        of("attempts", minimum=None, maximum=100),
        of("score", minimum=-2),
        of("device_id", description="what the browser says"),
        of("device_id", personal=True),
        lambda d: d.update(unknown="keep"),
        lambda d: d.update(aggregates={"n": {"count": True, "over": "card"}}),
    ],
)
def test_what_takes_no_payment_away_may_change(change: Change) -> None:
    keeps_stored(version_of(CARD), read_document(changed(change)))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (lambda d: d["fields"].pop("score"), "/fields/score"),
        (lambda d: d["fields"].update(colour={"kind": "text", "required": True}), "/fields/colour/required"),
        (of("score", kind="money"), "/fields/score/kind"),
        (of("device_id", required=True), "/fields/device_id/required"),
        (of("merchant", role=None), "/fields/merchant/role"),
        (of("card", **{"from": "/card/id"}), "/fields/card/from"),
        (of("card", personal=False), "/fields/card/personal"),
        (of("amount_minor", unit="major"), "/fields/amount_minor/unit"),
        (of("amount_minor", currency="EUR"), "/fields/amount_minor/currency"),
        (of("device_id", entity=None), "/fields/device_id/entity"),
        (of("terminal", busy=False), "/fields/terminal/entity"),
        (of("currency", values=["EUR"]), "/fields/currency/values"),
        (of("attempts", minimum=1), "/fields/attempts/minimum"),
        (of("attempts", maximum=98), "/fields/attempts/maximum"),
        (of("amount_minor", maximum=98), "/fields/amount_minor/maximum"),
        (lambda d: d.update(extends="payment"), "/extends"),
    ],
)
def test_what_stored_payments_forbid_is_named(change: Change, pointer: str) -> None:
    with pytest.raises(BreaksStored) as refused:
        keeps_stored(version_of(CARD), read_document(changed(change)))
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, "breaks_stored")]


def test_a_closed_category_may_open_and_not_lose_a_value() -> None:
    two, three = (changed(of("currency", values=values)) for values in (["EUR", "USD"], ["EUR", "USD", "JPY"]))
    keeps_stored(version_of(two), read_document(three))
    keeps_stored(version_of(two), read_document(dict(CARD)))
    with pytest.raises(BreaksStored, match="JPY was among the values"):
        keeps_stored(version_of(three), read_document(two))


@pytest.mark.parametrize("unknown", ["refuse", "drop"])
def test_what_was_kept_stays_kept(unknown: str) -> None:
    keeping = version_of({**CARD, "unknown": "keep"})
    with pytest.raises(BreaksStored, match="unknown is keep"):
        keeps_stored(keeping, read_document({**CARD, "unknown": unknown}))
