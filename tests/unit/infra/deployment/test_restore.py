"""What a restored table has and the stack's has not is put there, and nothing else."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fraudshield.errors import InvalidInput
from infra.deployment.restore import Restored, restore

NAMES = ("here", "restored", "another")


@pytest.fixture
def dynamodb() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        for name in NAMES:
            keys: list[tuple[str, Any]] = [("transaction_id", "HASH"), ("record", "RANGE")]
            keys = keys if name != "another" else [("name", "HASH")]
            client.create_table(
                TableName=name,
                KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
                BillingMode="PAY_PER_REQUEST",
            )
        yield client


def item(number: int, label: str) -> dict[str, dict[str, str]]:
    return {"transaction_id": {"S": f"t-{number}"}, "record": {"S": "payment"}, "label": {"S": label}}


def test_what_is_missing_is_put_and_what_is_there_stays_as_it_is(dynamodb: Any) -> None:
    for number in range(40):
        dynamodb.put_item(TableName="restored", Item=item(number, "of-then"))
    dynamodb.put_item(TableName="here", Item=item(7, "newer"))
    told = list[str]()
    assert restore(dynamodb, dynamodb, {"here": "restored"}, told.append) == {"here": Restored(39, 1)}
    items = dynamodb.scan(TableName="here")["Items"]
    assert sorted(items, key=str) == sorted((item(n, "newer" if n == 7 else "of-then") for n in range(40)), key=str)
    assert told == ["here: 40 items of restored read, 39 put"]
    assert restore(dynamodb, dynamodb, {"here": "restored"}, told.append) == {"here": Restored(0, 40)}


def test_a_table_of_something_else_is_refused_before_anything_is_put(dynamodb: Any) -> None:
    dynamodb.put_item(TableName="restored", Item=item(1, "x"))
    with pytest.raises(InvalidInput, match="another has the key"):
        restore(dynamodb, dynamodb, {"here": "restored", "restored": "another"}, lambda _: None)
    assert dynamodb.scan(TableName="here")["Items"] == []
