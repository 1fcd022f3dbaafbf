"""moto, made to keep what it acknowledges under threads, and quick enough to try things on.

Each replacement says what it mends. They reach into moto, so it is pinned and anything else is refused.
"""

import copy
import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import moto
from moto.cloudwatch.models import CloudWatchBackend
from moto.core.common_models import BaseModel
from moto.core.responses import ActionResult
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.dynamodbstreams.models import DynamoDBStreamsBackend
from moto.s3 import notifications
from moto.s3.models import S3Backend
from moto.sqs.models import Message, Queue, SQSBackend

from infra.laptop.errors import SetupError
from infra.laptop.moto.metric_store import get_metric_data, put_metric_data
from infra.laptop.moto.object_change import delete_object, put_object, send_event

VERSION = "5.2.5"
ITEM_OPERATIONS = frozenset({"GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"})

_dynamodb = threading.RLock()
_call_action = DynamoHandler.call_action
_transact = DynamoDBBackend.transact_write_items
_put_item, _delete_item, _all_items = Table.put_item, Table.delete_item, Table.all_items
_execute_result = ActionResult.execute_result
_get_records = DynamoDBStreamsBackend.get_records
_delete_message, _receive_message = Queue.delete_message, SQSBackend.receive_message
_send_message = SQSBackend.send_message


@dataclass(frozen=True, slots=True)
class Patch:
    """One replacement: `owner.name` is to be `replacement`."""

    owner: Any
    name: str
    replacement: Any

    def apply(self) -> None:
        """Put the replacement in for the rest of the process."""
        setattr(self.owner, self.name, self.replacement)


def apply(more: Iterable[Patch] = ()) -> None:
    """Put every patch in place. Raises SetupError for another moto than the one they were written for."""
    if moto.__version__ != VERSION:
        raise SetupError(f"moto is {moto.__version__}; the laptop needs {VERSION}, as requirements/run.txt has")
    for patch in (*PATCHES, *more):
        patch.apply()


def one_at_a_time(handler: Any) -> Any:
    """moto reads, changes and writes an item without a lock: concurrent updates get lost."""
    with _dynamodb:
        return _call_action(handler)


def transact_write_items(backend: Any, transact_items: list[dict[str, Any]]) -> None:
    """moto copies whole tables before each transaction, to put them back if it fails: keep what it touches instead."""
    operations = [op for entry in transact_items for op in entry.values() if op["TableName"] in backend.tables]
    tables = {op["TableName"]: backend.tables[op["TableName"]] for op in operations}
    undo = [_Undo.of(tables[op["TableName"]], op) for op in operations]
    records = [(table, len(table.stream_shard.items)) for table in tables.values() if table.stream_shard]
    for table in tables.values():
        table.__deepcopy__ = _itself(table)
    try:
        _transact(backend, transact_items)
    except Exception:
        for step in undo:
            step.put_back()
        for table, length in records:
            del table.stream_shard.items[length:]
        raise
    finally:
        for table in tables.values():
            del table.__deepcopy__


def untracked(cls: type, *_: Any, **__: Any) -> Any:
    """moto remembers every object it ever made, for a reset that nobody asks for here: memory grows without end."""
    return object.__new__(cls)


def put_item(table: Any, *args: Any, **kwargs: Any) -> Any:
    """Forget the kept order of items: one may have come."""
    table.__dict__.pop("in_order", None)
    return _put_item(table, *args, **kwargs)


def delete_item(table: Any, *args: Any, **kwargs: Any) -> Any:
    """Forget the kept order of items: one may have gone."""
    table.__dict__.pop("in_order", None)
    return _delete_item(table, *args, **kwargs)


def all_items(table: Any) -> list[Any]:
    """moto sorts the whole table for every scan and index query: keep the order until an item comes or goes."""
    if "in_order" not in table.__dict__:
        table.in_order = _all_items(table)
    return list(table.in_order)


def execute_result(response: Any, context: Any) -> Any:
    """moto takes most of a millisecond an item to turn into JSON what is in DynamoDB's JSON already."""
    operation = context.operation_model.name
    if context.service_model.service_name != "dynamodb" or operation not in ITEM_OPERATIONS:
        return _execute_result(response, context)
    if not isinstance(response.result, Mapping):
        return _execute_result(response, context)
    told = {name: value for name, value in response.result.items() if value is not None}
    return 200, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(told, default=_plain)


