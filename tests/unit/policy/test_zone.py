"""Hours and weekdays of a policy are those of its type's zone, for one payment and in a file."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from fraudshield.expression.column import column
from fraudshield.expression.columns import columns
from fraudshield.expression.expression import condition
from fraudshield.expression.names import Kind
from fraudshield.policy.named_field import named_fields
from tests.event_types import CARD, ORDER, WITH_DEVICE, version_of

AT = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)  # a Tuesday; on Wednesday at half past seven in Tokyo
BOOKED: Mapping[str, Any] = {
    **WITH_DEVICE,
    "fields": {**WITH_DEVICE["fields"], "booked": {"kind": "instant", "zone": "America/New_York"}},
}


@pytest.mark.parametrize(
    ("document", "hour", "weekday"),
    [
        (ORDER, 7, 3),
        (CARD, 22, 2),
        (BOOKED, 17, 2),
        (WITH_DEVICE, 22, 2),
    ],
    ids=["zone of its time", "no zone", "zone of the first instant", "extends payment"],
)
def test_the_clock_is_that_of_the_type(document: Mapping[str, Any], hour: int, weekday: int) -> None:
    text = f"hour(occurred_at) == {hour} && weekday(occurred_at) == {weekday}"
    names = named_fields(version_of(document), [("/conditions/0/when", text)])
    expression = condition(text, names.environment())
    assert expression.evaluate({"occurred_at": AT}) is True
    assert expression.evaluate({"occurred_at": AT.replace(hour=3)}) is False
    found = columns(expression, {"occurred_at": column(Kind.INSTANT, [AT, AT.replace(hour=3)])}, 2)
    assert found.known.all()
    assert np.array_equal(found.values, [True, False])


def test_a_zone_that_is_named_goes_before_the_types() -> None:
    text = 'hour(occurred_at, "UTC") == 22'
    names = named_fields(version_of(ORDER), [("/conditions/0/when", text)])
    assert condition(text, names.environment()).evaluate({"occurred_at": AT}) is True
