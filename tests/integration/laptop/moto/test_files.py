"""Buckets, their events and state machines on a moto of their own: what happens, and what survives it."""

import asyncio
import http.client
import json
import os
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from infra.laptop import deploy
from infra.laptop.awslambda.function import FunctionSpec
from infra.laptop.awslambda.lambda_api import LambdaApi
from infra.laptop.awslambda.runtime import Runtime
from infra.laptop.eventbridge.event_rule import replay_object_events
from infra.laptop.intrinsic import Resolver
from infra.laptop.moto import server as moto_server
from infra.laptop.process.asgi_server import server
from infra.laptop.process.port import claim, free
from infra.laptop.resources.execution_journal import running_executions
from infra.laptop.resources.state_machine import restart_executions
from infra.laptop.sdk import Sdk
from tests.conftest import ROOT

HANDLERS = ROOT / "tests/data/handlers"
SOON_S = 60.0
CSV = b"step,amount\n1,2\n"
AN_MEBIBYTE = b"x" * 1024 * 1024


def task(function: str, **more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload.$": "$"},
        "ResultSelector": {"answer.$": "$.Payload"},
        "OutputPath": "$.answer",
        **more,
    }


MACHINE = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "MaxConcurrency": 2,
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Parameters": {"Bucket.$": "$.bucket", "Key.$": "$.key"},
            },
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "One",
                "States": {
                    "One": task(
                        "${Probe}",
                        Catch=[{"ErrorEquals": ["ValueError"], "ResultPath": "$.error", "Next": "Refused"}],
                        End=True,
                    ),
                    "Refused": {"Type": "Pass", "End": True},
                },
            },
            "End": True,
        }
    },
}
WAITING = {"StartAt": "Wait", "States": {"Wait": task("${Probe}", End=True)}}
TEMPLATE: Any = {
    "Resources": {
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {
                    "source": ["aws.s3"],
                    "detail-type": ["Object Created"],
                    "detail": {"bucket": {"name": [{"Ref": "Drop"}]}, "object": {"key": [{"prefix": "incoming/"}]}},
                },
                "Targets": [{"Id": "queue", "Arn": {"Fn::GetAtt": ["Jobs", "Arn"]}}],
            },
        },
        "Ends": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {"source": ["aws.states"], "detail": {"status": ["SUCCEEDED", "FAILED"]}},
                "Targets": [{"Id": "queue", "Arn": {"Fn::GetAtt": ["Ended", "Arn"]}}],
            },
        },
        "Drop": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "VersioningConfiguration": {"Status": "Enabled"},
                "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
                "CorsConfiguration": {
                    "CorsRules": [{"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://a.example"], "MaxAge": 60}]
                },
            },
        },
        "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {}},
        "Ended": {"Type": "AWS::SQS::Queue", "Properties": {}},
        **{
            name: {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "DefinitionString": json.dumps(definition),
                    "DefinitionSubstitutions": {"Probe": {"Fn::GetAtt": ["Probe", "Arn"]}},
                },
            }
            for name, definition in (("Machine", MACHINE), ("Waiting", WAITING))
        },
    }
}


class Files:
    """A moto that is up, with the template's resources, and the folder that it keeps objects in."""

    def __init__(self, sdk: Sdk, home: Path) -> None:
        self.home = home
        self.sdk = sdk
        self.client = cache(sdk.client)
        self.resolver: Resolver = deploy.deploy(TEMPLATE, {}, self.client)
        self.s3 = self.client("s3")

    def events(self, queue: str, count: int) -> list[dict[str, Any]]:
        """So many, when they are there; and no more than that."""
        found: list[dict[str, Any]] = []

        def enough() -> bool:
            found.extend(self._received(queue))
            return len(found) >= count

        until(enough)
        assert len(found) == count
        assert self._received(queue) == []
        return found

    def _received(self, queue: str) -> list[dict[str, Any]]:
        sqs, url = self.client("sqs"), self.resolver.refs[queue]
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]


