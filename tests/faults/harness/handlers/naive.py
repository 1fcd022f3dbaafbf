"""A worker and a consumer that do their work well, once: nothing in them minds that an event comes again."""

from collections.abc import Iterator
from typing import Any

import boto3

from fraudshield.analytics.delta import delta_of
from fraudshield.analytics.dynamo_image import change_of
from fraudshield.scoring import wiring as scoring_wiring
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.settings import settings
from fraudshield.text import strict_json
from fraudshield.transaction.parser import read_transaction
from fraudshield.transaction.wiring import AggregateSettings, TransactionSettings


def worker(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """Scores each message and writes what came out, whatever is there."""
    return {"batchItemFailures": [{"itemIdentifier": one} for one in _refused(event)]}


def consumer(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """Adds each record to the counts, whether it was added before or not."""
    for record in event["Records"]:
        for (series, bucket), counters in delta_of(change_of(record)).items():
            names = {f"#{place}": name for place, name in enumerate(counters)}
            values = {f":{place}": {"N": str(value)} for place, value in enumerate(counters.values())}
            boto3.client("dynamodb").update_item(
                TableName=settings(AggregateSettings).aggregates_table,
                Key={"series": {"S": series}, "bucket": {"S": bucket}},
                UpdateExpression="ADD " + ", ".join(f"#{place} :{place}" for place in range(len(counters))),
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
            )
    return {"state": {}}


def _refused(event: dict[str, Any]) -> Iterator[str]:
    for record in event["Records"]:
        try:
            message: Any = strict_json.parse(record["body"].encode())
            [scored] = scoring_wiring.scorer().decide([read_transaction(message["transaction"], "")])
        except Exception:
            yield record["messageId"]
            continue
        table = settings(TransactionSettings).transactions_table
        boto3.client("dynamodb").put_item(TableName=table, Item=to_item(scored, "queue"))
