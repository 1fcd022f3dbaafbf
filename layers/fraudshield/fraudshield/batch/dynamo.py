"""Jobs in DynamoDB: one item each, a mark for each chunk that was counted, and one item of counts.

Each change is one transaction on condition of what was read, so it is made once, however often it is tried.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.batch.dynamo_item import JOB_RECORD, from_item, job_page, progress_numbers, to_item
from fraudshield.batch.job import ENDED, Job, JobProgress, Status
from fraudshield.batch.port import JobEnd, PinnedPlan
from fraudshield.dynamo.attempt import retried
from fraudshield.dynamo.failure import cause
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import CONDITION_FAILED, NO_REASON, cancellation_reasons
from fraudshield.errors import JobEnded, NotFound, StoreUnavailable
from fraudshield.text.timestamp import instant

COUNTS: Any = attributes({"job_id": "#counts", "record": "counts"})
PATIENCE_S, PAUSE_S = 5.0, 0.05  # for a transaction that meets others on the same item
MOST_FAILURES = 100  # that are shown of a job
NO_CONFLICT = {NO_REASON, CONDITION_FAILED}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DynamoJobStore:
    """The `JobStore` port on one table. Jobs age out after `days`."""

    table: str
    days: int

    def create(self, job: Job) -> tuple[Job, bool]:
        put = {"Put": {"TableName": self.table, "Item": to_item(job, self.days), **_if("attribute_not_exists(job_id)")}}
        new = self._written([put, self._counting({job.status: 1})]) is None
        return self.find(job.job_id), new

    def find(self, job_id: str) -> Job:
        found = _requested(
            lambda: client.jobs_dynamodb().get_item(TableName=self.table, Key=_key(job_id), ConsistentRead=True)
        )
        if "Item" not in found:
            raise NotFound(f"There is no job {job_id[:64]}")
        return from_item(found["Item"])

    def begin(self, job: Job, pinned: PinnedPlan, at: datetime) -> Job:
        """Sets the job running; its progress starts at zero where the plan is a new one."""
        values: dict[str, Any] = attributes(
            {
                "plan_id": pinned.plan_id,
                "chunks": pinned.chunks,
                "model_version": pinned.model_version,
                "policy_version": pinned.policy_version,
                "started_at": instant(job.started_at or at),
            }
        )
        if pinned.plan_id != job.plan_id:
            values |= attributes(progress_numbers(JobProgress()))
        self._move(job, "running", values)
        return self.find(job.job_id)

    def note_chunk(self, job_id: str, plan_id: str, index: int, progress: JobProgress) -> None:
        """Writes a mark of the chunk and adds to the counters, in one transaction."""
        mark = _key(job_id, f"chunk#{plan_id}#{index:05d}") | attributes({"expires_at": self._expiry()})
        added = progress_numbers(progress)
        update = {
            "Update": {
                "TableName": self.table,
                "Key": _key(job_id),
                "UpdateExpression": "ADD " + ", ".join(f"#{name} :{name}" for name in added),
                "ConditionExpression": "plan_id = :plan_id",
                "ExpressionAttributeNames": {f"#{name}": name for name in added},
                "ExpressionAttributeValues": attributes(
                    {":plan_id": plan_id, **{f":{name}": number for name, number in added.items()}}
                ),
            }
        }
        put = {"Put": {"TableName": self.table, "Item": mark, **_if("attribute_not_exists(job_id)")}}
        refused = self._written([put, update])
        if refused is not None and refused[0] != CONDITION_FAILED:
            raise JobEnded("The job goes by another plan")

    def note_failure(self, job_id: str, plan_id: str, index: int, reason: str) -> None:
        values = attributes({"reason": reason, "expires_at": self._expiry()})
        item = _key(job_id, f"failure#{plan_id}#{index:05d}") | values
        _requested(lambda: client.jobs_dynamodb().put_item(TableName=self.table, Item=item))

    def failures(self, job_id: str, plan_id: str) -> Mapping[int, str]:
        """Returns the first hundred reasons."""
        prefix = f"failure#{plan_id}#"
        found = _requested(
            lambda: client.jobs_dynamodb().query(
                TableName=self.table,
                KeyConditionExpression="job_id = :job AND begins_with(#record, :prefix)",
                ExpressionAttributeNames={"#record": "record"},
                ExpressionAttributeValues=attributes({":job": job_id, ":prefix": prefix}),
                Limit=MOST_FAILURES,
            )
        )
        return {int(item["record"]["S"].removeprefix(prefix)): item["reason"]["S"] for item in found["Items"]}

    def end(self, job_id: str, ending: JobEnd) -> tuple[Job, bool]:
        values: dict[str, Any] = attributes(
            {
                "completed_at": instant(ending.at),
                "error_code": ending.error_code,
                "error_message": ending.error_message,
                "results": json.dumps(dict(ending.results)) if ending.results is not None else None,
            }
        )
        rows = {}
        if ending.progress is not None:
            values |= attributes(progress_numbers(ending.progress))
            rows = {
                "rows": ending.progress.rows,
                "rejected": ending.progress.rejected,
                "flagged": ending.progress.flagged,
            }
        while not (job := self.find(job_id)).ended:
            if self._move(job, ending.status, values, rows):
                return self.find(job_id), True
        return job, False

    def restart(self, job: Job) -> Job:
        if job.status in ENDED - {"completed"}:
            self._move(job, "pending", attributes({"attempt": job.attempt + 1}), forget=True)
        return self.find(job.job_id)

    def page(self, status: Status | None, limit: int, after: object) -> tuple[Sequence[Job], object]:
        return _requested(lambda: job_page(self.table, status, limit, after))

    def counts(self) -> Mapping[str, int]:
        found = _requested(
            lambda: client.jobs_dynamodb().get_item(TableName=self.table, Key=COUNTS, ConsistentRead=True)
        )
        return {name: int(value["N"]) for name, value in found.get("Item", {}).items() if "N" in value}

    def _move(
        self,
        job: Job,
        status: Status,
        values: Mapping[str, Any],
        rows: Mapping[str, int] | None = None,
        *,
        forget: bool = False,
    ) -> bool:
        """Changes the status, on condition that the stored job is as `job` was read; returns whether it was."""
        plan = "plan_id = :was_plan" if job.plan_id else "attribute_not_exists(plan_id)"
        update = {
            "Update": {
                "TableName": self.table,
                "Key": _key(job.job_id),
                "UpdateExpression": "SET #status = :status"
                + "".join(f", #{name} = :{name}" for name in values)
                + (" REMOVE completed_at, error_code, error_message" if forget else ""),
                "ConditionExpression": f"#status = :was AND attempt = :was_attempt AND {plan}",
                "ExpressionAttributeNames": {"#status": "status", **{f"#{name}": name for name in values}},
                "ExpressionAttributeValues": {
                    **attributes({":status": status, ":was": job.status, ":was_attempt": job.attempt}),
                    **attributes({":was_plan": job.plan_id or None}),
                    **{f":{name}": value for name, value in values.items()},
                },
            }
        }
        moved: dict[str, int] = {job.status: -1, status: 1} if status != job.status else {}
        counting = [self._counting({**moved, **(rows or {})})] if moved or rows else []
        return self._written([update, *counting]) is None

    def _counting(self, added: Mapping[str, int]) -> Any:
        return {
            "Update": {
                "TableName": self.table,
                "Key": COUNTS,
                "UpdateExpression": "ADD " + ", ".join(f"#{name} :{name}" for name in added),
                "ExpressionAttributeNames": {f"#{name}": name for name in added},
                "ExpressionAttributeValues": attributes({f":{name}": number for name, number in added.items()}),
            }
        }

    def _expiry(self) -> int:
        return int(time.time()) + self.days * 86_400

    def _written(self, writes: list[Any]) -> list[str] | None:
        """Writes all or nothing: None when written, else why each was refused. Raises StoreUnavailable."""
        write = partial(client.jobs_dynamodb().transact_write_items, TransactItems=writes)
        try:
            retried(write, _may_pass, PAUSE_S, stop_at=time.monotonic() + PATIENCE_S)
        except (BotoCoreError, ClientError) as exc:
            if _is_settled(reasons := cancellation_reasons(exc)):
                return reasons
            raise _unavailable(exc) from exc
        return None


def _key(job_id: str, record: str = JOB_RECORD) -> Any:
    return attributes({"job_id": job_id, "record": record})


def _if(condition: str) -> dict[str, str]:
    return {"ConditionExpression": condition}


def _is_settled(reasons: list[str]) -> bool:
    """Whether only conditions refused a transaction: trying again would change nothing."""
    return bool(reasons) and NO_CONFLICT.issuperset(reasons)


def _may_pass(exc: BotoCoreError | ClientError) -> bool:
    return isinstance(exc, ClientError) and not _is_settled(cancellation_reasons(exc))


def _requested(request: Callable[[], T]) -> T:
    try:
        return request()
    except (BotoCoreError, ClientError) as exc:
        raise _unavailable(exc) from exc


def _unavailable(exc: BotoCoreError | ClientError) -> StoreUnavailable:
    return StoreUnavailable(f"The jobs could not be reached: {cause(exc)}")