def until(holds: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + SOON_S
    while not holds():
        assert time.monotonic() < give_up_at, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def files(home: Path, functions: str = "http://127.0.0.1:9") -> Iterator[Files]:
    port = free(0)
    with moto_server.serve(port, home / "moto.log", home, functions):
        services = f"http://127.0.0.1:{port}"
        yield Files(Sdk(services, services, functions), home)


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Files]:
    with files(tmp_path_factory.mktemp("files")) as running:
        yield running


@pytest.mark.parametrize(
    "media_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/csv", None]
)
def test_an_upload_by_a_signed_link_is_kept_whatever_its_content_type(moto: Files, media_type: str | None) -> None:
    url = moto.s3.generate_presigned_url("put_object", Params={"Bucket": "drop", "Key": "by-link.csv"})
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.netloc, timeout=SOON_S)
    headers = {"Content-Type": media_type} if media_type else {}
    connection.request("PUT", f"{target.path}?{target.query}", b"step,amount\n1,a=b&c\n", headers)
    assert connection.getresponse().status == 200
    connection.close()
    kept = moto.s3.get_object(Bucket="drop", Key="by-link.csv")
    assert kept["Body"].read() == b"step,amount\n1,a=b&c\n"
    assert kept["ContentType"] == (media_type or "binary/octet-stream")


def test_a_new_object_is_told_of_once_in_eventbridges_words(moto: Files) -> None:
    put = moto.s3.put_object(Bucket="drop", Key="incoming/a b+ü.csv", Body=CSV)
    [event] = moto.events("Jobs", 1)
    detail = event.pop("detail")
    assert (event["source"], event["detail-type"]) == ("aws.s3", "Object Created")
    assert event["resources"] == ["arn:aws:s3:::drop"]
    assert event["time"].endswith("Z")
    assert detail["reason"] == "PutObject"
    assert detail["bucket"] == {"name": "drop"}
    told = detail["object"]
    assert (told["key"], told["size"], told["etag"]) == ("incoming/a b+ü.csv", len(CSV), put["ETag"].strip('"'))
    assert told["version-id"] == put["VersionId"]


def test_an_upload_in_parts_and_a_copy_are_told_of_once_too(moto: Files) -> None:
    begun = moto.s3.create_multipart_upload(Bucket="drop", Key="incoming/parts.csv", ContentType="text/csv")
    parts = []
    for number, body in enumerate((AN_MEBIBYTE * 5, b"end"), 1):
        told = {"Bucket": "drop", "Key": "incoming/parts.csv", "UploadId": begun["UploadId"], "PartNumber": number}
        parts.append({"PartNumber": number, "ETag": moto.s3.upload_part(Body=body, **told)["ETag"]})
    moto.s3.complete_multipart_upload(
        Bucket="drop", Key="incoming/parts.csv", UploadId=begun["UploadId"], MultipartUpload={"Parts": parts}
    )
    [uploaded] = moto.events("Jobs", 1)
    assert uploaded["detail"]["reason"] == "CompleteMultipartUpload"
    assert uploaded["detail"]["object"]["size"] == 5 * len(AN_MEBIBYTE) + 3
    moto.s3.copy_object(Bucket="drop", Key="incoming/copy.csv", CopySource="drop/incoming/parts.csv")
    [copied] = moto.events("Jobs", 1)
    assert (copied["detail"]["reason"], copied["detail"]["object"]["key"]) == ("CopyObject", "incoming/copy.csv")


def test_what_the_rule_does_not_ask_for_is_not_told(moto: Files) -> None:
    moto.s3.put_object(Bucket="drop", Key="results/a.csv", Body=CSV)
    moto.s3.put_object(Bucket="drop", Key="incoming/last.csv", Body=CSV)
    [event] = moto.events("Jobs", 1)
    assert event["detail"]["object"]["key"] == "incoming/last.csv"
    moto.s3.delete_object(Bucket="drop", Key="incoming/last.csv")
    assert moto.events("Jobs", 0) == []


