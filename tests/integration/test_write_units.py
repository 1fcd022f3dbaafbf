"""What a stored transaction costs in write units, indexes included, as DynamoDB's engine counts them.

An approved one may cost five: the item one or two, and the time, origin and destination index one each.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from fraudshield.aws import wiring
from infra.local import dynoxide
from infra.local.intrinsic import Resolver
from tests.caller import Caller
from tests.conftest import README_TRANSACTION, connected
from tests.metering import Meter, metered, price
from tests.stack import Stack, client, template

MOST = 5
SAMPLE = 100
FLAGGED = README_TRANSACTION | {
    "transaction_id": "drain_1",
    "type": "TRANSFER",
    "amount": 353874.22,
    "oldbalanceOrg": 353874.22,
    "newbalanceOrig": 0.0,
    "nameDest": "C1808767376",
}
Item = dict[str, Any]


@pytest.fixture
def sqlite_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _patience: None) -> Iterator[Stack]:
    """moto counts one unit for everything, so this takes the SQLite engine or is left out."""
    binary = dynoxide.binary()
    if isinstance(binary, dynoxide.Missing):
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
        (README_TRANSACTION, {"by_time", "by_origin", "by_destination"}),
        (FLAGGED, {"by_time", "by_origin", "by_destination", "by_review"}),
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
    assert sum(taken.values()) <= (MOST if "by_review" not in indexes else MOST + 2)


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


def count_again(records: list[Item], size: int) -> Meter:
    """The records counted as of a shard that is new, so many in a batch."""
    with metered() as counting:
        for at in range(0, len(records), size):
            wiring.stream_counter().count(f"shardId-{size:06d}", records[at : at + size], time.monotonic() + 30)
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
    everything = [index | {"Projection": {"ProjectionType": "ALL"}} for index in properties["GlobalSecondaryIndexes"]]
    client("dynamodb").create_table(
        TableName="fat",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=properties["KeySchema"],
        AttributeDefinitions=properties["AttributeDefinitions"],
        GlobalSecondaryIndexes=everything,
    )
    long_names = README_TRANSACTION | {"nameOrig": "C" * 64, "nameDest": "M" * 64, "transaction_id": "t" * 128}
    item = stored(sqlite_stack, caller, long_names) | {"note": {"S": "x" * 600}}
    assert sum(units(sqlite_stack.transactions, item).values()) <= MOST < sum(units("fat", item).values())
