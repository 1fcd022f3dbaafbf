"""What the accounts of a transaction did before it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest

from fraudshield.policy.velocity import VELOCITY_NAMES, Movement, VelocityName, reach, velocity
from tests.fakes import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INSTANT = timedelta(microseconds=1)


def movement(ago: timedelta, amount: str = "10", counterparty: str = "C2") -> Movement:
    return Movement(NOW - ago, Decimal(amount), counterparty)


def value(name: str, *movements: Movement) -> Decimal:
    return velocity([name], NOW, {"origin": movements, "destination": movements})[name]


@pytest.mark.parametrize(("window", "length"), [("1h", HOUR), ("24h", DAY), ("7d", 7 * DAY)])
def test_a_window_is_open_at_its_start_and_closed_at_its_end(window: str, length: timedelta) -> None:
    name = f"origin_count_{window}"
    assert value(name, movement(length)) == 0
    assert value(name, movement(length - INSTANT)) == 1
    assert value(name, movement(timedelta())) == 1
    assert value(name, movement(-INSTANT)) == 0


def test_amounts_are_summed_exactly() -> None:
    assert value("origin_amount_1h", movement(HOUR / 2, "0.1"), movement(HOUR / 2, "0.2")) == Decimal("0.3")


def test_senders_are_counted_once_each() -> None:
    senders = [movement(HOUR / 2, counterparty=name) for name in ("C1", "C2", "C1")]
    assert value("destination_senders_1h", *senders) == 2
    assert value("destination_count_1h", *senders) == 3


def test_an_account_is_as_old_as_its_first_movement() -> None:
    assert value("destination_age_h", movement(HOUR), movement(DAY)) == 24
    assert value("destination_age_h", movement(timedelta(minutes=20))) == Decimal("0.33")
    assert value("destination_age_h") == 0


@pytest.mark.parametrize("name", sorted(VELOCITY_NAMES))
def test_every_name_has_a_value_and_is_zero_without_movements(name: Any) -> None:
    assert value(name) == 0
    assert name in get_args(VelocityName)


def test_only_what_is_needed_is_read_as_far_back_as_it_is_needed() -> None:
    assert reach(["origin_count_1h", "origin_amount_24h"]) == {"origin": DAY}
    assert reach(["destination_age_h", "origin_count_1h"]) == {"origin": HOUR, "destination": 7 * DAY}
    assert reach([]) == {}