def test_the_aws_commands_upload_is_told_of(moto: Files, tmp_path: Path) -> None:
    aws = shutil.which("aws")
    if aws is None or subprocess.run([aws, "--version"], capture_output=True, check=False).returncode:
        pytest.skip("the aws command is not installed: `pip install awscli`, anywhere on PATH")
    (tmp_path / "big.csv").write_bytes(AN_MEBIBYTE * 9)  # the command sends what is over 8 MiB in parts
    told = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "laptop", "AWS_SECRET_ACCESS_KEY": "laptop"}
    told |= {"AWS_DEFAULT_REGION": "eu-west-1", "HOME": str(tmp_path)}
    command = [aws, "--endpoint-url", moto.sdk.services, "s3", "cp", "big.csv", "s3://drop/incoming/big.csv"]
    subprocess.run(command, cwd=tmp_path, env=told, capture_output=True, timeout=300, check=True)
    [event] = moto.events("Jobs", 1)
    assert event["detail"]["object"]["size"] == 9 * len(AN_MEBIBYTE)


def test_a_bucket_has_the_rules_of_the_template(moto: Files) -> None:
    assert moto.s3.get_bucket_versioning(Bucket="drop")["Status"] == "Enabled"
    [rule] = moto.s3.get_bucket_cors(Bucket="drop")["CORSRules"]
    assert (rule["AllowedMethods"], rule["AllowedOrigins"], rule["MaxAgeSeconds"]) == (
        ["PUT"],
        ["https://a.example"],
        60,
    )


NOTED = {"job": "j"}
BEGUN = ["incoming/a b+ü.csv", "incoming/" + "x" * 900]  # what the rule asks for
KEYS = [*BEGUN, "../..", ".", "a/b", "a%2Fb", "*?[]"]


def versions(s3: Any) -> list[tuple[Any, ...]]:
    told = s3.list_object_versions(Bucket="drop")
    found = [(one["Key"], one["VersionId"], one["IsLatest"], one["ETag"], one["Size"]) for one in told["Versions"]]
    marks = [(one["Key"], one["VersionId"], one["IsLatest"]) for one in told.get("DeleteMarkers", [])]
    times = sorted(one["LastModified"] for one in told["Versions"])
    return [*sorted(found), *sorted(marks), *times]


def test_objects_their_versions_and_headers_survive_a_restart_and_are_told_of_again(tmp_path: Path) -> None:
    with files(tmp_path) as moto:
        for key in KEYS:
            moto.s3.put_object(Bucket="drop", Key=key, Body=key.encode(), ContentType="text/csv", Metadata={"job": "j"})
        old = moto.s3.put_object(Bucket="drop", Key="again", Body=b"old")["VersionId"]
        gone = moto.s3.put_object(Bucket="drop", Key="again", Body=b"gone")["VersionId"]
        moto.s3.put_object(Bucket="drop", Key="again", Body=b"new")
        moto.s3.delete_object(Bucket="drop", Key="again", VersionId=gone)
        moto.s3.put_object(Bucket="drop", Key="deleted", Body=b"deleted")
        moto.s3.delete_object(Bucket="drop", Key="deleted")
        before = versions(moto.s3)
    with files(tmp_path) as moto:
        assert versions(moto.s3) == before
        assert replay_object_events(moto.resolver, moto.client) == len(BEGUN)
        waiting = moto.events("Jobs", 2 * len(BEGUN))  # what the queue kept, and what it is told again
        assert Counter(told["detail"]["object"]["key"] for told in waiting) == dict.fromkeys(BEGUN, 2)
        for key in KEYS:
            kept = moto.s3.get_object(Bucket="drop", Key=key)
            assert (kept["Body"].read(), kept["ContentType"], kept["Metadata"]) == (
                key.encode(),
                "text/csv",
                {"job": "j"},
            )
        assert moto.s3.get_object(Bucket="drop", Key="again")["Body"].read() == b"new"
        assert moto.s3.get_object(Bucket="drop", Key="again", VersionId=old)["Body"].read() == b"old"
        with pytest.raises(moto.s3.exceptions.NoSuchKey):
            moto.s3.get_object(Bucket="drop", Key="deleted")
    on_disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"gone" not in on_disk.replace(b"long gone", b"")


