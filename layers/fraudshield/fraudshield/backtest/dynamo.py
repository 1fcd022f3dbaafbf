"""Tests on history in DynamoDB: an item each in the table of jobs, and one item that says which of them run.

Each change is one transaction on condition of what was there, so it is made once, however often it is tried.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from fraudshield.audit.audit import AuditEntry
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.aws import client
from fraudshield.backtest.backtest import AT_ONCE, Backtest
from fraudshield.backtest.dynamo_record import RECORD, backtest_of, comparisons_of, item_of, list_of
from fraudshield.dynamo.page import Calls
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import TIMES, written
from fraudshield.errors import NotFound, StoreUnavailable, TooManyAtOnce
from fraudshield.text.json_text import json_text
from fraudshield.text.timestamp import instant

RUNNING: Any = attributes({"job_id": "#backtests", "record": "running"})
NEWEST = 100  # that are looked at for how many drafts were tried and whether a version has been tested


@dataclass(frozen=True, slots=True)
class DynamoBacktestStore:
    """The `BacktestStore` port on the table of jobs. Tests age out after `days`."""

    table: str
    days: int
    calls: Calls
    audit: DynamoAuditLog

    def create(self, backtest: Backtest, entry: AuditEntry) -> None:
        put = {
            "Put": {
                "TableName": self.table,
                "Item": item_of(backtest, self.days),
                **_if("attribute_not_exists(job_id)"),
            }
        }
        taken = self._running("ADD", backtest.backtest_id)
        taken["Update"] |= _if("attribute_not_exists(running) OR size(running) < :most")
        taken["Update"]["ExpressionAttributeValues"] |= attributes({":most": AT_ONCE})
        for _ in range(TIMES):  # each turn but the last, another test was begun or ended at the same moment
            if self._written([put, taken, self.audit.put(entry)]) or self._item(backtest.backtest_id):
                return
            if len(self._get(RUNNING).get("running", {}).get("SS", ())) >= AT_ONCE:
                raise TooManyAtOnce(f"{AT_ONCE} tests on history run already; ask again when one of them has ended")
        raise StoreUnavailable("The test could not be stored: others were begun or ended all the time")

    def find(self, backtest_id: str) -> Backtest:
        found = self._item(backtest_id)
        if not found:
            raise NotFound(f"There is no test {backtest_id[:64]}")
        return backtest_of(found)

    def newest(self, event_type: str) -> Sequence[Backtest]:
        return self._newest(list_of(event_type))

    def comparisons(self, event_type: str) -> Sequence[Backtest]:
        return self._newest(comparisons_of(event_type))

    def _newest(self, key: str) -> Sequence[Backtest]:
        asked: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": "by_created",
            "KeyConditionExpression": "#list = :list",
            "ExpressionAttributeNames": {"#list": "list"},
            "ExpressionAttributeValues": attributes({":list": key}),
            "ScanIndexForward": False,
            "Limit": NEWEST,
        }
        found = self.calls.one(partial(client.jobs_dynamodb().query, **asked))
        return [backtest_of(item) for item in found["Items"]]

    def begin(self, backtest_id: str, parts: int) -> None:
        values = {"status": "running", "parts": parts}
        self._written([self._change(backtest_id, values, ["pending", "running"])])

    def note_part(self, backtest_id: str, index: int) -> None:
        """The numbers of the parts are a set, so that one that is noted twice counts once."""
        asked: dict[str, Any] = {
            "TableName": self.table,
            "Key": _key(backtest_id),
            "UpdateExpression": "ADD counted :index",
            "ExpressionAttributeValues": {":index": {"NS": [str(index)]}},
        }
        self.calls.one(partial(client.jobs_dynamodb().update_item, **asked))

    def complete(self, backtest_id: str, answer: Mapping[str, Any], at: datetime) -> None:
        self._end(backtest_id, {"status": "completed", "completed_at": instant(at), "answer": json_text(dict(answer))})

    def fail(self, backtest_id: str, code: str, message: str, at: datetime) -> None:
        said = {"error_code": code, "error_message": message}
        self._end(backtest_id, {"status": "failed", "completed_at": instant(at), **said})

    def _end(self, backtest_id: str, values: Mapping[str, Any]) -> None:
        writes = [self._change(backtest_id, values, ["pending", "running"]), self._running("DELETE", backtest_id)]
        for _ in range(TIMES):
            if self._written(writes) or self.find(backtest_id).ended:
                return
        raise StoreUnavailable("The end of the test could not be stored: others were begun or ended all the time")

    def _change(self, backtest_id: str, values: Mapping[str, Any], status: Sequence[str]) -> Any:
        was = {f":was{at}": one for at, one in enumerate(status)}
        return {
            "Update": {
                "TableName": self.table,
                "Key": _key(backtest_id),
                "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in values),
                "ConditionExpression": f"#status IN ({', '.join(was)})",
                "ExpressionAttributeNames": {f"#{name}": name for name in {*values, "status"}},
                "ExpressionAttributeValues": attributes({**{f":{name}": one for name, one in values.items()}, **was}),
            }
        }

    def _running(self, what: str, backtest_id: str) -> Any:
        return {
            "Update": {
                "TableName": self.table,
                "Key": RUNNING,
                "UpdateExpression": f"{what} running :id",
                "ExpressionAttributeValues": {":id": {"SS": [backtest_id]}},
            }
        }

    def _written(self, writes: list[Any]) -> bool:
        return self.calls.one(partial(written, writes, client.jobs_dynamodb))

    def _item(self, backtest_id: str) -> Any:
        return self._get(_key(backtest_id))

    def _get(self, key: Any) -> Any:
        asked: dict[str, Any] = {"TableName": self.table, "Key": key, "ConsistentRead": True}
        return self.calls.one(partial(client.jobs_dynamodb().get_item, **asked)).get("Item", {})


def _key(backtest_id: str) -> Any:
    return attributes({"job_id": backtest_id, "record": RECORD})


def _if(condition: str) -> dict[str, str]:
    return {"ConditionExpression": condition}
