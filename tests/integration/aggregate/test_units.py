"""What entities and aggregates cost in units, as DynamoDB's engine counts them, with the price of a million."""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from fraudshield.aggregate import wiring as aggregate_wiring
from fraudshield.aggregate.counter import AMOUNT, PAYMENTS, bucket_of, full_hour, series_of, text_of
from fraudshield.aggregate.port import CounterQuestion
from fraudshield.analytics import counter_wiring
from fraudshield.analytics.dynamo_shard import additions
from fraudshield.event_type import wiring as event_type_wiring
from infra.laptop.process import dynoxide
from tests.aggregates.run import put_type, send
from tests.aggregates.shop import SHOP
from tests.caller import Caller
from tests.conftest import README_TRANSACTION, connected
from tests.metering import READ_PRICE, WRITE_PRICE, metered
from tests.stack import Stack, client
from tests.stream_history import change
from tests.timeouts import wait_for_history

TERMINAL = "terminal"
MANY = 200_000


@pytest.fixture(autouse=True)
def sqlite_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _longer_timeouts: None) -> Iterator[Stack]:
    """moto counts one unit for everything, so this takes the SQLite engine or is left out."""
    binary = dynoxide.binary()
    if isinstance(binary, dynoxide.EngineMissing):
        pytest.skip(f"UNITS NOT MEASURED: {binary.reason}")
    with mock_aws(), dynoxide.serve(binary, tmp_path / "units.db") as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
        for stack in connected(monkeypatch):
            wait_for_history(monkeypatch)
            event_type_wiring.event_types.cache_clear()
            yield stack
    event_type_wiring.event_types.cache_clear()


