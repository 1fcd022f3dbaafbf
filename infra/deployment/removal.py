"""Taking a stack down: what that leaves is named and written down first, and removed only when told twice."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.deployment import stack
from infra.deployment.finding import DeploymentStopped
from infra.deployment.stack import Kept
from infra.deployment.target import Client, Target, Tell

GONE = {  # what AWS says of what is not there any more
    "ResourceNotFoundException",
    "NoSuchBucket",
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
    "NoSuchEntity",
}
# The role through which all APIs of the account and region log, and the account's setting that names it.
OF_THE_ACCOUNT = {"AWS::IAM::Role", "AWS::ApiGateway::Account"}


def kept_by(target: Target, client: Client, record: Path) -> list[Kept]:
    """What deleting the stack leaves, written to `record`: it goes with the stack. Without a stack what is written."""
    found = stack.find(client, target.stack)
    if found is None:
        return _read(record)
    if not found.is_ours:
        raise DeploymentStopped(f"{target.stack} is a stack of something else; nothing was removed")
    kept = stack.kept(client, target.stack)
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps([asdict(one) for one in kept], indent=1), encoding="utf-8")
    return kept


def delete_stack(target: Target, client: Client, tell: Tell) -> None:
    """Deletes the stack and waits for it. Raises DeploymentStopped."""
    cloudformation = client("cloudformation")
    tell(f"delete: {target.stack}, which takes some minutes")
    cloudformation.delete_stack(StackName=target.stack)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=target.stack)


def remove(kept: Sequence[Kept], client: Client, tell: Tell) -> list[Kept]:
    """Removes what a deleted stack has left, data and all; returns what is the account's, and stays."""
    left = []
    for one in kept:
        if one.kind in OF_THE_ACCOUNT:
            left.append(one)
            continue
        try:
            REMOVERS[one.kind](client, one.name)
            tell(f"removed: {one.logical_id}, {one.name}")
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in GONE:
                raise DeploymentStopped(f"{one.logical_id} ({one.name}) could not be removed: {exc}") from exc
            tell(f"gone already: {one.logical_id}, {one.name}")
    return left


def _table(client: Client, name: str) -> None:
    dynamodb = client("dynamodb")
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    dynamodb.get_waiter("table_exists").wait(TableName=name)  # while it changes it cannot be deleted
    dynamodb.delete_table(TableName=name)


def _queue(client: Client, url: str) -> None:
    client("sqs").delete_queue(QueueUrl=url)


def _bucket(client: Client, name: str) -> None:
    s3 = client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in versions]
        if objects:
            failed = s3.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True}).get("Errors", [])
            if failed:
                raise DeploymentStopped(f"{len(failed)} objects of {name} stay: {failed[0]['Message']}")
    s3.delete_bucket(Bucket=name)


def _secret(client: Client, name: str) -> None:
    """Secrets Manager keeps it for 30 days, in which it can be restored."""
    client("secretsmanager").delete_secret(SecretId=name)


Remove = Callable[[Client, str], None]
REMOVERS: Mapping[str, Remove] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::SQS::Queue": _queue,
    "AWS::S3::Bucket": _bucket,
    "AWS::SecretsManager::Secret": _secret,
}


def _read(record: Path) -> list[Kept]:
    if not record.exists():
        return []
    written: list[dict[str, Any]] = json.loads(record.read_text(encoding="utf-8"))
    return [Kept(**one) for one in written]
