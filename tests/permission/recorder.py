"""A pytest plugin that writes down which function made which call to AWS, as the permission that it takes.

`pytest tests/integration -p tests.permission.recorder` runs with it, for tests/permission/compare.py. A call counts for
the function whose handler runs, in whichever thread it is made; what tests themselves call counts for nobody.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.signers import RequestSigner

from infra.laptop.template import expand, of_type

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".local/permissions"
TRANSACTED = {
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
IAM = {  # where an operation has another name as a permission
    "CompleteMultipartUpload": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "DeleteObjects": "DeleteObject",
    "SendMessageBatch": "SendMessage",
    "DeleteMessageBatch": "DeleteMessage",
    "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
    "Invoke": "InvokeFunction",
}
SERVICE = {"sesv2": "ses", "stepfunctions": "states", "dynamodbstreams": "dynamodb"}
VERSIONED = {"GetObject": "GetObjectVersion", "DeleteObject": "DeleteObjectVersion"}
# Of each there is one in the template, whatever moto calls it.
STREAMED, EXECUTIONS, IDENTITIES = "TransactionsTable", "executions of BatchMachine", "identities of SES"
SOLE = {
    **dict.fromkeys(("GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"), STREAMED),
    **dict.fromkeys(("StopExecution", "DescribeExecution"), EXECUTIONS),
    **dict.fromkeys(("StartExecution", "DescribeStateMachine"), "BatchMachine"),
    "SendEmail": IDENTITIES,
}
UNUSED_LINK = "any"  # signed for the bucket's origin alone
Needed = tuple[str, str]  # a permission and what it is for, as `TransactionsTable/index/by_sender`


class Recorder:
    """What each function has called in this process."""

    def __init__(self) -> None:
        self.running: list[str] = []
        self.needed: dict[str, set[Needed]] = {}

    def around(self, function: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        """The handler, during which calls are the function's."""

        def handled(*arguments: Any, **more: Any) -> Any:
            self.running.append(function)
            try:
                return handler(*arguments, **more)
            finally:
                self.running.pop()

        return handled

    def note(self, service: str, operation: str, arguments: dict[str, Any]) -> None:
        """A call, or a link that lets somebody else make it."""
        if self.running:
            self.needed.setdefault(self.running[-1], set()).update(permissions(service, operation, arguments))


def permissions(service: str, operation: str, arguments: dict[str, Any]) -> Iterator[Needed]:
    """What a call takes, by the names of moto's resources, which are the template's."""
    service = SERVICE.get(service, service)
    if operation in MANY:
        yield from MANY[operation](arguments)
    elif operation in SOLE:
        raw = operation == "SendEmail" and "Raw" in arguments["Content"]
        yield f"{service}:{'SendRawEmail' if raw else operation}", SOLE[operation]
    else:
        action = IAM.get(operation, operation)
        action = VERSIONED.get(action, action) if "VersionId" in arguments else action
        yield f"{service}:{action}", _resource(service, arguments)


def _transacted(arguments: dict[str, Any]) -> Iterator[Needed]:
    for item in arguments["TransactItems"]:
        [(kind, one)] = item.items()
        yield f"dynamodb:{TRANSACTED[kind]}", one["TableName"]


def _copied(arguments: dict[str, Any]) -> Iterator[Needed]:
    yield "s3:PutObject", _object(arguments)
    source = arguments["CopySource"]
    yield ("s3:GetObjectVersion" if "VersionId" in source else "s3:GetObject"), _object(source)


def _deleted(arguments: dict[str, Any]) -> Iterator[Needed]:
    for one in arguments["Delete"]["Objects"]:
        yield ("s3:DeleteObjectVersion" if "VersionId" in one else "s3:DeleteObject"), _object(one)


MANY: dict[str, Callable[[dict[str, Any]], Iterator[Needed]]] = {
    "TransactWriteItems": _transacted,
    "TransactGetItems": _transacted,
    "BatchGetItem": lambda asked: (("dynamodb:BatchGetItem", table) for table in asked["RequestItems"]),
    "BatchWriteItem": lambda asked: (("dynamodb:BatchWriteItem", table) for table in asked["RequestItems"]),
    "CopyObject": _copied,
    "UploadPartCopy": _copied,
    "DeleteObjects": _deleted,
}


def _resource(service: str, arguments: dict[str, Any]) -> str:
    if service == "dynamodb":
        index = arguments.get("IndexName")
        return f"{arguments.get('TableName', '')}/index/{index}" if index else str(arguments.get("TableName", ""))
    if service == "s3":
        return _object(arguments) if "Key" in arguments else "JobsBucket"
    for name in ("QueueUrl", "TopicArn", "SecretId", "FunctionName"):
        if name in arguments:
            return str(arguments[name]).rpartition("/")[2].rpartition(":")[2]
    return "*"


def _object(arguments: dict[str, Any]) -> str:
    return f"JobsBucket/{str(arguments['Key']).partition('/')[0]}/*"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Puts itself between the tests and the handlers, before conftest.py or a test imports one."""
    sys.path[:0] = [str(ROOT), str(ROOT / "layers/fraudshield")]
    import_module("tests.process.surroundings")  # without which nothing of the product is imported
    recorder = Recorder()
    for name, properties in of_type(expand(ROOT / "template.yaml"), "AWS::Lambda::Function"):
        module, _, handler = properties["Handler"].rpartition(".")
        loaded = import_module(module)
        setattr(loaded, handler, recorder.around(name, getattr(loaded, handler)))
    call, sign = BaseClient._make_api_call, RequestSigner.generate_presigned_url  # type: ignore[attr-defined]

    def called(client: Any, operation: str, arguments: Any) -> Any:
        recorder.note(client.meta.service_model.service_name, operation, arguments)
        return call(client, operation, arguments)

    def signed(signer: Any, request_dict: Any, operation_name: str, **named: Any) -> Any:
        key = request_dict["url_path"].lstrip("/")
        if key != UNUSED_LINK:
            recorder.note("s3", operation_name, {"Key": key})
        return sign(signer, request_dict, operation_name, **named)

    BaseClient._make_api_call = called  # type: ignore[attr-defined]
    RequestSigner.generate_presigned_url = signed  # type: ignore[assignment,method-assign]
    early_config.add_cleanup(lambda: _write(recorder))


def _write(recorder: Recorder) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    told = {name: sorted(needed) for name, needed in sorted(recorder.needed.items())}
    (FOLDER / f"{os.getpid()}.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
