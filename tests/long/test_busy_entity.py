"""One merchant's 200,000 payments through the stream's consumer: late, shuffled, sent again, by processes that die."""

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.aggregate import wiring as aggregate_wiring
from fraudshield.aggregate.counter import full_hour
from fraudshield.analytics import counter_wiring
from fraudshield.aws.client import counting_dynamodb
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.text.timestamp import instant
from tests.aggregates.run import put_type, send
from tests.aggregates.shop import SHOP
from tests.caller import Caller
from tests.conftest import README_TRANSACTION
from tests.metering import READ_PRICE, WRITE_PRICE, Meter, metered
from tests.stack import Stack
from tests.stream_history import change
from tests.timeouts import wait_for_history

pytestmark = pytest.mark.long
PAYMENTS, SHARDS, BATCH, DAYS = 200_000, 4, 1000, 32
KILLS = 25
Record = dict[str, Any]
Batch = tuple[str, list[Record]]
TERMINAL = "terminal"
BUSY: Any = {
    "paid": {"count": True, "over": TERMINAL, "within": "30d", "keep": True},
    "paid_1d": {"count": True, "over": TERMINAL, "within": "1d", "keep": True},
    "spent": {"sum": "amount", "over": TERMINAL, "within": "30d", "keep": True},
    "frauds": {"of": "fraud_rate", "over": TERMINAL, "within": "30d", "labels_later": "24h", "keep": True},
}


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    event_type_wiring.event_types.cache_clear()
    aggregate_wiring.aggregates.cache_clear()
    yield
    event_type_wiring.event_types.cache_clear()
    aggregate_wiring.aggregates.cache_clear()


@dataclass(frozen=True)
class Sold:
    """A payment of the merchant, as the oracle knows it. A label is said when a day has passed."""

    at: datetime
    decided_at: datetime
    amount: Decimal
    fraud_at: datetime | None


class Killed(BaseException):
    """A process that is gone raises nothing that anybody could handle."""


def sold(end: datetime) -> list[Sold]:
    """In the order in which they were decided; one in fifty is decided up to four days late."""
    chance, found = random.Random("merchant"), []
    for at in range(PAYMENTS):
        decided = end - timedelta(days=DAYS) * ((PAYMENTS - at) / PAYMENTS)
        late = timedelta(hours=chance.uniform(1, 96)) if chance.random() < 0.02 else timedelta(0)
        said = decided + timedelta(hours=chance.uniform(24, 80)) if chance.random() < 0.01 else None
        amount = Decimal(chance.randrange(100, 100_000)).scaleb(-2)
        found.append(Sold(decided - late, decided, amount, said if said and said < end else None))
    return found


def records(payments: list[Sold], item: Any) -> Iterator[Record]:
    """What the stream tells of them, a little out of order; labels come after their payments."""
    chance, window = random.Random("stream"), list[Record]()
    for at, one in enumerate(payments):
        image = item | {
            "transaction_id": {"S": f"m{at}"},
            "occurred_at": {"S": instant(one.at)},
            "received_at": {"S": instant(one.decided_at)},
            "decided_at": {"S": instant(one.decided_at)},
            "amount": {"N": str(one.amount)},
        }
        window.append(change(None, image))
        if one.fraud_at is not None:
            label = {"label": {"S": "fraud"}, "labelled_at": {"S": instant(one.fraud_at)}}
            window.append(change(image, image | label))
        if len(window) >= 2 * BATCH:
            chance.shuffle(window)
            yield from window
            window = []
    yield from window


def batches(told: Iterator[Record]) -> Iterator[Batch]:
    """By shard, a fifth of them again and in other pieces."""
    chance = random.Random("shards")
    waiting: dict[str, list[Record]] = {f"shardId-{at:06d}": [] for at in range(SHARDS)}
    numbers, before = dict.fromkeys(waiting, 0), dict[str, list[Record]]()
    for one in told:
        shard = chance.choice(list(waiting))
        numbers[shard] += 1
        one["dynamodb"]["SequenceNumber"] = f"{numbers[shard]:021d}"
        waiting[shard].append(one)
        if len(waiting[shard]) == BATCH:
            yield shard, waiting[shard]
            if chance.random() < 0.2:
                again = before.get(shard, []) + waiting[shard]
                yield shard, again[chance.randrange(len(again)) :]
            before[shard], waiting[shard] = waiting[shard], []
    yield from waiting.items()


