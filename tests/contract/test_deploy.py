"""The whole template deploys on a laptop, and whatever it would not carry turns this red."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from infra.laptop import deploy
from infra.laptop.awslambda.function import functions
from infra.laptop.errors import SetupError
from infra.laptop.sources.queue_mapping import queue_mappings
from infra.laptop.sources.stream_mapping import stream_mappings
from infra.laptop.template import Resource
from tests.contract.expanded import of_type, planted, template
from tests.stack import client


@pytest.fixture(autouse=True)
def aws() -> Iterator[None]:
    with mock_aws():
        yield


def test_the_template_deploys_whole() -> None:
    resolver = deploy.deploy(template(), {}, client)
    made = {name for kind in deploy.MAKERS for name in of_type(template(), kind)}
    made -= {"AlarmsMail", "ScoringFailsAlarm"}  # no address is given, and scoring changes over at once
    assert made == resolver.refs.keys()
    tables = boto3.client("dynamodb").list_tables()["TableNames"]
    assert set(tables) == of_type(template(), "AWS::DynamoDB::Table").keys()


def test_every_function_and_mapping_of_the_template_can_run() -> None:
    resolver = deploy.deploy(template(), {}, client)
    assert functions(resolver, {}).keys() == of_type(template(), "AWS::Lambda::Function").keys()
    mappings = {one.name for one in queue_mappings(resolver)} | {one.name for one in stream_mappings(resolver)}
    assert mappings == of_type(template(), "AWS::Lambda::EventSourceMapping").keys()


def test_a_planted_type_is_refused_by_name() -> None:
    defect: Resource = {"Type": "AWS::Neptune::DBCluster", "Properties": {}}
    damaged = planted(lambda t: t["Resources"].update(Planted=defect))
    with pytest.raises(SetupError, match=r"Planted \(AWS::Neptune::DBCluster\)"):
        deploy.deploy(damaged, {}, client)


def test_a_planted_filter_is_refused_by_name() -> None:
    damaged = planted(
        lambda t: t["Resources"]["BackfillFunctionUnpersisted"]["Properties"].update(FilterCriteria={"Filters": []})
    )
    with pytest.raises(SetupError, match="FilterCriteria of BackfillFunctionUnpersisted"):
        queue_mappings(deploy.deploy(damaged, {}, client))


AWAITED = {"AWS::S3::Bucket", "AWS::StepFunctions::StateMachine"}  # by the batch service


def test_nothing_that_the_laptop_makes_has_gone_from_the_template_unnoticed() -> None:
    kinds = {resource["Type"] for resource in template()["Resources"].values()}
    assert deploy.MAKERS.keys() - AWAITED <= kinds
