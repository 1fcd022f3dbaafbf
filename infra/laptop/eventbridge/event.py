"""Events as EventBridge sends them, of objects and of executions.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html and
https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

import time
from typing import Any
from uuid import uuid4

from infra.laptop.intrinsic import PSEUDO

CREATED = "Object Created"


def object_created(
    bucket: str, key: str, size: int, etag: str, version_id: str | None, reason: str = "PutObject"
) -> dict[str, Any]:
    """The event of a new object. Its key is not encoded; an unversioned one has no version."""
    told: dict[str, Any] = {"key": key, "size": size, "etag": etag}
    if version_id is not None:
        told["version-id"] = version_id
    detail = {
        "version": "0",
        "bucket": {"name": bucket},
        "object": told | {"sequencer": f"{time.time_ns():016X}"},
        "request-id": uuid4().hex[:16].upper(),
        "requester": PSEUDO["AWS::AccountId"],
        "source-ip-address": "127.0.0.1",
        "reason": reason,
    }
    return _event("aws.s3", CREATED, [f"arn:aws:s3:::{bucket}"], detail)


def execution_changed(execution_arn: str, detail: dict[str, Any]) -> dict[str, Any]:
    """The event of an execution that began or ended."""
    return _event("aws.states", "Step Functions Execution Status Change", [execution_arn], detail)


def _event(source: str, kind: str, resources: list[str], detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": kind,
        "source": source,
        "account": PSEUDO["AWS::AccountId"],
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "region": PSEUDO["AWS::Region"],
        "resources": resources,
        "detail": detail,
    }