def said(capsys: pytest.CaptureFixture[str], line: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{line}")


def of_entities(number: int) -> dict[str, Any]:
    """A type with so many entities beside sender and receiver."""
    fields = {f"entity_{letter}": {"kind": "text", "entity": True} for letter in "abcd"[:number]}
    return {"name": "shop_payment", "extends": "payment", "fields": fields | {"note": {"kind": "text"}}}


@pytest.mark.parametrize("slots", range(5))
def test_each_slot_that_a_payment_fills_costs_one_write_unit(
    sqlite_stack: Stack, capsys: pytest.CaptureFixture[str], slots: int
) -> None:
    put_type(of_entities(slots))
    named = {f"entity_{letter}": f"value-{letter}" for letter in "abcd"[:slots]}
    with metered() as meter:
        [entry] = send(Caller(), README_TRANSACTION | named)
    assert entry["persisted"]
    units = meter.units["write"]
    said(capsys, f"{slots} slots: {units:g} write units, a million for ${units * WRITE_PRICE:.3f}")
    assert units <= 4 + slots + (slots > 0)  # the item itself may be over 1 KB with its keys


def test_a_busy_entity_costs_a_write_unit_or_two_a_commit(
    sqlite_stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    put_type({**SHOP, "aggregates": {}})
    now = datetime.now(UTC)
    for at in range(100):
        occurred = (now - timedelta(seconds=at)).isoformat()
        sent = README_TRANSACTION | {"transaction_id": f"t{at:03d}", TERMINAL: "T1", "occurred_at": occurred}
        send(Caller(), sent)
    records = [change(None, item) for item in sqlite_stack.items()]
    plain = [change(None, {name: one for name, one in item.items() if name != "busy"}) for item in sqlite_stack.items()]
    for size in (1, 10, 100):
        more = counted(records, f"busy-{size}", size) - counted(plain, f"plain-{size}", size)
        said(capsys, f"a busy entity, counted {size:3} at once: {more:.2f} write units, ${more * WRITE_PRICE:.3f}")
        assert 0 < more <= 4 / size + 0.1


def test_the_drift_of_eight_numbers_costs_two_writes_a_day_of_a_commit(
    sqlite_stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = {personal: records_of(sqlite_stack, f"own_{personal}", personal) for personal in ("false", "true")}
    for size in (1, 10, 100):
        more = counted(stored["false"], f"told-{size}", size) - counted(stored["true"], f"personal-{size}", size)
        said(capsys, f"drift of 8 numbers, counted {size:3} at once: {more:.2f} write units, ${more * WRITE_PRICE:.3f}")
        assert 0 < more <= 8 / size + 0.1


def records_of(stack: Stack, name: str, personal: str) -> list[Any]:
    """A hundred payments of a type with eight numbers; personal ones are not counted."""
    numbers = {f"number_{letter}": {"kind": "number", "personal": personal == "true"} for letter in "abcdefgh"}
    put_type({"name": name, "extends": "payment", "fields": numbers})
    for at in range(100):
        held = dict.fromkeys(numbers, at * 1.5)
        assert (
            Caller().score(README_TRANSACTION | held | {"transaction_id": f"{name}-{at}"}, event_type=name).status
            == 200
        )
    found = [change(None, item) for item in stack.items() if item["transaction_id"]["S"].startswith(name)]
    assert len(found) == 100
    return found


def counted(records: list[Any], shard: str, size: int) -> float:
    """Write units for each record, counted so many at once; again and again makes no difference."""
    for number, one in enumerate(records, 1):
        one["dynamodb"]["SequenceNumber"] = f"{number:021d}"
    with metered() as meter:
        for at in range(0, len(records), size):
            for _ in range(2):
                counter_wiring.stream_counter().count(shard, records[at : at + size], time.monotonic() + 30)
    return meter.units["write"] / len(records)


@pytest.mark.parametrize("rows", [1, 10, 100, 1000])
def test_an_asked_aggregate_costs_what_its_rows_weigh(
    sqlite_stack: Stack, capsys: pytest.CaptureFixture[str], rows: int
) -> None:
    put_type({**SHOP, "aggregates": {}})
    now = datetime.now(UTC)
    send(Caller(), README_TRANSACTION | {"card": "card-1", "device": "d", "occurred_at": now.isoformat()})
    [item] = sqlite_stack.items()
    for at in range(1, rows):
        occurred = (now - timedelta(minutes=at)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        copy = item | {"transaction_id": {"S": f"t{at}"}, "occurred_at": {"S": occurred}}
        client("dynamodb").put_item(TableName=sqlite_stack.transactions, Item=copy)
    put_type({**SHOP, "aggregates": {"seen": {"count": True, "over": "card", "keep": True}}})
    event_type_wiring.event_types().newest("shop_payment")
    with metered() as meter:
        later = {"transaction_id": "asking", "occurred_at": (now + timedelta(seconds=1)).isoformat()}
        [entry] = send(Caller(), README_TRANSACTION | {"card": "card-1"} | later)
    assert entry["aggregates"] == {"seen": rows}
    units = meter.units["read"]
    said(capsys, f"{rows:4} rows of one entity: {units:g} read units, a million for ${units * READ_PRICE:.3f}")


def test_a_merchant_with_200_000_payments_is_counted_right(
    sqlite_stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    end, key = full_hour(datetime.now(UTC)), f"{TERMINAL}#T1"
    hours = [end - timedelta(hours=at) for at in range(24 * 31)]
    counts: dict[tuple[str, str], dict[str, Decimal]] = {}
    for at in range(MANY):
        bucket = series_of(key), bucket_of(text_of(hours[at % len(hours)]), at % 2)
        counters = counts.setdefault(bucket, {PAYMENTS: Decimal(0), AMOUNT: Decimal(0)})
        counters[PAYMENTS] += 1
        counters[AMOUNT] += Decimal(at % 1000).scaleb(-2)
    for write in additions(sqlite_stack.aggregates, counts):
        client("dynamodb").update_item(**write["Update"])
    put_type({**SHOP, "aggregates": BUSY})
    with metered() as meter:
        [entry] = send(Caller(), README_TRANSACTION | {TERMINAL: "T1", "occurred_at": end.isoformat()})
    there = [at for at in range(MANY) if 0 < at % len(hours) <= 24 * 30]
    amount = sum((Decimal(at % 1000).scaleb(-2) for at in there), Decimal(0))
    assert entry["aggregates"] == {"paid": len(there), "spent": float(amount)}
    units = meter.units["read"]
    said(
        capsys, f"counters of 30 days, {len(there)} payments: {units:g} read units, ${units * READ_PRICE:.3f} a million"
    )
    assert aggregate_wiring.aggregates().history.begin([CounterQuestion(TERMINAL, "T2", end, end)], 1).results() == [()]


BUSY: Any = {
    "paid": {"count": True, "over": TERMINAL, "within": "30d", "keep": True},
    "spent": {"sum": "amount", "over": TERMINAL, "within": "30d", "keep": True},
}
