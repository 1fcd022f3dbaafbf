"""The product's own handlers with a defect in front of them: while the file that FAULTY names is there, some fail.

The worker's has to do with large amounts and the consumer's with small ones, so that each is seen by itself.
"""

import json
import os
from pathlib import Path
from typing import Any

from functions.analytics import retry as sound_retry
from functions.analytics import stream as sound_stream
from functions.ingest import worker as sound_worker


def worker(event: dict[str, Any], context: Any) -> Any:
    """Refuses the messages of large transactions."""
    refused = [one for one in event["Records"] if _is_faulty() and _is_large(one["body"])]
    rest = [one for one in event["Records"] if one not in refused]
    answer = sound_worker.lambda_handler(event | {"Records": rest}, context) if rest else {"batchItemFailures": []}
    failures = [*answer["batchItemFailures"], *({"itemIdentifier": one["messageId"]} for one in refused)]
    return {"batchItemFailures": failures}


def consumer(event: dict[str, Any], context: Any) -> Any:
    """Fails where a small transaction is among the records."""
    if _is_faulty() and any(_is_small(record["dynamodb"]["NewImage"]) for record in event["Records"]):
        raise RuntimeError("a defect that comes with a release")
    return sound_stream.lambda_handler(event, context)


def retry(event: dict[str, Any], context: Any) -> Any:
    """Has the consumer's defect: they share their code."""
    if _is_faulty():
        raise RuntimeError("a defect that comes with a release")
    return sound_retry.lambda_handler(event, context)


def _is_faulty() -> bool:
    return Path(os.environ["FAULTY"]).exists()


def _is_large(body: str) -> bool:
    return float(json.loads(body)["transaction"]["amount"]) >= 1_000_000


def _is_small(item: dict[str, Any]) -> bool:
    return float(item["amount"]["N"]) < 3
