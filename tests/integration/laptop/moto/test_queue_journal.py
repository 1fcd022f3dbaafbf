"""Messages in moto's queues: what was acknowledged as sent is there after a restart, what was deleted is not."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.laptop.moto import server as moto_server
from infra.laptop.process.port import free
from infra.laptop.sdk import Sdk

ATTRIBUTE = {
    "kind": {"DataType": "String", "StringValue": "parked"},
    "raw": {"DataType": "Binary", "BinaryValue": b"\0"},
}
MOVED_AT_ONCE = 1  # receives, before a message goes to the dead-letter queue


@contextmanager
def sqs(home: Path) -> Iterator[Any]:
    """A client of a moto that keeps its state in `home`."""
    port = free(0)
    with moto_server.serve(port, home / "logs" / "moto.log", home, "http://127.0.0.1:9"):
        url = f"http://127.0.0.1:{port}"
        client = Sdk(url, url, url).client("sqs")
        yield client
        client.close()


def queue(client: Any, name: str = "Parked", **attributes: str) -> str:
    url: str = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url


def received(client: Any, url: str) -> list[dict[str, Any]]:
    asked = {"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "AttributeNames": ["All"]}
    found: list[dict[str, Any]] = client.receive_message(**asked).get("Messages", [])
    return found


def bodies(client: Any, url: str) -> list[str]:
    return [message["Body"] for message in received(client, url)]


def test_what_was_sent_and_not_deleted_survives_a_restart(tmp_path: Path) -> None:
    with sqs(tmp_path) as client:
        url = queue(client)
        client.send_message(QueueUrl=url, MessageBody="€ kept\nwhole", MessageAttributes=ATTRIBUTE)
        entries = [{"Id": str(number), "MessageBody": f"{number}"} for number in range(3)]
        client.send_message_batch(QueueUrl=url, Entries=entries)
        for message in received(client, url):
            if message["Body"] == "1":
                client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    with sqs(tmp_path) as client:
        first, *others = received(client, queue(client))
        assert (first["Body"], [one["Body"] for one in others]) == ("€ kept\nwhole", ["0", "2"])
        assert first["Attributes"]["ApproximateReceiveCount"] == "1"
        assert {name: value["DataType"] for name, value in first["MessageAttributes"].items()} == {
            "kind": "String",
            "raw": "Binary",
        }
        assert first["MessageAttributes"]["raw"]["BinaryValue"] == b"\0"


def test_a_dead_letter_is_in_its_own_queue_after_a_restart(tmp_path: Path) -> None:
    def both(client: Any) -> tuple[str, str]:
        dead = queue(client, "Dead")
        arn = client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": MOVED_AT_ONCE})
        return queue(client, "Worked", RedrivePolicy=redrive, VisibilityTimeout="0"), dead

    with sqs(tmp_path) as client:
        worked, dead = both(client)
        client.send_message(QueueUrl=worked, MessageBody="poison")
        assert bodies(client, worked) == ["poison"]
        assert bodies(client, worked) == []
        assert bodies(client, dead) == ["poison"]
    with sqs(tmp_path) as client:
        worked, dead = both(client)
        assert (bodies(client, worked), bodies(client, dead)) == ([], ["poison"])


def test_a_queue_that_is_empty_leaves_nothing_of_its_messages_on_disk(tmp_path: Path) -> None:
    with sqs(tmp_path) as client:
        url = queue(client)
        client.send_message(QueueUrl=url, MessageBody="C123 paid")
        file = tmp_path / "queues" / "Parked.jsonl"
        assert file.stat().st_mode & 0o077 == 0
        [message] = received(client, url)
        client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        assert file.read_bytes() == b""
        client.send_message(QueueUrl=url, MessageBody="purged")
        client.purge_queue(QueueUrl=url)
        assert file.read_bytes() == b""


def test_what_cannot_be_kept_is_not_acknowledged(tmp_path: Path) -> None:
    with sqs(tmp_path) as client:
        url = queue(client)
        (tmp_path / "queues").touch()  # nothing can be written in a folder that is a file
        with pytest.raises(ClientError):
            client.send_message(QueueUrl=url, MessageBody="lost")
        assert bodies(client, url) == []
        (tmp_path / "queues").unlink()
        client.send_message(QueueUrl=url, MessageBody="kept")
        assert bodies(client, url) == ["kept"]


def test_nothing_of_a_deleted_message_stays_on_disk_while_another_waits(tmp_path: Path) -> None:
    with sqs(tmp_path) as client:
        url = queue(client)
        for body in ("C-who-was-erased", "still here"):
            client.send_message(QueueUrl=url, MessageBody=body)
        [gone] = [one for one in received(client, url) if one["Body"] != "still here"]
        client.delete_message(QueueUrl=url, ReceiptHandle=gone["ReceiptHandle"])
        told = b"".join(path.read_bytes() for path in tmp_path.rglob("*.jsonl"))
        assert (b"C-who-was-erased" in told, b"still here" in told) == (False, True)
    with sqs(tmp_path) as client:
        assert bodies(client, queue(client)) == ["still here"]
