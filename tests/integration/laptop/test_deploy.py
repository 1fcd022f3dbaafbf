"""Deploying again onto data that are there already: kept if they fit, refused with advice if not."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.laptop import deploy
from infra.laptop.errors import SetupError
from infra.laptop.template import Template
from tests.contract import expanded
from tests.stack import client

TABLE = "TransactionsTable"


@pytest.fixture(autouse=True)
def aws() -> Iterator[None]:
    with mock_aws():
        yield


def template() -> Template:
    """Its tables: making all the rest takes seconds."""
    whole = expanded.template()
    tables = {name: one for name, one in whole["Resources"].items() if one["Type"] == "AWS::DynamoDB::Table"}
    return {**whole, "Resources": tables}


def change(properties: Callable[[dict[str, Any]], object]) -> Template:
    changed = template()
    properties(changed["Resources"][TABLE]["Properties"])
    return changed


def test_deploying_again_keeps_what_is_stored() -> None:
    first = deploy.deploy(expanded.template(), {}, client)
    item = {"transaction_id": {"S": "a"}, "record": {"S": "transaction"}}
    boto3.client("dynamodb").put_item(TableName=first.refs[TABLE], Item=item)
    again = deploy.deploy(expanded.template(), {}, client)
    assert again.attributes == first.attributes
    assert boto3.client("dynamodb").scan(TableName=first.refs[TABLE])["Items"] == [item]


def other(kind: str) -> str:
    return {"HASH": "RANGE", "RANGE": "HASH"}[kind]


@pytest.mark.parametrize(
    ("part", "defect"),
    [
        ("GlobalSecondaryIndexes", lambda p: p["GlobalSecondaryIndexes"][0].update(IndexName="by_other")),
        ("GlobalSecondaryIndexes", lambda p: p["GlobalSecondaryIndexes"][0]["Projection"]["NonKeyAttributes"].pop()),
        ("KeySchema", lambda p: [key.update(KeyType=other(key["KeyType"])) for key in p["KeySchema"]]),
        ("StreamSpecification", lambda p: p.pop("StreamSpecification")),
        ("StreamSpecification", lambda p: p["StreamSpecification"].update(StreamViewType="KEYS_ONLY")),
    ],
)
def test_a_table_of_another_shape_is_refused_with_advice(part: str, defect: Callable[[dict[str, Any]], object]) -> None:
    deploy.deploy(change(defect), {}, client)
    with pytest.raises(SetupError, match=f"{TABLE} is there already with another .*{part}.*Nothing"):
        deploy.deploy(template(), {}, client)


def reverse(properties: dict[str, Any]) -> None:
    for part in properties.values():
        if isinstance(part, list):
            part.reverse()


def test_the_order_of_keys_and_indexes_does_not_matter() -> None:
    deploy.deploy(change(reverse), {}, client)
    deploy.deploy(template(), {}, client)


def test_what_ages_out_does_so_here() -> None:
    resolver = deploy.deploy(template(), {}, client)
    described = boto3.client("dynamodb").describe_time_to_live(TableName=resolver.refs[TABLE])
    assert described["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"


def test_the_tables_have_their_streams() -> None:
    resolver = deploy.deploy(template(), {}, client)
    assert resolver.attribute(f"{TABLE}.StreamArn").startswith("arn:aws:dynamodb:")
