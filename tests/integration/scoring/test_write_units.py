"""What a stored transaction costs in write units, indexes included, as DynamoDB's engine counts them.

An approved one costs four: the item one, and the indexes by day, sender and receiver one each.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from fraudshield.analytics import counter_wiring as analytics_counter_wiring
from fraudshield.analytics.category.category import CountedFields
from fraudshield.analytics.counted_transaction import CountedTransaction
from fraudshield.analytics.delta import delta_of
from fraudshield.analytics.dynamo_counter import StreamCounter
from fraudshield.analytics.dynamo_image import change_of
from fraudshield.analytics.dynamo_shard import additions
from fraudshield.analytics.series import HISTOGRAM, HOURS, ONE, Counts, added
from fraudshield.predictor import wiring as predictor_wiring
from infra.laptop.intrinsic import Resolver
from infra.laptop.process import dynoxide
from tests.caller import Caller
from tests.conftest import README_TRANSACTION, connected
from tests.fakes import NOW
from tests.metering import Meter, metered, price
from tests.stack import Stack, client, template
from tests.stream_history import change, items

MOST = 4
SAMPLE = 100
FLAGGED = README_TRANSACTION | {
    "transaction_id": "drain_1",
    "type": "TRANSFER",
    "amount": 353874.22,
    "oldbalanceOrg": 353874.22,
    "newbalanceOrig": 0.0,
    "nameDest": "C1808767376",
}
LONGEST = README_TRANSACTION | {"transaction_id": "t" * 128, "nameOrig": "C" * 64, "nameDest": "M" * 64}
Item = dict[str, Any]


@pytest.fixture
def sqlite_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _longer_timeouts: None) -> Iterator[Stack]:
    """moto counts one unit for everything, so this takes the SQLite engine or is left out."""
    binary = dynoxide.binary()
    if isinstance(binary, dynoxide.EngineMissing):
        pytest.skip(f"WRITE UNITS NOT MEASURED: {binary.reason}")
    with mock_aws(), dynoxide.serve(binary, tmp_path / "units.db") as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
        yield from connected(monkeypatch)


def stored(stack: Stack, caller: Caller, sent: Item) -> Item:
    """The item of a transaction that went through the handler."""
    entry = caller.score(sent).json["results"][0]
    [item] = stack.items()
    assert (entry["decision"] == "approve") == ("review_queue" not in item)
    return item


def units(table: str, item: Item) -> dict[str, float]:
    """By index, and `table`: what writing a copy of this item under another id takes."""
    copy = item | {"transaction_id": {"S": item["transaction_id"]["S"][:-1] + "~"}}
    taken = client("dynamodb").put_item(TableName=table, Item=copy, ReturnConsumedCapacity="INDEXES")[
        "ConsumedCapacity"
    ]
    by_index = {name: index["CapacityUnits"] for name, index in taken.get("GlobalSecondaryIndexes", {}).items()}
    assert taken["CapacityUnits"] == taken["Table"]["CapacityUnits"] + sum(by_index.values())
    return {"table": taken["Table"]["CapacityUnits"], **by_index}


@pytest.mark.parametrize(
    ("sent", "indexes"),
    [
        (README_TRANSACTION, {"by_day", "by_sender", "by_receiver"}),
        (FLAGGED, {"by_day", "by_sender", "by_receiver", "by_loss"}),
    ],
    ids=["approved", "flagged"],
)
def test_a_transaction_costs_its_item_and_its_indexes(
    sqlite_stack: Stack,
    caller: Caller,
    capsys: pytest.CaptureFixture[str],
    sent: Item,
    indexes: set[str],
) -> None:
    taken = units(sqlite_stack.transactions, stored(sqlite_stack, caller, sent))
    with capsys.disabled():
        sys.stdout.write(f"\n{sent['transaction_id']}: {sum(taken.values()):g} write units: {taken}\n")
    assert taken.keys() - {"table"} == indexes
    assert sum(taken.values()) == (MOST if "by_loss" not in indexes else MOST + 1)


def test_the_longest_names_and_numbers_take_no_more(sqlite_stack: Stack, caller: Caller) -> None:
    item = stored(sqlite_stack, caller, LONGEST)
    assert sum(units(sqlite_stack.transactions, item).values()) == MOST


@pytest.mark.parametrize("slots", range(5))
def test_each_slot_takes_one_more(
    sqlite_stack: Stack, caller: Caller, capsys: pytest.CaptureFixture[str], slots: int
) -> None:
    fields = {f"entity_{number}": {"S": f"device#{number}"} for number in range(1, slots + 1)}
    taken = units(sqlite_stack.transactions, stored(sqlite_stack, caller, README_TRANSACTION) | fields)
    with capsys.disabled():
        sys.stdout.write(f"\n{slots} slots: {sum(taken.values()):g} write units\n")
    assert sum(taken.values()) == MOST + slots


@pytest.mark.parametrize("kind", [README_TRANSACTION, FLAGGED], ids=["approved", "flagged"])
def test_a_million_has_its_price(
    sqlite_stack: Stack, caller: Caller, capsys: pytest.CaptureFixture[str], kind: Item
) -> None:
    with metered() as scoring:
        for number in range(SAMPLE):
            caller.score(kind | {"transaction_id": f"t{number:03d}"})
    records = [
        {"eventName": "INSERT", "dynamodb": {"SequenceNumber": f"{number:021d}", "NewImage": item}}
        for number, item in enumerate(sqlite_stack.items(), 1)
    ]
    write, read = scoring.for_each(len(records))
    with capsys.disabled():
        sys.stdout.write(f"\nscoring one: {write:.2f} write units, {read:.2f} read units\n")
        for size in (1, 10, SAMPLE):
            counting = count_again(records, size).for_each(len(records))
            million = price(write + counting[0], read + counting[1])
            sys.stdout.write(
                f"counted {size:3} at once: {counting[0]:.2f} write units, {counting[1]:.2f} read units more; "
                f"a million for ${million:.2f}\n"
            )
    assert len(records) == SAMPLE
    assert read < 1  # the policy, once for a process; nothing for each transaction
    assert counting[0] < 1


@pytest.mark.parametrize(
    ("days", "sizes"),
    [
        (90, (200,)),
        pytest.param(1, (1, 10, 100, 1000), marks=pytest.mark.long),
        pytest.param(90, (1, 10, 100, 1000), marks=pytest.mark.long),
    ],
)
def test_counting_of_many_hours_has_its_price(
    sqlite_stack: Stack, capsys: pytest.CaptureFixture[str], days: int, sizes: tuple[int, ...]
) -> None:
    """Of 90 days in no order it is dearest: nearly each transaction has an hour and a day of its own."""
    most = sizes[-1]
    made = items(most * 3 // 2, days=days)
    records = [change(None, item) for item in made if item["source"] != {"S": "batch"}][:most]
    for number, one in enumerate(records, 1):
        one["dynamodb"]["SequenceNumber"] = f"{number:021d}"
    with capsys.disabled():
        sys.stdout.write("\n")
        for size in sizes:
            some = records[: max(100, size)]
            plain, _ = count_again(some, size, replace(whole(), categories=Uncategorised())).for_each(len(some))
            write, read = count_again(some, size).for_each(len(some))
            sys.stdout.write(
                f"of {days:2} days, counted {size:4} at once: {write:.2f} write units ({plain:.2f} of them without "
                f"categories), {read:.2f} read units\n"
            )
    assert write < 16


def test_the_item_of_a_busy_hour_or_day_takes_one_unit(sqlite_stack: Stack) -> None:
    """All types, outcomes, bins and bands in it, and a million transactions: still at most 1 KB."""
    day = NOW.date().isoformat()
    moved = [
        item | {"occurred_at": {"S": f"{day}T{at % 24:02d}:00:00.000000Z"}, "source": {"S": "queue"}}
        for at, item in enumerate(item for item in items(3000) if item["model_version"]["S"] != "2025.1")
    ]
    labelled = [one | LABELLED[at % 2] for at, one in enumerate(moved)]
    deltas = [delta_of(change_of(change(None, one)), predictor_wiring.reference()) for one in labelled]
    counted = added(*((delta, Decimal(500)) for delta in deltas))
    one_hour = added(
        *(
            ({(HOURS, f"{day}T10#queue#2026.11.1"): counters}, ONE)
            for (series, _), counters in counted.items()
            if series == HOURS
        )
    )
    for write in additions(sqlite_stack.aggregates, {**counted, **one_hour}):
        client("dynamodb").update_item(**write["Update"])
    for write in additions(sqlite_stack.aggregates, {**deltas[0], **one_more(one_hour)}):
        taken = client("dynamodb").update_item(**write["Update"], ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]
        series = write["Update"]["Key"]["series"]["S"]
        assert (series, taken["CapacityUnits"]) == (series, 1.0 if series != HISTOGRAM else taken["CapacityUnits"])


LABELLED: tuple[Item, Item] = (
    {"label": {"S": "fraud"}, "labelled_at": {"S": "2026-11-30T10:00:00.000000Z"}},
    {"label": {"S": "genuine"}, "labelled_at": {"S": "2027-04-30T10:00:00.000000Z"}},
)


def one_more(counts: Counts) -> Counts:
    return {bucket: {"transactions": ONE} for bucket in counts}


class Uncategorised:
    """Counts nothing by category."""

    def of(self, one: CountedTransaction, day: str) -> tuple[()]:
        return ()

    def fields(self, one: CountedTransaction, day: str) -> CountedFields:
        return CountedFields()


def whole() -> StreamCounter:
    return analytics_counter_wiring.stream_counter()


def count_again(records: list[Item], size: int, counter: StreamCounter | None = None) -> Meter:
    """The records counted as of a shard that is new, so many in a batch."""
    shard = f"shardId-{size:06d}{'-plain' if counter else ''}"
    with metered() as counting:
        for at in range(0, len(records), size):
            (counter or whole()).count(shard, records[at : at + size], time.monotonic() + 30)
    return counting


def test_a_fat_item_would_be_noticed(sqlite_stack: Stack, caller: Caller) -> None:
    fat = stored(sqlite_stack, caller, README_TRANSACTION) | {"explanation": {"S": "x" * 3000}}
    assert sum(units(sqlite_stack.transactions, fat).values()) > MOST


def test_an_index_that_carries_everything_would_be_noticed(sqlite_stack: Stack, caller: Caller) -> None:
    [properties] = [
        Resolver(template(), {}).resolve(resource["Properties"])
        for name, resource in template()["Resources"].items()
        if name == "TransactionsTable"
    ]
    everything: list[Any] = [
        index | {"Projection": {"ProjectionType": "ALL"}} for index in properties["GlobalSecondaryIndexes"]
    ]
    client("dynamodb").create_table(
        TableName="fat",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=properties["KeySchema"],
        AttributeDefinitions=properties["AttributeDefinitions"],
        GlobalSecondaryIndexes=everything,
    )
    long_names = README_TRANSACTION | {"nameOrig": "C" * 64, "nameDest": "M" * 64, "transaction_id": "t" * 128}
    item = stored(sqlite_stack, caller, long_names) | {"note": {"S": "x" * 600}}
    assert sum(units(sqlite_stack.transactions, item).values()) <= MOST + 1 < sum(units("fat", item).values())
