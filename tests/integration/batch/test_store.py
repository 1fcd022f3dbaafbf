"""Decisions of a file in DynamoDB: groups in transactions, each row with a result of its own."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from fraudshield.aws import client
from fraudshield.batch.dynamo_store import CONFLICT, KNOWN, STORED, DecisionWrites, Refused
from fraudshield.batch.result import StoreProgress, progress_key
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.dynamo_item import to_item
from tests.chunk import DRAINED, HEADER, row, score
from tests.content import built_in
from tests.job_run import Batch
from tests.stack import Stack
from tests.stack import client as asked

TOO_LONG = "z" * 3000  # for a key
REFUSAL = b'{"__type": "ResourceNotFoundException", "message": "gone"}'


class Said(io.BytesIO):
    """The raw response whose stream botocore reads."""

    def stream(self) -> Iterator[bytes]:
        """All of it."""
        yield self.read()


def decisions(*names: str, **changes: str) -> list[ScoredTransaction]:
    return [named(one, name) for name in names for one in score(HEADER + row(**(DRAINED | changes))).kept]


def named(scored: ScoredTransaction, name: str) -> ScoredTransaction:
    transaction = built_in(scored.transaction).model_copy(update={"transaction_id": name})
    return replace(scored, transaction=transaction, decision=replace(scored.decision, transaction_id=name))


def stored(stack: Stack, name: str) -> dict[str, Any]:
    key = {"transaction_id": {"S": name}, "record": {"S": "transaction"}}
    item: dict[str, Any] = asked("dynamodb").get_item(TableName=stack.transactions, Key=key).get("Item", {})
    return item


def test_each_decision_of_a_group_has_its_own_result(engine_stack: Stack) -> None:
    table = engine_stack.transactions
    first = DecisionWrites(table, "job#0")
    assert first.write(decisions("a", "b")) == [STORED, STORED]
    [other] = decisions("c", nameDest="C8")
    asked("dynamodb").put_item(TableName=table, Item=to_item(other, "api"))
    [open_] = decisions("d")
    undecided = {
        name: value for name, value in to_item(open_, "store").items() if name not in {"outcome", "decision_json"}
    }
    asked("dynamodb").put_item(TableName=table, Item=undecided)
    group = decisions("a", "c", "d", "e", TOO_LONG)
    assert DecisionWrites(table, "job#1").write(group) == [KNOWN, CONFLICT, STORED, STORED, Refused()]
    assert first.write(decisions("a", "b")) == [STORED, STORED]  # an attempt knows what it stored itself
    assert stored(engine_stack, "d")["batch_row"] == {"S": "job#1"}
    assert "outcome" in stored(engine_stack, "d")


def test_an_id_that_comes_twice_in_a_group_is_stored_once(engine_stack: Stack) -> None:
    writes = DecisionWrites(engine_stack.transactions, "job#0")
    assert writes.write([*decisions("a", "b"), *decisions("a")]) == [STORED] * 3
    assert stored(engine_stack, "b")


@pytest.fixture(scope="module")
def batch(lasting_files: Stack) -> Batch:
    return Batch(lasting_files)


@pytest.fixture
def refusing() -> Iterator[Callable[[bool], None]]:
    """A function that has DynamoDB refuse the decisions of files, or no longer."""
    state = {"on": False}

    def refuse(**_: Any) -> Any:
        if not state["on"]:
            return None
        return AWSResponse("http://dynamodb", 400, HTTPHeaders(), Said(REFUSAL))

    events = client.files_dynamodb().meta.events
    events.register_first("before-send.dynamodb.TransactWriteItems", refuse)
    yield lambda on: state.update(on=on)
    events.unregister("before-send.dynamodb.TransactWriteItems", refuse)


def test_a_job_whose_decisions_cannot_be_stored_delivers_its_results_and_names_them(
    batch: Batch, refusing: Callable[[bool], None]
) -> None:
    refusing(True)
    rows = "".join(row(transaction_id=f"un-{at}", **(DRAINED if at % 3 == 0 else {})) for at in range(9))
    job = batch.score(HEADER + rows, "incoming/unstored.csv")
    assert (job.status, job.results and job.results["unstored"], job.progress.flagged) == ("completed", 3, 3)
    assert len(batch.scored(job)) == 9
    told = batch.send("GET", f"/jobs/{job.job_id}").json
    assert told["unstored_items"] == 3
    assert f"results/{job.job_id}/unstored.csv" in told["unstored_url"]
    text = batch.read(job.result_key("unstored.csv")).decode()
    expected = "".join(f"un-{at},block,store_unavailable\n" for at in (0, 3, 6))
    assert text == "transaction_id,decision,code\n" + expected


def test_a_job_whose_decisions_are_all_stored_names_none(batch: Batch) -> None:
    job = batch.score(HEADER + row(transaction_id="all-0", **DRAINED), "incoming/all.csv")
    told = batch.send("GET", f"/jobs/{job.job_id}").json
    assert (told["status"], told["unstored_items"], told["unstored_url"]) == ("completed", 0, None)
    assert job.result_key("unstored.csv") not in batch.names()


def test_a_store_that_comes_back_between_two_attempts_has_all(batch: Batch, refusing: Callable[[bool], None]) -> None:
    calls = 0

    def recovering(call: Callable[[], Any]) -> Any:
        nonlocal calls
        calls += 1
        refusing(calls < 4)  # the plan and two attempts at the chunk
        return call()

    text = HEADER + row(transaction_id="back-0", **DRAINED)
    job = Batch(batch.stack, recovering).score(text, "incoming/back.csv")
    assert job.results is not None
    assert (job.status, job.results["stored"], job.results["unstored"]) == ("completed", 1, 0)
    assert job.plan_id is not None
    kept = StoreProgress.model_validate_json(batch.read(progress_key(job.job_id, job.plan_id, 0)))
    assert kept.stalls == 2
