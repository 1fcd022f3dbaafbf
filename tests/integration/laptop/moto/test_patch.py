"""What is mended in moto: each patch does its work, and its test fails where moto is left as it is."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import moto
import pytest
from moto import mock_aws
from moto.core.responses import ActionResult
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.dynamodbstreams.models import DynamoDBStreamsBackend, dynamodbstreams_backends
from moto.s3 import notifications
from moto.sqs.models import Queue, SQSBackend, sqs_backends

from infra.laptop.errors import SetupError
from infra.laptop.moto import patch as moto_patch
from infra.laptop.moto.patch import PATCHES

ACCOUNT, REGION = "123456789012", "eu-west-1"
NOTICE_S = 0.3  # long enough for another thread to get in, were there no lock

Apply = Callable[..., None]


@pytest.fixture(autouse=True)
def aws() -> Iterator[None]:
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName="things",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "sort", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "sort", "AttributeType": "S"},
            ],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
        yield


@pytest.fixture
def patched(monkeypatch: pytest.MonkeyPatch) -> Apply:
    """Puts the named patches in place for one test."""

    def apply(*owners: Any) -> None:
        for patch in PATCHES:
            if patch.owner in owners:
                monkeypatch.setattr(patch.owner, patch.name, patch.replacement)

    return apply


@pytest.fixture
def table() -> Any:
    return dynamodb_backends[ACCOUNT][REGION].tables["things"]


def put(number: int, **attributes: Any) -> None:
    boto3.client("dynamodb").put_item(TableName="things", Item=item(number) | attributes)


def item(number: int) -> dict[str, Any]:
    return {"id": {"S": f"i{number}"}, "sort": {"S": "s"}, "n": {"N": str(number)}}


def transact(*operations: Any) -> None:
    boto3.client("dynamodb").transact_write_items(TransactItems=list(operations))


def failing(number: int) -> dict[str, Any]:
    condition = {"Key": key(number), "ConditionExpression": "attribute_not_exists(id)"}
    return {"ConditionCheck": {"TableName": "things"} | condition}


def key(number: int) -> dict[str, Any]:
    return {"id": {"S": f"i{number}"}, "sort": {"S": "s"}}


def stored() -> dict[str, str]:
    return {one["id"]["S"]: one["n"]["N"] for one in boto3.client("dynamodb").scan(TableName="things")["Items"]}


def overlapping(monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether two calls to DynamoDB run at the same time."""
    together = threading.Barrier(2)
    met: list[bool] = []

    def probe(handler: Any) -> ActionResult:
        try:
            together.wait(NOTICE_S)
            met.append(True)
        except threading.BrokenBarrierError:
            met.append(False)
        return ActionResult({"TableNames": []})

    monkeypatch.setattr(DynamoHandler, "list_tables", probe)
    client = boto3.client("dynamodb")
    threads = [threading.Thread(target=client.list_tables) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return any(met)


def test_calls_to_dynamodb_run_one_after_the_other(patched: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    assert overlapping(monkeypatch)
    patched(DynamoHandler)
    assert not overlapping(monkeypatch)


class Tripwire(dict[Any, Any]):
    """Must not be copied."""

    def __deepcopy__(self, memo: Any) -> Any:
        raise AssertionError("the whole table is copied")


def test_a_transaction_copies_only_what_it_touches(patched: Apply, table: Any) -> None:
    table.items[DynamoType({"S": "tripwire"})] = Tripwire()
    put_it = {"Put": {"TableName": "things", "Item": item(1)}}
    with pytest.raises(AssertionError, match="whole table"):
        transact(put_it)
    patched(DynamoDBBackend)
    transact(put_it)
    assert stored() == {"i1": "1"}


def test_a_transaction_that_fails_leaves_everything_as_it_was(patched: Apply, table: Any) -> None:
    patched(DynamoDBBackend, Table)
    for number in range(4):
        put(number)
    before, records = stored(), len(table.stream_shard.items)
    add = {"UpdateExpression": "SET n = n + :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    client = boto3.client("dynamodb")
    with pytest.raises(client.exceptions.TransactionCanceledException):
        transact(
            {"Put": {"TableName": "things", "Item": item(9)}},
            {"Put": {"TableName": "things", "Item": item(0) | {"n": {"N": "77"}}}},
            {"Update": {"TableName": "things", "Key": key(1)} | add},
            {"Delete": {"TableName": "things", "Key": key(2)}},
            failing(3),
        )
    assert (stored(), len(table.stream_shard.items)) == (before, records)


def test_another_threads_write_survives_a_transaction_that_fails(
    patched: Apply, table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    patched(DynamoDBBackend, Table)
    put(3)
    original = DynamoDBBackend.delete_item

    def meanwhile(backend: Any, *args: Any, **kwargs: Any) -> Any:
        table.put_item(item(5))  # as another thread would, were there no lock
        return original(backend, *args, **kwargs)

    monkeypatch.setattr(DynamoDBBackend, "delete_item", meanwhile)
    with pytest.raises(boto3.client("dynamodb").exceptions.TransactionCanceledException):
        transact({"Delete": {"TableName": "things", "Key": key(2)}}, failing(3))
    assert stored() == {"i3": "3", "i5": "5"}


def test_tables_are_still_copied_for_a_backup(patched: Apply, table: Any) -> None:
    patched(DynamoDBBackend)
    transact({"Put": {"TableName": "things", "Item": item(1)}})
    backup = boto3.client("dynamodb").create_backup(TableName="things", BackupName="backup")["BackupDetails"]
    put(2)
    kept = dynamodb_backends[ACCOUNT][REGION].backups[backup["BackupArn"]].table
    assert len(kept.items) == 1


def test_objects_are_not_remembered(patched: Apply) -> None:
    remembered: Any = Item.instances_tracked  # type: ignore[attr-defined]
    before = len(remembered)
    put(1)
    assert len(remembered) > before
    patched(moto.core.common_models.BaseModel)
    before = len(remembered)
    put(2)
    assert len(remembered) == before


def test_a_table_is_sorted_once_for_many_reads(patched: Apply, table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        put(number)
    compared: list[int] = []
    original = DynamoType.__lt__

    def counted(one: Any, other: Any) -> bool:
        compared.append(1)
        return original(one, other)

    monkeypatch.setattr(DynamoType, "__lt__", counted)
    table.all_items()
    assert compared
    patched(Table)
    table.all_items()
    compared.clear()
    table.all_items()
    assert not compared


def test_the_order_is_taken_anew_when_items_come_and_go(patched: Apply) -> None:
    patched(Table, DynamoDBBackend)
    put(2)
    assert stored() == {"i2": "2"}
    put(1)
    assert list(stored()) == ["i1", "i2"]
    boto3.client("dynamodb").delete_item(TableName="things", Key=key(2))
    assert stored() == {"i1": "1"}
    with pytest.raises(boto3.client("dynamodb").exceptions.TransactionCanceledException):
        transact({"Put": {"TableName": "things", "Item": item(4)}}, failing(1))
    assert stored() == {"i1": "1"}


def test_items_go_out_without_the_slow_serializer(patched: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    put(1, blob={"B": b"\x00\xff"}, many={"SS": ["a", "b"]}, deep={"M": {"x": {"L": [{"NULL": True}]}}})
    client = boto3.client("dynamodb")
    answers: list[Any] = [client.get_item(TableName="things", Key=key(1)), client.scan(TableName="things")]
    patched(ActionResult)

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("serialized by moto")

    monkeypatch.setattr(ResponseSerializer, "serialize", refuse)
    again: list[Any] = [client.get_item(TableName="things", Key=key(1)), client.scan(TableName="things")]
    for one in (*answers, *again):
        del one["ResponseMetadata"]
    assert again == answers
    monkeypatch.setattr(ActionResult, "execute_result", moto_patch._execute_result)
    with pytest.raises(AssertionError, match="serialized by moto"):
        client.get_item(TableName="things", Key=key(1))


def iterators_after_three_reads() -> int:
    put(1)
    streams: Any = boto3.client("dynamodbstreams")
    arn = boto3.client("dynamodb").describe_table(TableName="things")["Table"]["LatestStreamArn"]
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    iterator = streams.get_shard_iterator(**place)["ShardIterator"]
    for _ in range(3):
        answer = streams.get_records(ShardIterator=iterator)
        iterator = answer["NextShardIterator"]
    return len(dynamodbstreams_backends[ACCOUNT][REGION].shard_iterators)


def test_an_iterator_is_forgotten_for_the_next(patched: Apply) -> None:
    assert iterators_after_three_reads() == 4
    dynamodbstreams_backends[ACCOUNT][REGION].shard_iterators.clear()
    patched(DynamoDBStreamsBackend)
    assert iterators_after_three_reads() == 1


def told_of_an_upload_in_parts(name: str) -> int:
    s3: Any = boto3.client("s3")
    sqs, events = boto3.client("sqs"), boto3.client("events")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=name, EventPattern='{"detail-type": ["Object Created"]}')
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    place = {"Bucket": name, "Key": "a"}
    upload = s3.create_multipart_upload(**place)["UploadId"]
    etag = s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"1")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload=parts)
    return len(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []))


def test_moto_itself_tells_of_an_upload_in_parts_twice_and_is_kept_from_it(patched: Apply) -> None:
    assert told_of_an_upload_in_parts("unpatched") == 2
    patched(notifications)
    assert told_of_an_upload_in_parts("patched") == 0  # our own event comes when the request is done


class Interrupted(list[Any]):
    """A list of messages: while it is read through, another thread sends one."""

    def __init__(self, messages: list[Any], send: Callable[[], object]) -> None:
        super().__init__(messages)
        self._sender = threading.Thread(target=send)

    def __iter__(self) -> Iterator[Any]:
        yield from super().__iter__()
        if self._sender.ident is None:
            self._sender.start()
            self._sender.join(NOTICE_S)


def left_after_a_delete_with_a_message_coming_in() -> int:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="first")
    queue: Any = sqs_backends[ACCOUNT][REGION].get_queue("q")
    receipt = sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
    interrupted = Interrupted(queue._messages, lambda: sqs.send_message(QueueUrl=url, MessageBody="second"))
    queue._messages = interrupted
    queue.delete_message(receipt)
    interrupted._sender.join()
    left = len(queue._messages)
    sqs.delete_queue(QueueUrl=url)
    return left


def test_a_message_that_comes_while_another_is_deleted_is_kept(patched: Apply) -> None:
    assert left_after_a_delete_with_a_message_coming_in() == 0
    patched(Queue)
    assert left_after_a_delete_with_a_message_coming_in() == 1


def test_receiving_holds_the_queue_but_lets_go_of_it_to_wait(patched: Apply) -> None:
    patched(SQSBackend, Queue)
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sender = threading.Timer(0.2, lambda: sqs.send_message(QueueUrl=url, MessageBody="late"))
    sender.start()
    assert [one["Body"] for one in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]] == ["late"]
    sender.join()


