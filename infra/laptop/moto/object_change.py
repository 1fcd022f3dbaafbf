"""What one request has changed in moto's S3: kept on disk and sent to EventBridge before the request is answered."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from moto.s3.models import S3Backend

from infra.laptop.eventbridge.event import object_created
from infra.laptop.moto.event_bus import put_event
from infra.laptop.moto.object_mirror import ObjectMirror

_put_object, _delete_object = S3Backend.put_object, S3Backend.delete_object

REASONS = {  # S3's event, EventBridge's word
    "s3:ObjectCreated:Put": "PutObject",
    "s3:ObjectCreated:Post": "POST Object",
    "s3:ObjectCreated:Copy": "CopyObject",
    "s3:ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
}
UNVERSIONED = "null"

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(slots=True)
class _Changes:
    """Buckets and keys that were written or removed; new objects and why they are there, the last reason counts."""

    keys: dict[tuple[str, str], None] = field(default_factory=dict)
    created: dict[int, tuple[Any, str]] = field(default_factory=dict)


_request = threading.local()


def put_object(backend: Any, bucket_name: str, key_name: str, *args: Any, **kwargs: Any) -> Any:
    """Replaces moto's: notes the change. Every way to make an object comes here; its headers follow later."""
    key = _put_object(backend, bucket_name, key_name, *args, **kwargs)
    _changes().keys[bucket_name, key_name] = None
    return key


def delete_object(backend: Any, bucket_name: str, key_name: str, *args: Any, **kwargs: Any) -> Any:
    """Replaces moto's: notes the change. Every way to remove an object comes here."""
    response = _delete_object(backend, bucket_name, key_name, *args, **kwargs)
    _changes().keys[bucket_name, key_name] = None
    return response


def send_event(_: str, event_name: Any, bucket: Any, key: Any) -> None:
    """Replaces moto's own, which tells of an upload in parts twice and before its headers are there."""
    told = bucket.notification_configuration
    if told is not None and told.event_bridge is not None and event_name.value in REASONS:
        _changes().created[id(key)] = (key, REASONS[event_name.value])


def with_changes_kept(app: App, mirror: ObjectMirror) -> App:
    """Return `app`, answering once what it changed is on disk and EventBridge has the event."""

    def remembered(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        _request.changes = _Changes()
        response = app(environ, start_response)
        changes = _changes()
        for bucket, key in changes.keys:
            mirror.write(bucket, key)
        for key, reason in changes.created.values():
            version = None if key.version_id == UNVERSIONED else key.version_id
            put_event(object_created(key.bucket_name, key.name, key.size, key.etag.strip('"'), version, reason))
        return response

    return remembered


def _changes() -> _Changes:
    if not hasattr(_request, "changes"):
        _request.changes = _Changes()
    changes: _Changes = _request.changes
    return changes
