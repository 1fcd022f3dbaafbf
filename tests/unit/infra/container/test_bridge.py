"""The bridge passes on what its own access key signed, to the service that the signature names, and nothing else."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from infra.container.bridge import NotPassedOn, Services, admitted, bridge
from infra.container.sam_local import write_variables

OURS, THEIRS = "0123456789abcdef0123456789abcdef", "laptop"
SERVICES = Services("http://127.0.0.1:1", {"dynamodb": "http://127.0.0.1:2"}, THEIRS)


def head(service: str = "s3", key: str = OURS, more: str = "") -> bytes:
    signed = f"AWS4-HMAC-SHA256 Credential={key}/20261201/us-east-1/{service}/aws4_request, Signature=00"
    return f"PUT /b/k HTTP/1.1\r\nHost: 172.17.0.1:9\r\n{more}Authorization: {signed}\r\nX: y\r\n\r\n".encode()


@pytest.mark.parametrize(("service", "port"), [("s3", 1), ("sqs", 1), ("dynamodb", 2)])
def test_a_request_goes_to_the_service_that_its_signature_names(service: str, port: int) -> None:
    upstream, passed = admitted(head(service), SERVICES, OURS)
    assert upstream == f"http://127.0.0.1:{port}"
    assert passed == head(service, THEIRS).replace(b"172.17.0.1:9", f"127.0.0.1:{port}".encode())


@pytest.mark.parametrize(
    "refused",
    [
        head(key="laptop"),
        head(key=OURS[:-1] + "e"),
        re.sub(rb"Authorization[^\r]*\r\n", b"", head()),
        head(more="Transfer-Encoding: chunked\r\n"),
        head(more="Content-Length: 1\r\nContent-Length: 2\r\n"),
    ],
    ids=["the laptop's key", "another key", "no signature", "chunked", "two lengths"],
)
def test_others_are_refused(refused: bytes) -> None:
    with pytest.raises(NotPassedOn):
        admitted(refused, SERVICES, OURS)


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


def test_an_sdk_works_through_it_and_with_another_key_does_not(moto: str) -> None:
    content = b"x" * 3_000_000

    def through(port: int, key: str) -> Any:
        account: Any = {"aws_access_key_id": key, "aws_secret_access_key": key, "region_name": "eu-west-1"}
        return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", **account)

    def used(port: int) -> bytes:
        s3 = through(port, OURS)
        s3.create_bucket(
            Bucket="bucket-of-a-container", CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name}
        )
        for _ in range(2):  # one connection for both
            s3.put_object(Bucket="bucket-of-a-container", Key="k", Body=content)
        body: bytes = s3.get_object(Bucket="bucket-of-a-container", Key="k")["Body"].read()
        with pytest.raises(ClientError, match="403"):
            through(port, "another").list_buckets()
        return body

    async def run() -> bytes:
        async with bridge("127.0.0.1", Services(moto, {}, THEIRS), OURS) as port:
            return await asyncio.to_thread(used, port)

    assert asyncio.run(run()) == content


def test_the_file_of_variables_has_what_the_laptop_has_but_for_the_endpoint(tmp_path: Path) -> None:
    path = tmp_path / "variables.json"
    functions = {
        "One": {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "KEYLESS_SCOPE": "", "TABLE": "t"},
        "Two": {"A": "b"},
    }
    write_variables(path, functions, "http://172.17.0.1:2", {"KEYLESS_SCOPE": "score"})
    assert json.loads(path.read_text()) == {
        "One": {"AWS_ENDPOINT_URL": "http://172.17.0.1:2", "KEYLESS_SCOPE": "score", "TABLE": "t"},
        "Two": {"A": "b", "AWS_ENDPOINT_URL": "http://172.17.0.1:2"},
    }
    assert path.stat().st_mode & 0o077 == 0
