"""moto's SQS messages on disk, so that what was acknowledged as sent survives a restart.

`NAME.jsonl` has a line for each message that was sent or deleted; it is written anew when its queue is made and while
few are left, and emptied when its queue is empty. Receives are not written: after a restart a message is visible and
counts from none.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from moto.sqs.models import Message, Queue, SQSBackend

from infra.laptop import private_file
from infra.laptop.moto import patch as moto_patch
from infra.laptop.moto.patch import Patch

BINARY = "base64"  # bytes as JSON has them
FEW = 20  # messages: so many are written anew for each that goes, so that nothing of it stays on disk
JOURNAL = "journal"  # the attribute of a message that names the queue whose file has it

_add_message, _create_queue = Queue.add_message, SQSBackend.create_queue
_purge_queue, _delete_queue = SQSBackend.purge_queue, SQSBackend.delete_queue


class QueueJournal:
    """A folder with a file for each queue, for this user's eyes only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()

    def patches(self) -> Iterable[Patch]:
        """Have moto write down what comes and goes. To be put in place behind the patches of `patch.py`."""
        return (
            Patch(Queue, "add_message", _function(self._add)),
            Patch(Queue, "delete_message", _function(self._delete)),
            Patch(SQSBackend, "create_queue", _function(self._create)),
            Patch(SQSBackend, "purge_queue", _function(self._purge)),
            Patch(SQSBackend, "delete_queue", _function(self._drop)),
        )

    def _add(self, queue: Any, message: Any) -> None:
        """A message counts as sent once it is on disk. One that moved to a dead-letter queue is in that one's file."""
        with queue._messages_lock:
            _add_message(queue, message)
            if message not in queue._messages:
                return  # a duplicate in a FIFO queue
            try:
                self._append(queue.name, _sent(message))
            except OSError:
                queue._messages.remove(message)
                raise
        before = getattr(message, JOURNAL, queue.name)
        if before != queue.name:
            self._forget(before, [message.id])
        setattr(message, JOURNAL, queue.name)

    def _delete(self, queue: Any, handle: str) -> None:
        with queue._messages_lock:
            before = {message.id for message in queue._messages}
            moto_patch.delete_message(queue, handle)
            left = list(queue._messages)
            if not left:
                self._empty(queue.name)
            elif len(left) <= FEW:
                self._rewrite(queue.name, map(_sent, left))
            else:
                self._forget(queue.name, before - {message.id for message in left})

    def _create(self, backend: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        new = name not in backend.queues
        queue = _create_queue(backend, name, *args, **kwargs)
        if new:
            waiting = self._waiting(name)
            self._rewrite(name, waiting)
            for entry in waiting:
                message = _message(entry)
                setattr(message, JOURNAL, name)
                _add_message(queue, message)
        return queue

    def _purge(self, backend: Any, name: str) -> None:
        _purge_queue(backend, name)
        self._empty(name)

    def _drop(self, backend: Any, name: str) -> None:
        _delete_queue(backend, name)
        self._path(name).unlink(missing_ok=True)

    def _waiting(self, name: str) -> list[Mapping[str, Any]]:
        sent: dict[str, Mapping[str, Any]] = {}
        with suppress(FileNotFoundError):
            for line in self._path(name).read_text(encoding="utf-8").splitlines():
                try:
                    entry = json.loads(line, object_hook=_decoded)
                except ValueError:  # the last one, where the machine stopped in the middle of it
                    continue
                if "deleted" in entry:
                    sent.pop(entry["deleted"], None)
                else:
                    sent[entry["id"]] = entry
        return list(sent.values())

    def _rewrite(self, name: str, waiting: Iterable[Mapping[str, Any]]) -> None:
        """On a full disk the file stays as it is, which says the same in more words."""
        with suppress(OSError):
            if self._path(name).exists():
                private_file.write_bytes(self._path(name), b"".join(map(_line, waiting)))

    def _forget(self, name: str, ids: Iterable[str]) -> None:
        """On a full disk the note is left out: then the message comes again after a restart, as any may."""
        with suppress(OSError):
            for one in ids:
                self._append(name, {"deleted": one})

    def _empty(self, name: str) -> None:
        with suppress(FileNotFoundError):
            os.truncate(self._path(name), 0)

    def _append(self, name: str, entry: Mapping[str, Any]) -> None:
        """Append a whole line or nothing.

        Raises:
            OSError: the disk is full.
        """
        line = _line(entry)
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(self._path(name), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                before = os.fstat(file).st_size
                try:
                    written = os.write(file, line)
                    if written < len(line):
                        os.write(file, line[written:])
                except OSError:
                    os.ftruncate(file, before)
                    raise
            finally:
                os.close(file)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.jsonl"


def _function(bound: Callable[..., Any]) -> Callable[..., Any]:
    """What a class gives its instance to as the first argument; to a bound method it would not."""
    return lambda *args, **kwargs: bound(*args, **kwargs)  # noqa: PLW0108


def _line(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, default=_encoded).encode() + b"\n"


def _sent(message: Any) -> dict[str, Any]:
    return {
        "id": message.id,
        "body": message.body,
        "attributes": message.message_attributes,
        "system_attributes": message.system_attributes,
        "sent_ms": message.sent_timestamp,
        "delayed_until_ms": message.delayed_until,
        "group": message.group_id,
        "deduplication": message.deduplication_id,
    }


def _message(entry: Mapping[str, Any]) -> Any:
    message: Any = Message(entry["id"], entry["body"], entry["system_attributes"])
    message.message_attributes = entry["attributes"]
    message.sent_timestamp = entry["sent_ms"]
    message.delayed_until = entry["delayed_until_ms"]
    message.group_id = entry["group"]
    message.deduplication_id = entry["deduplication"]
    return message


def _encoded(value: bytes) -> dict[str, str]:
    return {BINARY: b64encode(value).decode()}


def _decoded(value: dict[str, Any]) -> Any:
    return b64decode(value[BINARY]) if value.keys() == {BINARY} else value
