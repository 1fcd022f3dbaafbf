"""The checks of the runs with kills see what they are there to see."""

from collections import Counter
from typing import Any

import pytest

from tests.faults.harness.mailbag import deliveries
from tests.faults.harness.reckoning import decided_again, lost, miscounted

DAY = "2026-11-24"


def stored(name: str, **changes: Any) -> dict[str, Any]:
    """An item of the transactions table, as far as anybody looks at it here."""
    texts = {"transaction_id": name, "record": "transaction", "source": "queue", "type": "PAYMENT"}
    texts |= {"occurred_at": f"{DAY}T10:00:00.000000Z", "decided_at": f"{DAY}T10:00:00.000000Z", "outcome": "approve"}
    numbers = {"amount": "10.5", "risk": "0.25", "prediction": "0"}
    item: dict[str, Any] = {key: {"S": value} for key, value in texts.items()}
    return item | {key: {"N": value} for key, value in numbers.items()} | changes


def counted(times: int, **changes: str) -> list[dict[str, Any]]:
    """The aggregates after that many of them."""
    ones = {"transactions": 1, "type.PAYMENT": 1, "decisions": 1, "outcome.approve": 1, "amount": 10.5, "risk": 0.25}
    counters = {name: {"N": changes.get(name, str(times * one))} for name, one in ones.items()}
    keys = [("total", "queue"), ("days", f"{DAY}#queue"), ("shard#1", "checkpoint")]
    return [{"series": {"S": series}, "bucket": {"S": bucket}, **counters} for series, bucket in keys]


def test_what_is_stored_decided_and_counted_once_raises_no_complaint() -> None:
    both = [stored("a"), stored("b"), stored("a", record={"S": "label#1"})]
    history = [{"NewImage": one} for one in both] + [
        {"OldImage": both[0], "NewImage": both[0] | {"label": {"S": "fraud"}}}
    ]
    assert (lost(["a", "b"], both), decided_again(history), miscounted(both, counted(2))) == ([], [], [])


def test_what_is_missing_or_undecided_is_named() -> None:
    undecided = {key: value for key, value in stored("b").items() if key != "outcome"}
    assert [one.split(" ")[0] for one in lost(["a", "b", "c"], [stored("a"), undecided])] == ["b", "c"]


def test_a_second_decision_is_named() -> None:
    second = stored("a", decided_at={"S": f"{DAY}T10:00:01.000000Z"})
    history = [{"NewImage": stored("a")}, {"OldImage": stored("a"), "NewImage": second}, {"OldImage": second}]
    assert decided_again(history) == ["a was decided 2 times"]


@pytest.mark.parametrize("times", [0, 1, 3])
def test_counts_that_are_too_few_or_too_many_are_named(times: int) -> None:
    both = [stored("a"), stored("b")]
    assert len(miscounted(both, counted(times) if times else [])) == 12


def test_a_counter_off_by_the_smallest_amount_is_named() -> None:
    complaints = miscounted([stored("a")], counted(1, amount="10.50000000000000000001"))
    assert [one.split(":")[0] for one in complaints] == [f"days/{DAY}#queue amount", "total/queue amount"]


def test_deliveries_hold_everything_some_of_it_twice_in_another_order() -> None:
    bodies = [str(number) for number in range(100)]
    made = deliveries(bodies, 0.2, "seed")
    assert sorted(Counter(Counter(made).values()).items()) == [(1, 80), (2, 20)]
    assert made != sorted(made, key=int)
    assert made == deliveries(bodies, 0.2, "seed")
