"""What a stack leaves is named and written down before it goes, and removed only then."""

from pathlib import Path
from typing import Any

import pytest

from infra.cli.path import TEMPLATE
from infra.deployment.finding import DeploymentStopped
from infra.deployment.removal import delete_stack, kept_by, remove
from infra.deployment.stack import Kept, table_names
from infra.deployment.target import Target
from infra.laptop.template import expand
from tests.unit.infra.deployment.played_aws import PlayedAws, refused
from tests.unit.infra.deployment.test_deployment import stack

TARGET = Target("dev", "eu-west-1")
KINDS = {
    "TransactionsTable": "AWS::DynamoDB::Table",
    "IngestQueue": "AWS::SQS::Queue",
    "JobsBucket": "AWS::S3::Bucket",
    "SigningSecret": "AWS::SecretsManager::Secret",
    "ApiGatewayLogsRole": "AWS::IAM::Role",
    "ModelFunction": "AWS::Lambda::Function",
}
LISTED = {
    "StackResourceSummaries": [
        {"ResourceType": kind, "LogicalResourceId": name, "PhysicalResourceId": f"its-{name}"}
        for name, kind in KINDS.items()
    ]
}
PROCESSED = {
    "TemplateBody": {
        "Resources": {name: {"DeletionPolicy": "Retain"} if name != "ModelFunction" else {} for name in KINDS}
    }
}
KEPT = [Kept(kind, name, f"its-{name}") for name, kind in KINDS.items() if name != "ModelFunction"]


def account(**changes: Any) -> PlayedAws:
    answers: dict[str, Any] = {
        "cloudformation.describe_stacks": stack(),
        "cloudformation.get_template": PROCESSED,
        "cloudformation.list_stack_resources": LISTED,
        "cloudformation.delete_stack": {},
        "cloudformation.stack_delete_complete": {},
        "dynamodb.update_table": {},
        "dynamodb.table_exists": {},
        "dynamodb.delete_table": {},
        "sqs.delete_queue": {},
        "s3.list_object_versions": {
            "Versions": [{"Key": "a.csv", "VersionId": "1"}],
            "DeleteMarkers": [{"Key": "b.csv", "VersionId": "2"}],
        },
        "s3.delete_objects": {},
        "s3.delete_bucket": {},
        "secretsmanager.delete_secret": {},
    }
    return PlayedAws(answers | {name.replace("__", "."): answer for name, answer in changes.items()})


def test_what_is_kept_is_what_the_template_retains_and_is_written_down(tmp_path: Path) -> None:
    record = tmp_path / "home/kept.json"
    assert kept_by(TARGET, account().client, record) == KEPT
    gone = account(cloudformation__describe_stacks=refused("ValidationError"))
    assert kept_by(TARGET, gone.client, record) == KEPT
    assert kept_by(TARGET, gone.client, tmp_path / "another.json") == []


def test_a_stack_of_something_else_is_left_alone(tmp_path: Path) -> None:
    aws = account(cloudformation__describe_stacks=stack(description="A shop"))
    with pytest.raises(DeploymentStopped, match="something else"):
        kept_by(TARGET, aws.client, tmp_path / "kept.json")


def test_a_stack_is_deleted_and_waited_for() -> None:
    aws = account()
    delete_stack(TARGET, aws.client, lambda _: None)
    named = {"StackName": "fraudshield-dev"}
    assert aws.calls == [("cloudformation.delete_stack", named), ("cloudformation.stack_delete_complete", named)]


def test_data_go_and_what_is_the_accounts_stays() -> None:
    aws, told = account(), list[str]()
    assert remove(KEPT, aws.client, told.append) == [
        Kept("AWS::IAM::Role", "ApiGatewayLogsRole", "its-ApiGatewayLogsRole")
    ]
    assert [name for name, _ in aws.calls] == [
        *("dynamodb.update_table", "dynamodb.table_exists", "dynamodb.delete_table", "sqs.delete_queue"),
        *("s3.list_object_versions", "s3.delete_objects", "s3.delete_bucket", "secretsmanager.delete_secret"),
    ]
    [deleted] = aws.named("s3.delete_objects")
    assert [one["VersionId"] for one in deleted["Delete"]["Objects"]] == ["1", "2"]
    assert len(told) == 4


@pytest.mark.parametrize("call", ["dynamodb.update_table", "sqs.delete_queue", "s3.delete_bucket"])
def test_what_cannot_be_removed_is_named_and_nothing_after_it_is_touched(call: str) -> None:
    aws = account(**{call.replace(".", "__"): refused("AccessDenied")})
    with pytest.raises(DeploymentStopped, match="could not be removed"):
        remove(KEPT, aws.client, lambda _: None)
    assert aws.calls[-1][0] == call


def test_what_is_gone_already_is_no_failure() -> None:
    aws, told = account(dynamodb__update_table=refused("ResourceNotFoundException")), list[str]()
    remove(KEPT, aws.client, told.append)
    assert told[0] == "gone already: TransactionsTable, its-TransactionsTable"


def test_objects_that_stay_are_said() -> None:
    aws = account(s3__delete_objects={"Errors": [{"Message": "Access Denied"}]})
    with pytest.raises(DeploymentStopped, match="1 objects of its-JobsBucket stay: Access Denied"):
        remove(KEPT, aws.client, lambda _: None)


def test_every_kind_that_the_template_retains_is_known() -> None:
    kinds = {one["Type"] for one in expand(TEMPLATE)["Resources"].values() if one.get("DeletionPolicy") == "Retain"}
    kinds -= {"AWS::Lambda::Version"}  # a stack that goes deletes the function, and that all its versions
    assert kinds == {*KINDS.values(), "AWS::ApiGateway::Account"} - {"AWS::Lambda::Function"}


def test_tables_are_named_by_what_the_template_calls_them() -> None:
    assert table_names(account().client, "fraudshield-dev") == {"TransactionsTable": "its-TransactionsTable"}