def delete_message(queue: Any, receipt_handle: str) -> None:
    """moto rebuilds its list of messages while others append to it: a message sent meanwhile gets lost."""
    with queue._messages_lock:
        _delete_message(queue, receipt_handle)


def receive_message(backend: Any, queue_name: str, *args: Any, **kwargs: Any) -> Any:
    """moto moves messages to the dead-letter queue without its lock. Waiting for a message lets go of it."""
    with backend.get_queue(queue_name)._messages_lock:
        return _receive_message(backend, queue_name, *args, **kwargs)


def send_message(
    backend: Any,
    queue_name: str,
    message_body: str,
    message_attributes: Any = None,
    delay_seconds: Any = None,
    deduplication_id: Any = None,
    group_id: Any = None,
    system_attributes: Any = None,
    validate_group_id: bool = True,
) -> Any:
    """moto counts the whole queue for each message that it takes in: with 1,000 waiting it took 40 ms a message."""
    queue = backend.get_queue(queue_name)
    if queue.fifo_queue or deduplication_id is not None or delay_seconds:
        extra = (message_attributes, delay_seconds, deduplication_id, group_id, system_attributes, validate_group_id)
        return _send_message(backend, queue_name, message_body, *extra)
    backend._validate_message(queue, message_body, 0, None, group_id, validate_group_id)
    message = Message(str(uuid4()), message_body, system_attributes)
    message.group_id = group_id
    message.message_attributes = message_attributes or {}
    message.mark_sent(delay_seconds=int(queue.delay_seconds if delay_seconds is None else 0))
    queue.add_message(message)
    return message


def is_retained(backend: Any, queue_name: str, message: Any) -> bool:
    """moto counts the whole queue three times for each message it hands out: 1,000 waiting took 660 ms a batch."""
    until_s = message.sent_timestamp / 1000 + int(backend.get_queue(queue_name).message_retention_period)
    return bool(until_s > time.time())


def get_records(backend: Any, iterator: str, limit: int) -> Any:
    """moto keeps every iterator that it ever gave: forget the one that the next replaces."""
    response = _get_records(backend, iterator, limit)
    del backend.shard_iterators[iterator]
    return response


PATCHES: Iterable[Patch] = (
    Patch(DynamoHandler, "call_action", one_at_a_time),
    Patch(DynamoDBBackend, "transact_write_items", transact_write_items),
    Patch(BaseModel, "__new__", untracked),
    Patch(Table, "put_item", put_item),
    Patch(Table, "delete_item", delete_item),
    Patch(Table, "all_items", all_items),
    Patch(ActionResult, "execute_result", execute_result),
    Patch(DynamoDBStreamsBackend, "get_records", get_records),
    Patch(Queue, "delete_message", delete_message),
    Patch(SQSBackend, "receive_message", receive_message),
    Patch(SQSBackend, "send_message", send_message),
    Patch(CloudWatchBackend, "put_metric_data", put_metric_data),
    Patch(CloudWatchBackend, "get_metric_data", get_metric_data),
    Patch(S3Backend, "put_object", put_object),
    Patch(S3Backend, "delete_object", delete_object),
    Patch(notifications, "send_event", send_event),
    Patch(SQSBackend, "is_message_valid_based_on_retention_period", is_retained),
)


NOTHING = {"NULL": True}  # for a key that is missing: no item has this one, and moto refuses the operation later


@dataclass(frozen=True, slots=True)
class _Undo:
    """An item as it was before; None where there was none."""

    table: Any
    hash_key: DynamoType
    range_key: DynamoType | None
    before: Any

    @classmethod
    def of(cls, table: Any, operation: Mapping[str, Any]) -> "_Undo":
        key = operation.get("Key") or operation.get("Item") or {}
        hash_key = DynamoType(key.get(table.hash_key_attr, NOTHING))
        range_key = DynamoType(key.get(table.range_key_attr, NOTHING)) if table.has_range_key else None
        return cls(table, hash_key, range_key, copy.deepcopy(table.get_item(hash_key, range_key)))

    def put_back(self) -> None:
        self.table.__dict__.pop("in_order", None)
        items = self.table.items
        with suppress(KeyError):
            if self.range_key is not None:
                items, last = items[self.hash_key], self.range_key
            else:
                last = self.hash_key
            if self.before is None:
                del items[last]
            else:
                items[last] = self.before


def _itself(table: Any) -> Callable[[Any], Any]:
    return lambda _: table


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.to_regular_json() if hasattr(value, "to_regular_json") else value.to_json()