def test_a_merchants_200_000_payments_through_the_consumer(
    engine_stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_type({**SHOP, "aggregates": {}})
    end = full_hour(datetime.now(UTC))
    send(Caller(), README_TRANSACTION | {TERMINAL: "T1", "occurred_at": end.isoformat(), "transaction_id": "first"})
    [item] = engine_stack.items()
    payments = sold(end)
    units = counted(batches(records(payments, item)))
    put_type({**SHOP, "aggregates": BUSY})
    event_type_wiring.event_types().newest("shop_payment")
    wait_for_history(monkeypatch)
    with metered() as meter:
        [entry] = send(Caller(), asking("asks-1", end))
    assert entry["aggregates"] == expected(payments, end, decided(entry))
    capped = meter.units["read"]
    with capsys.disabled():
        sys.stdout.write(
            f"\n{PAYMENTS} payments of one merchant: {units.units['write'] / PAYMENTS:.2f} write units each, "
            f"${units.units['write'] / PAYMENTS * WRITE_PRICE:.3f} a million; its counters of 30 days and one day: "
            f"{capped:g} read units, ${capped * READ_PRICE:.3f} a million\n"
        )
    with metered() as meter:  # a moment later nothing is read again, and the values are the same
        [again] = send(Caller(), asking("asks-2", end))
    assert again["aggregates"] == expected(payments, end, decided(again))
    assert meter.units["read"] < capped / 2
    no_time_at_all(monkeypatch)
    [unread] = send(Caller(), asking("asks-3", end - timedelta(hours=1)))
    assert unread["aggregates"] == {name: {"not_evaluated": "unread"} for name in BUSY}


def decided(entry: Any) -> datetime:
    """The hour in which it was decided, which may be a later one than that in which the test began."""
    return full_hour(datetime.fromisoformat(entry["decided_at"]))


def asking(name: str, at: datetime) -> Any:
    return README_TRANSACTION | {"transaction_id": name, TERMINAL: "T1", "occurred_at": at.isoformat()}


def no_time_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("fraudshield.") and hasattr(module, "VELOCITY_S"):
            monkeypatch.setattr(module, "VELOCITY_S", 0.0)


def counted(delivered: Iterator[Batch]) -> Meter:
    """Counts it all; some processes die at a write, before or after it, and their batch comes again."""
    chance, left = random.Random("kills"), [KILLS]
    die: dict[str, str | None] = {"next": None}
    calls = counting_dynamodb().meta.events

    def end(when: str) -> Any:
        def stop(**_: Any) -> None:
            if die["next"] == when:
                die["next"] = None
                raise Killed

        return stop

    for when in ("before-call", "after-call"):
        calls.register(f"{when}.dynamodb.TransactWriteItems", end(when))
    with metered() as meter:
        for shard, batch in delivered:
            if left[0] and chance.random() < 0.2:
                left[0] -= 1
                die["next"] = chance.choice(["before-call", "after-call"])
            try:
                count(shard, batch)
            except Killed:
                counter_wiring.stream_counter.cache_clear()  # whoever takes over remembers nothing
                count(shard, batch)
    assert left[0] == 0
    return meter


def count(shard: str, batch: list[Record]) -> None:
    counter_wiring.stream_counter().count(shard, batch, time.monotonic() + 600)


def expected(payments: list[Sold], end: datetime, known_before: datetime) -> dict[str, Any]:
    """Of the payments themselves, by the rules for both clocks: whole hours, and what was known before an hour."""

    def within(days: int, old_by: datetime = end) -> list[Sold]:
        since = end - timedelta(days=days)
        return [
            one
            for one in payments
            if since <= full_hour(one.at) < end
            and full_hour(one.at) + timedelta(hours=1) <= old_by
            and full_hour(one.decided_at) < known_before
        ]

    old = within(30, known_before - timedelta(hours=24))
    frauds = sum(one.fraud_at is not None and full_hour(one.fraud_at) < known_before for one in old)
    return {
        "paid": len(within(30)),
        "paid_1d": len(within(1)),
        "spent": float(sum((one.amount for one in within(30)), Decimal(0))),
        "frauds": frauds / len(old),
    }