def test_what_fails_too_often_goes_to_the_dead_letter_queue(patched: Apply) -> None:
    patched(SQSBackend, Queue)
    sqs = boto3.client("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    policy = f'{{"deadLetterTargetArn": "arn:aws:sqs:{REGION}:{ACCOUNT}:dead", "maxReceiveCount": 2}}'
    attributes: Any = {"RedrivePolicy": policy, "VisibilityTimeout": "0"}
    live = sqs.create_queue(QueueName="live", Attributes=attributes)["QueueUrl"]
    sqs.send_message(QueueUrl=live, MessageBody="poison")
    received = [len(sqs.receive_message(QueueUrl=live).get("Messages", [])) for _ in range(3)]
    assert received == [1, 1, 0]
    assert [one["Body"] for one in sqs.receive_message(QueueUrl=dead)["Messages"]] == ["poison"]


def test_a_backlog_is_not_counted_for_each_message_that_goes_out(
    patched: Apply, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    count = SQSBackend.get_queue_attributes

    def counting(backend: Any, queue_name: str, *args: Any) -> Any:
        counted.append(queue_name)
        return count(backend, queue_name, *args)

    monkeypatch.setattr(SQSBackend, "get_queue_attributes", counting)
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]

    def times_counted() -> int:
        sqs.send_message(QueueUrl=url, MessageBody="one of many")
        counted.clear()
        assert len(sqs.receive_message(QueueUrl=url)["Messages"]) == 1
        return len(counted)

    assert times_counted() > 0
    patched(SQSBackend)
    assert times_counted() == 0


def test_a_backlog_is_not_counted_for_each_message_that_comes_in(
    patched: Apply, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []

    def count(queue: Any) -> int:
        counted.append(1)
        return len(queue.messages)

    monkeypatch.setattr(Queue, "approximate_number_of_messages", property(count))
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]

    def times_counted() -> int:
        counted.clear()
        sqs.send_message(QueueUrl=url, MessageBody="one of many", MessageAttributes=ATTRIBUTES)
        times = len(counted)
        [message] = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
        assert (message["Body"], message["MessageAttributes"]) == ("one of many", ATTRIBUTES)
        return times

    assert times_counted() > 0
    patched(SQSBackend)
    assert times_counted() == 0


ATTRIBUTES: Any = {"kind": {"DataType": "String", "StringValue": "x"}}


def test_what_is_delayed_waits_with_the_patch_too(patched: Apply) -> None:
    patched(SQSBackend)
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"DelaySeconds": "60"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="later")
    sqs.send_message(QueueUrl=url, MessageBody="sooner", DelaySeconds=0)
    assert [one["Body"] for one in sqs.receive_message(QueueUrl=url)["Messages"]] == ["sooner"]


def test_what_was_kept_for_its_time_does_not_go_out(patched: Apply) -> None:
    patched(SQSBackend)
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"MessageRetentionPeriod": "60"})["QueueUrl"]
    for age_s, found in ((59, 1), (61, 0)):
        sqs.send_message(QueueUrl=url, MessageBody="old")
        message: Any = sqs_backends[ACCOUNT][REGION].queues["q"]._messages[-1]
        message.sent_timestamp -= age_s * 1000
        assert len(sqs.receive_message(QueueUrl=url).get("Messages", [])) == found


def test_the_patches_are_for_the_moto_that_is_installed() -> None:
    assert moto.__version__ == moto_patch.VERSION


def test_another_moto_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moto, "__version__", "5.3.0")
    with pytest.raises(SetupError, match=r"moto is 5\.3\.0"):
        moto_patch.apply()


def test_every_patch_replaces_something_that_is_there() -> None:
    assert [f"{patch.owner.__name__}.{patch.name}" for patch in PATCHES if not hasattr(patch.owner, patch.name)] == []