class Functions:
    """Lambda's Invoke for one function of tests/data/handlers, in a loop of its own."""

    def __init__(self, handler: str, folder: Path) -> None:
        self._spec = FunctionSpec("Probe", f"probe.{handler}", 20.0, 256, {}, 2, (HANDLERS,))
        self._folder = folder
        self._ready = threading.Event()
        self._stop: Callable[[], object] = bool
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self.url = ""

    async def _serve(self) -> None:
        runtime = Runtime({"Probe": self._spec}, self._folder / "logs")
        with claim(0) as listening:
            self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            serving = server(LambdaApi(runtime))
            loop = asyncio.get_running_loop()
            self._stop = lambda: loop.call_soon_threadsafe(setattr, serving, "should_exit", True)
            self._ready.set()
            await serving.serve(sockets=[listening])
        await runtime.stop()

    def __enter__(self) -> "Functions":
        self._thread.start()
        self._ready.wait(SOON_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self._thread.join()


def ended(moto: Files, machine: str, name: str) -> dict[str, Any]:
    """What became of an execution."""
    steps = moto.client("stepfunctions")
    arn = moto.resolver.refs[machine].replace(":stateMachine:", ":execution:") + f":{name}"
    found: dict[str, Any] = {}

    def over() -> bool:
        found.update(steps.describe_execution(executionArn=arn))
        return bool(found["status"] != "RUNNING")

    until(over)
    return found


def start(moto: Files, machine: str, name: str, given: object) -> None:
    arn = moto.resolver.refs[machine]
    moto.client("stepfunctions").start_execution(stateMachineArn=arn, name=name, input=json.dumps(given))


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Files]:
    home = tmp_path_factory.mktemp("steps")
    with Functions("raises_what_it_is_told", home) as functions, files(home, functions.url) as running:
        yield running


def test_a_map_over_an_object_runs_in_our_functions_and_its_errors_have_their_names(steps: Files) -> None:
    items: Sequence[Any] = [{"n": 1}, {"n": 2, "raise": "ValueError"}, {"n": 3}]
    steps.s3.put_object(Bucket="drop", Key="work/items.json", Body=json.dumps(items).encode())
    start(steps, "Machine", "job-1", {"bucket": "drop", "key": "work/items.json"})
    done = ended(steps, "Machine", "job-1")
    assert done["status"] == "SUCCEEDED", done
    first, second, third = json.loads(done["output"])
    assert (first, third) == (items[0], items[2])
    assert second["error"]["Error"] == "ValueError"
    [event] = steps.events("Ended", 1)
    assert event["detail-type"] == "Step Functions Execution Status Change"
    assert (event["detail"]["name"], event["detail"]["status"]) == ("job-1", "SUCCEEDED")
    until(lambda: running_executions(steps.home / "executions.json") == {})


def test_an_execution_that_fails_says_why(steps: Files) -> None:
    start(steps, "Waiting", "job-2", {"raise": "KeyError"})
    done = ended(steps, "Waiting", "job-2")
    [event] = steps.events("Ended", 1)
    assert (done["status"], done["error"]) == ("FAILED", "KeyError")
    assert (event["detail"]["status"], event["detail"]["error"]) == ("FAILED", "KeyError")


def test_an_execution_is_known_by_its_name_and_without_one_gets_one(steps: Files) -> None:
    start(steps, "Waiting", "job-3", {"n": 1})
    assert json.loads(ended(steps, "Waiting", "job-3")["output"]) == {"n": 1}
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        start(steps, "Waiting", "job-3", {"n": 1})
    told = {"stateMachineArn": steps.resolver.refs["Waiting"], "input": "{}"}
    first, second = (steps.client("stepfunctions").start_execution(**told)["executionArn"] for _ in range(2))
    assert first != second
    steps.events("Ended", 3)


def test_what_ran_when_it_went_away_is_started_again_under_its_name(tmp_path: Path) -> None:
    given = {"began": str(tmp_path / "began"), "go": str(tmp_path / "go")}
    with Functions("waits", tmp_path) as functions:
        with files(tmp_path, functions.url) as moto:
            start(moto, "Waiting", "job-4", given)
            until((tmp_path / "began").exists)
        (tmp_path / "go").touch()
        with files(tmp_path, functions.url) as moto:
            assert restart_executions(moto.client, tmp_path / "executions.json") == 1
            assert ended(moto, "Waiting", "job-4")["status"] == "SUCCEEDED"
            until(lambda: running_executions(tmp_path / "executions.json") == {})
