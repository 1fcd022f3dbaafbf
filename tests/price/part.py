"""The parts of a payment's way whose price is recorded, each by its own handlers, one after another on one stack."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fraudshield.event_type import wiring as event_type_wiring
from functions.analytics import stream as counting
from functions.ingest import app as ingest
from functions.ingest import worker
from functions.model import app as model
from functions.monitoring import logs
from functions.notification import stream as telling
from functions.policy import app as policy
from infra.laptop.cloudwatch.log_pattern import LogPattern
from infra.laptop.template import Template, expand, of_type
from infra.price.record import PartRecord
from tests.aggregates.shop import SHOP
from tests.backtest.run import asked, run_to_end
from tests.caller import POLICY, Caller
from tests.conftest import README_TRANSACTION
from tests.job_run import Batch
from tests.log_event import ACCESS_LOGS, MODEL_LOGS, told
from tests.payments import payments
from tests.price.recorder import Recording, access_line, recording
from tests.price.size import OVERHEAD_BYTES, index_bytes, item_bytes
from tests.stack import ROOT, Stack, client
from tests.stream_history import change

ONE_BY_ONE, AT_ONCE = 25, 100  # payments that are sent in a call each, and those that are sent together
STEADY = 25  # of a hundred payments a second on four shards, in a second
ROWS, ROWS_STORED = 100_000, 2_000  # a chunk; of rows that are all stored fewer do
TOGETHER = 10  # log lines of a delivery, messages of a batch
TRANSITIONS, OF_A_CHUNK = 6, 3  # Plan, Score, Merge, Notify, a beginning and an end; a chunk's own
FLAGGED = README_TRANSACTION | {
    "type": "TRANSFER",
    "amount": 353874.22,
    "oldbalanceOrg": 353874.22,
    "newbalanceOrig": 0.0,
    "nameDest": "C1808767376",
}
SLOT = {"name": "slot_payment", "extends": "payment", "fields": {"device": {"kind": "text", "entity": True}}}
LISTED = {
    "based_on": 1,
    "thresholds": {"review": 0.0279, "block": 0.3923},
    "conditions": [{"code": "mule", "outcome": "block", "when": "nameDest in lists.mules"}],
}
SCORE: dict[str, Any] = json.loads((ROOT / "events/model_api_score.json").read_text())
INGEST: dict[str, Any] = json.loads((ROOT / "events/ingest_api_one.json").read_text())
MESSAGE: dict[str, Any] = json.loads((ROOT / "events/ingest_sqs_queued.json").read_text())["Records"][0]


@dataclass
class Parts:
    """The parts that were recorded, and the metrics that all of them write."""

    stack: Stack
    template: Template = field(default_factory=lambda: expand(ROOT / "template.yaml"))
    done: dict[str, PartRecord] = field(default_factory=dict)
    metrics: set[tuple[str, ...]] = field(default_factory=set)

    def online(self) -> None:
        """Records what an online payment goes through."""
        self.send(Recording(), [transaction("warm")])
        self._scored()
        self._kept()
        self._counted(self.records("ten-p")[:ONE_BY_ONE], "one", 1)
        self._counted(self.records("ten-p"), "steady", STEADY)
        self._counted(self.records("ten-p"), "hundred", AT_ONCE)
        self._told()

    def all(self) -> None:
        """Records every part. Policies and event types change in the last ones, so that the first have none."""
        self.online()
        self._queued()
        self._extras()
        self._history()
        for store, rows in (("none", ROWS), ("flagged", ROWS), ("all", ROWS_STORED)):
            self._file(store, rows)
        self._counted(self.records("", "batch"), "file", AT_ONCE)

    def keep(self, name: str, number: int, taken: Recording) -> None:
        """Keeps a part."""
        self.done[name] = taken.part(number)
        self.metrics |= taken.metrics

    def send(self, taken: Recording, sent: Sequence[Any], **more: Any) -> None:
        """Scores transactions in one call."""
        event = SCORE | {"body": json.dumps({"transactions": sent} | more)}
        body = taken.request("ModelFunction", model.lambda_handler, event, self.access)
        assert all(one["persisted"] for one in body["results"]), body

    @property
    def access(self) -> str:
        """A line of the access log."""
        return access_line(self.template)

    def records(self, prefix: str, source: str = "api") -> list[Any]:
        """The stored ones whose id begins so, as the table's stream brings them."""
        found = [change(None, one) for one in self._items(prefix, source)[:AT_ONCE]]
        for number, one in enumerate(found, 1):
            one["dynamodb"]["SequenceNumber"] = f"{number:021d}"
        return found

    def _items(self, prefix: str, source: str = "api") -> list[Any]:
        pages = client("dynamodb").get_paginator("scan").paginate(TableName=self.stack.transactions)
        return [
            one
            for page in pages
            for one in page["Items"]
            if one["transaction_id"]["S"].startswith(prefix) and one.get("source") == {"S": source}
        ]

    def _scored(self) -> None:
        with recording() as taken:
            for one in some(""):
                self.send(taken, [one])
        self.keep("score_one", ONE_BY_ONE, taken)
        lines = self._forwarded("ModelLogs", taken.lines["ModelFunction"]) * (AT_ONCE // ONE_BY_ONE)
        deliveries = [*grouped(lines, MODEL_LOGS), *grouped([self.access] * AT_ONCE, ACCESS_LOGS)]
        with recording() as taken:
            for delivery in deliveries:
                taken.invoke("MonitoringLogsFunction", logs.lambda_handler, delivery)
        self.keep("usage", AT_ONCE, taken)
        with recording() as taken:
            for ten in chunks(list(some("ten-", AT_ONCE)), 10):
                self.send(taken, ten)
        self.keep("score_ten", AT_ONCE, taken)

    def _kept(self) -> None:
        table, items = self.template["Resources"]["TransactionsTable"]["Properties"], self._items("p")
        own = sum(OVERHEAD_BYTES + item_bytes(one) for one in items)
        copies = sum(index_bytes(table, one) for one in items)
        months = {"stored_gb_months": (own + copies) / 1e9, "backup_gb_months": own / 1e9}
        self.done["kept"] = PartRecord(len(items), months, {})

    def _forwarded(self, group: str, lines: Sequence[str]) -> list[str]:
        """The lines of a log group that the template has told to `MonitoringLogsFunction`."""
        [pattern] = [
            one["FilterPattern"]
            for _, one in of_type(self.template, "AWS::Logs::SubscriptionFilter")
            if one["LogGroupName"] == {"Ref": group}
        ]
        return list(filter(LogPattern.read(group, pattern).matches, lines))

    def _counted(self, records: Sequence[Any], name: str, at_once: int) -> None:
        with recording() as taken:
            for some_of_them in chunks(records, at_once):
                event = {"shardId": f"shardId-{name}", "Records": some_of_them}
                taken.invoke("AnalyticsStreamFunction", counting.lambda_handler, event)
        self.keep(f"count_{name}", len(records), taken)

    def _told(self) -> None:
        ours = [FLAGGED | {"transaction_id": f"flagged-p{number}"} for number in range(TOGETHER)]
        self.send(Recording(), ours)
        items = self._items("flagged-p")
        with recording() as taken:
            for one in items:
                record = change(None, one)
                taken.invoke("NotificationStreamFunction", telling.lambda_handler, {"Records": [record]})
        self.keep("alert", len(items), taken)

    def _queued(self) -> None:
        for size, at_once, number in (("one", 1, ONE_BY_ONE), ("ten", 10, AT_ONCE)):
            with recording() as taken:
                for sent in chunks(list(some(f"queue-{size}-", number)), at_once):
                    event = INGEST | {"body": json.dumps({"transactions": sent})}
                    taken.request("IngestFunction", ingest.lambda_handler, event, self.access)
            self.keep(f"ingest_{size}", number, taken)
        bodies = self.stack.messages(self.stack.ingest)[:AT_ONCE]
        with recording() as taken:
            for some_of_them in chunks(bodies, TOGETHER):
                records = [MESSAGE | {"messageId": f"m{at}", "body": body} for at, body in enumerate(some_of_them)]
                assert not taken.invoke("IngestWorkerFunction", worker.lambda_handler, {"Records": records}).get(
                    "batchItemFailures"
                )
                taken.amounts["sqs_requests"] += 2  # Lambda's own: it receives them and deletes them
        self.keep("work", len(bodies), taken)

    def _extras(self) -> None:
        for document in (SLOT, {**SHOP, "name": "busy_payment", "aggregates": {}}):
            made = Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", document)
            assert made.status == 201, made.text
        event_type_wiring.event_types.cache_clear()
        self._online("score_plain", some("plain-"), event_type="slot_payment")
        self._online("score_slot", (one | {"device": "d-1"} for one in some("slot-")), event_type="slot_payment")
        self._online("", (one | {"terminal": "T1"} for one in some("busy-")), event_type="busy_payment")
        busy = self.records("busy-p")
        self._counted(busy, "busy", STEADY)
        for one in busy:
            del one["dynamodb"]["NewImage"]["busy"]
        self._counted(busy, "idle", STEADY)
        mules = {"kind": "account", "description": "Told by banks"}
        assert Caller(handler=policy.lambda_handler).send("PUT", "/api/v1/policy/lists/mules", mules).status == 200
        assert Caller().send("PUT", POLICY, LISTED).status == 200
        self.send(Recording(), [transaction("listed-warm")])
        self._online("score_list", some("list-"))

    def _online(self, name: str, sent: Iterable[Any], **more: Any) -> None:
        with recording() as taken:
            for one in sent:
                self.send(taken, [one], **more)
        if name:
            self.keep(name, ONE_BY_ONE, taken)

    def _history(self) -> None:
        """A test of what is stored, and one of two hundred more: what lies between is the payments' own."""
        more = 2 * AT_ONCE
        for name in ("history", "history_more"):
            batch = Batch(self.stack)
            with recording() as taken:
                batch.around = steps_of(taken, batch)
                run_to_end(batch, asked(2).json["backtest_id"])
            taken.amounts["state_transitions"] += TRANSITIONS + OF_A_CHUNK * batch.steps.count("score")
            self.keep(name, more, taken)
            for sent in chunks(list(some(f"{name}-", more)), AT_ONCE):
                self.send(Recording(), sent)

    def _file(self, store: str, rows: int) -> None:
        batch = Batch(self.stack)
        batch.put(f"uploads/{store}.csv", payments(rows).decode())
        asked_for = {"job_type": "process_csv", "store": store, "data": {"s3_key": f"uploads/{store}.csv"}}
        made = batch.send("POST", "/jobs", asked_for)
        assert made.status < 300, made.text
        with recording() as taken:
            batch.around = steps_of(taken, batch)
            job = batch.run(made.json["job_id"])
        assert (job.status, job.progress.rows) == ("completed", rows)
        taken.amounts["state_transitions"] += TRANSITIONS + OF_A_CHUNK * batch.steps.count("score")
        self.keep(f"file_{store}", rows, taken)


def steps_of(taken: Recording, batch: Batch) -> Callable[[Callable[[], Any]], Any]:
    """Has the steps of a job recorded."""
    return lambda call: taken.invoke("BatchTaskFunction", lambda *_: call(), None, batch.steps[-1])


def transaction(name: str) -> dict[str, Any]:
    """A payment that is approved."""
    return README_TRANSACTION | {"transaction_id": name, "occurred_at": datetime.now(UTC).isoformat()}


def some(prefix: str, number: int = ONE_BY_ONE) -> Iterator[dict[str, Any]]:
    """Payments of several accounts."""
    for at in range(number):
        yield transaction(f"{prefix}p{at:05d}") | {"nameOrig": f"C12345{at % 50:04d}", "nameDest": f"M98765{at:05d}"}


def grouped(lines: Sequence[str], group: str) -> Iterator[Any]:
    """Deliveries of log lines."""
    for at, some_of_them in enumerate(chunks(lines, TOGETHER)):
        yield told(*some_of_them, group=group, at=datetime.now(UTC), first=at * TOGETHER)


def chunks(all_of_them: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """So many at a time."""
    return (all_of_them[at : at + size] for at in range(0, len(all_of_them), size))
