"""A file's way through the steps of a job: what comes out, what is stored and counted, and what may happen twice."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin

import pytest

from fraudshield.analytics import wiring as analytics_wiring
from fraudshield.audit import wiring as audit_wiring
from fraudshield.batch import byte_range
from fraudshield.batch import wiring as batch_wiring
from fraudshield.batch.chunk import PART_BYTES
from fraudshield.erasure import wiring as erasure_wiring
from functions.batch import intake
from functions.database import app as database
from tests.authors import ADA
from tests.caller import Caller, Context
from tests.chunk import DRAINED, GOOD, HEADER, row
from tests.conftest import README_TRANSACTION
from tests.job_run import Batch, StepFailed, queued
from tests.stack import Stack, client

THIEVES = {**DRAINED, "amount": "9000000.00", "oldbalanceOrg": "9000000.00"}


@pytest.fixture(scope="module")
def batch(lasting_files: Stack) -> Batch:
    """The one stack of all tests here: each test has files of its own."""
    return Batch(lasting_files)


def payments(name: str, rows: int, flagged: tuple[int, ...] = ()) -> str:
    """A file with ids `name-0`, `name-1` and so on."""
    return HEADER + "".join(
        row(transaction_id=f"{name}-{at}", **(DRAINED if at in flagged else {})) for at in range(rows)
    )


def stored(stack: Stack, transaction_id: str) -> dict[str, str]:
    key = {"transaction_id": {"S": transaction_id}, "record": {"S": "transaction"}}
    item = client("dynamodb").get_item(TableName=stack.transactions, Key=key).get("Item", {})
    return {name: next(iter(value.values())) for name, value in item.items()}


def counted(name: str) -> Decimal:
    return analytics_wiring.aggregates().totals().get("batch", {}).get(name, Decimal())


def done_version(batch: Batch, chunks_key: str) -> str:
    """The version of the first chunk's checkpoint: another one where the chunk was scored again."""
    key = chunks_key.replace("chunks.json", "done/00000.json")
    found: str = client("s3").head_object(Bucket=batch.stack.bucket, Key=key)["VersionId"]
    return found


def test_a_file_that_comes_in_is_scored(batch: Batch) -> None:
    text = HEADER + row(transaction_id="a1") + row(transaction_id="a2", **DRAINED) + "x\n"
    job = batch.score(text, "incoming/a.csv")
    assert (job.status, job.error_message, job.percent) == ("completed", None, 100.0)
    rows = batch.scored(job)
    assert [(one["transaction_id"], one["decision"]) for one in rows] == [("a1", "approve"), ("a2", "block")]
    assert rows[1]["reasons"]
    assert [one[:3] for one in batch.rejects(job)] == [(4, "", "row_length")]
    assert (job.progress.rows, job.progress.rejected, job.progress.flagged) == (3, 1, 1)


def test_every_row_is_scored_or_rejected_and_says_the_line_of_the_file(
    batch: Batch, chunks_of: Callable[[int], None]
) -> None:
    chunks_of(300)
    lines = [row(transaction_id=f"b-{at}", amount="x" if at % 7 == 3 else "1") for at in range(40)]
    job = batch.score(HEADER + "".join(lines), "incoming/b.csv")
    assert job.chunks > 5
    assert [one["transaction_id"] for one in batch.scored(job)] == [f"b-{at}" for at in range(40) if at % 7 != 3]
    assert [line for line, *_ in batch.rejects(job)] == [at + 2 for at in range(40) if at % 7 == 3]
    assert job.results is not None
    assert job.results["rows"] == job.results["scored"] + job.results["rejected"] == 40


def test_the_risk_is_that_of_the_api(batch: Batch) -> None:
    sent = [README_TRANSACTION | {"transaction_id": f"c{at}", "amount": 10.0**at} for at in range(7)]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(GOOD), lineterminator="\n")
    writer.writeheader()
    writer.writerows(sent)
    rows = batch.scored(batch.score(text.getvalue(), "incoming/c.csv"))
    response = Caller().score(*sent, store=False).json["results"]
    assert [float(one["risk"]) for one in rows] == [one["risk"] for one in response]


def test_only_flagged_rows_are_stored_and_their_source_is_batch(batch: Batch) -> None:
    job = batch.score(payments("d", 3, (1,)), "incoming/d.csv")
    assert stored(batch.stack, "d-1")["source"] == "batch"
    assert not stored(batch.stack, "d-0")
    assert job.results is not None
    assert job.results["stored"] == 1


@pytest.mark.parametrize(("store", "kept"), [("all", 3), ("none", 0)])
def test_a_job_may_store_all_or_none(batch: Batch, store: str, kept: int) -> None:
    key = f"uploads/e/{store}.csv"
    client("s3").put_object(Bucket=batch.stack.bucket, Key=key, Body=payments(f"e{store}", 3, (1,)).encode())
    response = batch.send("POST", "/jobs", {"job_type": "process_csv", "data": {"s3_key": key}, "store": store})
    job = batch.run(response.json["job_id"])
    assert sum(bool(stored(batch.stack, f"e{store}-{at}")) for at in range(3)) == kept
    assert job.results is not None
    assert job.results["stored"] == kept


def test_a_row_that_another_source_decided_is_known_and_another_content_a_conflict(batch: Batch) -> None:
    texts = {"type", "nameOrig", "nameDest"}
    cells = {name: text for name, text in (GOOD | DRAINED).items() if name not in {"transaction_id", "step"}}
    first = {name: text if name in texts else float(text) for name, text in cells.items()}
    for name, more in (("f-0", {}), ("f-1", {"newbalanceDest": 7.0})):
        assert Caller().score(first | {"transaction_id": name, "step": 1} | more).status == 200
    job = batch.score(payments("f", 3, (0, 1, 2)), "incoming/f.csv")
    assert job.results is not None
    assert (job.results["stored"], job.results["known"], job.results["conflicts"]) == (1, 1, 1)


def test_an_id_in_two_chunks_is_stored_once_and_counted(batch: Batch, chunks_of: Callable[[int], None]) -> None:
    chunks_of(100)
    again = row(transaction_id="g-0", **DRAINED)
    job = batch.score(payments("g", 5, (0,)) + again + row(transaction_id="g-0", **THIEVES), "incoming/g.csv")
    assert job.results is not None
    assert (job.results["stored"], job.results["known"], job.results["conflicts"]) == (1, 1, 1)


def test_the_same_version_of_a_file_is_the_same_job_and_another_version_is_not(batch: Batch) -> None:
    job = batch.score(payments("h", 2), "incoming/h.csv")
    assert batch.tell(job.file.key, job.file.version).job_id == job.job_id
    response = batch.send("POST", "/jobs", {"job_type": "process_csv", "data": {"s3_key": "incoming/h.csv"}})
    assert (response.json["job_id"], response.json["status"], response.json["known"]) == (
        job.job_id,
        "completed",
        True,
    )
    assert "is known" in response.json["message"]
    assert batch.drop(payments("h2", 2), "incoming/h.csv").job_id != job.job_id


def test_a_file_that_is_replaced_meanwhile_is_scored_as_it_came(batch: Batch) -> None:
    job = batch.drop(payments("i", 2), "incoming/i.csv")
    client("s3").put_object(Bucket=batch.stack.bucket, Key="incoming/i.csv", Body=b"other")
    assert [one["transaction_id"] for one in batch.scored(batch.run(job.job_id))] == ["i-0", "i-1"]


def test_a_file_that_is_deleted_meanwhile_ends_its_job_and_says_so(batch: Batch) -> None:
    job = batch.drop(payments("j", 2), "incoming/j.csv")
    client("s3").delete_object(Bucket=batch.stack.bucket, Key="incoming/j.csv", VersionId=job.file.version)
    failed = batch.run(job.job_id)
    assert (failed.status, failed.error_code, failed.error_message) == (
        "failed",
        "not_found",
        "There is no file j.csv",
    )


def test_the_job_of_a_file_that_is_gone_before_it_was_opened_is_none(batch: Batch) -> None:
    event = {"detail": {"object": {"key": "incoming/never.csv", "version-id": "v"}}}
    response = intake.lambda_handler(queued(json.dumps(event), "no event"), Context())  # type: ignore[arg-type]
    assert response == {"batchItemFailures": []}
    assert batch.stack.messages(batch.stack.resolver.refs["JobsDeadLetters"]) == ["no event"]


def test_a_row_without_an_id_is_called_after_its_file_and_its_byte(batch: Batch) -> None:
    text = HEADER + row(transaction_id="") + row(transaction_id="", **DRAINED)
    job = batch.score(text, "incoming/k.csv")
    name = batch.scored(job)[1]["stored_as"]
    assert name == f"{job.file.origin}-{len(HEADER) + len(row(transaction_id=''))}"
    assert stored(batch.stack, name)["nameOrig"] == "C1"


def test_transactions_in_the_body_are_a_job_too(batch: Batch) -> None:
    sent = [README_TRANSACTION | {"transaction_id": f"l{at}"} for at in range(3)]
    sent[2]["occurred_at"] = "2026-11-20T10:00:00Z"
    response = batch.send("POST", "/jobs", {"job_type": "process_transactions", "data": {"transactions": sent}})
    assert (response.status, response.json["status"], response.json["known"]) == (200, "created", False)
    assert response.headers["location"] == f"jobs/{response.json['job_id']}"
    job = batch.run(response.json["job_id"])
    rows = batch.scored(job)
    assert [one["transaction_id"] for one in rows] == ["l0", "l1", "l2"]
    assert rows[2]["occurred_at"].startswith("2026-11-20T10:00:00")
    assert job.job_type == "process_transactions"


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ([], 400, None),
        ({"data": {}}, 422, "/job_type"),
        ({"job_type": "process_csv", "data": {}}, 422, "/data/s3_key"),
        ({"job_type": "process_csv", "data": {"s3_key": "results/x.csv"}}, 422, "/data/s3_key"),
        ({"job_type": "process_csv", "data": {"s3_key": "incoming/none.csv"}}, 404, None),
        ({"job_type": "process_csv", "data": {"s3_key": "incoming/a.csv"}, "store": "some"}, 422, "/store"),
        ({"job_type": "process_csv", "data": {"s3_key": "incoming/a.csv"}, "notify": "nobody"}, 422, "/notify"),
        ({"job_type": "process_transactions", "data": {"transactions": []}}, 400, None),
        ({"job_type": "process_transactions", "data": {"x": 1}}, 400, None),
        (
            {"job_type": "process_transactions", "data": {"transactions": [README_TRANSACTION, {}]}},
            422,
            "/data/transactions/1/step",
        ),
    ],
)
def test_a_job_that_is_not_right_is_refused_by_its_field(
    batch: Batch, body: object, status: int, pointer: str | None
) -> None:
    response = batch.send("POST", "/jobs", body)
    assert response.status == status, response.text
    assert pointer is None or response.json["errors"][0]["pointer"] == pointer


def test_an_upload_gets_a_link_and_a_key_that_starts_nothing_by_itself(batch: Batch) -> None:
    response = batch.send("POST", "/uploads", {"file_name": "../../Zahlungen März.csv"})
    assert response.json["s3_key"].startswith("uploads/")
    assert response.json["s3_key"].endswith("/Zahlungen-M-rz.csv")
    assert response.json["max_bytes"] == 5 * 1024**3
    assert "X-Amz-Signature" in response.json["upload_url"]
    assert batch.send("POST", "/uploads", {}).json["s3_key"].endswith("/transactions.csv")


def test_a_job_is_told_with_links_to_its_results(batch: Batch) -> None:
    job = batch.score(payments("m", 2, (1,)), "incoming/m.csv")
    told = batch.send("GET", f"/jobs/{job.job_id}").json
    assert (told["status"], told["progress"], told["total_items"], told["processed_items"]) == ("completed", 100, 2, 2)
    assert told["results"]["high_risk_count"] == 1
    assert f"results/{job.job_id}/scored.csv" in told["result_url"]
    assert f"results/{job.job_id}/rejects.csv" in told["rejects_url"]
    assert batch.send("GET", "/jobs/job-none").status == 404


def test_a_jobs_links_lead_to_it_and_to_its_flagged_rows(batch: Batch) -> None:
    job = batch.score(payments("w", 2, (1,)), "incoming/w.csv")
    path = f"/api/v1/batch/jobs/{job.job_id}"
    links = {name: urljoin(path, link) for name, link in batch.send("GET", f"/jobs/{job.job_id}").json["links"].items()}
    assert links["self"] == path
    found = Caller(handler=database.lambda_handler).send("GET", links["flagged"])
    assert (found.status, {one["decision"] for one in found.json["transactions"]} <= {"review", "block"}) == (200, True)
    assert links["flagged"].endswith(f"&job_id={job.job_id}")


def test_jobs_are_listed_newest_first_in_pages_and_by_status(batch: Batch) -> None:
    ids = [batch.drop(payments(f"n{at}", 1), f"incoming/n{at}.csv").job_id for at in range(3)]
    first = batch.send("GET", "/jobs?limit=2&status=pending").json
    assert [one["job_id"] for one in first["jobs"]] == [ids[2], ids[1]]
    rest = batch.send("GET", f"/jobs?limit=2&status=pending&cursor={first['next_cursor']}").json
    assert rest["jobs"][0]["job_id"] == ids[0]
    assert batch.send("GET", f"/jobs?limit=2&cursor={first['next_cursor']}").status == 400
    assert batch.send("GET", "/jobs?status=lost").status == 400
    everything = batch.send("GET", "/jobs?limit=1000").json
    assert everything["next_cursor"] is None
    assert everything["active_jobs"] == sum(one["status"] in ("pending", "running") for one in everything["jobs"])
    assert everything["completed_jobs"] == sum(one["status"] == "completed" for one in everything["jobs"])
    stats = batch.send("GET", "/stats").json
    assert stats["total_jobs"] == everything["count"]
    assert stats["processed_items"] == sum(
        one["processed_items"] for one in everything["jobs"] if one["status"] == "completed"
    )


def test_a_cancelled_job_stays_cancelled_and_starts_again_when_it_is_asked_for(batch: Batch) -> None:
    job = batch.drop(payments("o", 2), "incoming/o.csv")
    assert batch.send("DELETE", f"/jobs/{job.job_id}").json["status"] == "cancelled"
    assert batch.send("DELETE", f"/jobs/{job.job_id}").status == 200
    assert batch.run(job.job_id).status == "cancelled"
    body = {"job_type": "process_csv", "data": {"s3_key": "incoming/o.csv"}}
    assert "starts again" in batch.send("POST", "/jobs", body).json["message"]
    assert batch.run(job.job_id).status == "completed"
    assert batch.send("DELETE", f"/jobs/{job.job_id}").json["code"] == "job_ended"


def test_a_job_that_is_cancelled_while_it_runs_does_not_complete(batch: Batch) -> None:
    job = batch.drop(payments("p", 2), "incoming/p.csv")
    told = batch.step("plan", {"job_id": job.job_id})
    [chunk] = json.loads(batch.read(told["key"]))
    batch.send("DELETE", f"/jobs/{job.job_id}")
    batch.step("score", {"job_id": job.job_id, "chunk": chunk})
    assert batch.run(job.job_id).status == "cancelled"


def test_a_step_that_comes_twice_changes_nothing(batch: Batch, chunks_of: Callable[[int], None]) -> None:
    def twice(call: Callable[[], Any]) -> Any:
        call()
        return call()

    before = counted("transactions")
    chunks_of(300)
    job = replace(batch, around=twice).score(payments("q", 20, (3, 4)), "incoming/q.csv")
    assert (job.progress.rows, job.progress.flagged, job.progress.chunk_bytes) == (20, 2, job.file.size)
    assert job.results is not None
    assert job.results["stored"] == 2
    assert counted("transactions") - before == 20


def test_a_job_that_failed_does_what_is_left_and_no_more(batch: Batch, chunks_of: Callable[[int], None]) -> None:
    chunks_of(300)
    content = payments("r", 20)
    job = batch.drop(content, "incoming/r.csv")
    told = batch.step("plan", {"job_id": job.job_id})
    first, second, *_ = json.loads(batch.read(told["key"]))
    batch.step("score", {"job_id": job.job_id, "chunk": first})
    error = {
        "Error": "StoreUnavailable",
        "Cause": json.dumps({"errorType": "StoreUnavailable", "errorMessage": "gone"}),
    }
    batch.step("give_up", {"job_id": job.job_id, "chunk": second, "error": error})
    with pytest.raises(StepFailed):
        batch.step("merge", {"job_id": job.job_id, "plan_id": told["plan_id"]})
    batch_wiring.job_service().fail(job.job_id, "chunks_failed", "some are missing")
    before = done_version(batch, told["key"])
    batch.send("POST", "/jobs", {"job_type": "process_csv", "data": {"s3_key": "incoming/r.csv"}})
    done = batch.run(job.job_id)
    assert (done.status, done.attempt, done.progress.rows) == ("completed", 2, 20)
    assert before == done_version(batch, told["key"])


def test_a_job_that_lost_chunks_fails_and_says_which_and_why(batch: Batch, chunks_of: Callable[[int], None]) -> None:
    chunks_of(300)

    def never(call: Callable[[], Any]) -> Any:
        if lost.steps[-1] == "score" and lost.steps.count("score") > 1:
            client("s3").delete_object(Bucket=batch.stack.bucket, Key=job.file.key, VersionId=job.file.version)
        return call()

    job = batch.drop(payments("s", 20), "incoming/s.csv")
    lost = replace(batch, around=never, steps=[])
    failed = lost.run(job.job_id)
    assert (failed.status, failed.error_code) == ("failed", "chunks_failed")
    assert failed.error_message is not None
    assert "chunks failed. bytes 4" in failed.error_message
    assert "There is no file s.csv" in failed.error_message


def test_another_model_than_the_plans_is_refused(batch: Batch) -> None:
    job = batch.drop(payments("t", 2), "incoming/t.csv")
    told = batch.step("plan", {"job_id": job.job_id})
    pinned = json.loads(batch.read(told["key"].replace("chunks", "plan")))
    changed = json.dumps(pinned | {"model_sha256": "0" * 64, "model_version": "older"}).encode()
    client("s3").put_object(Bucket=batch.stack.bucket, Key=told["key"].replace("chunks", "plan"), Body=changed)
    [chunk] = json.loads(batch.read(told["key"]))
    with pytest.raises(StepFailed, match="model older"):
        batch.step("score", {"job_id": job.job_id, "chunk": chunk})
    assert batch.run(job.job_id).status == "completed"  # planned anew, with the model that is there


def test_the_rows_of_a_file_are_counted_once_under_the_source_batch(batch: Batch) -> None:
    before = {name: counted(name) for name in ("transactions", "decisions", "outcome.block", "type.TRANSFER")}
    batch.score(payments("u", 10, (1, 2)), "incoming/u.csv")
    after = {name: counted(name) - before[name] for name in before}
    assert after == {"transactions": 10, "decisions": 10, "outcome.block": 2, "type.TRANSFER": 2}


def test_an_execution_that_ended_by_itself_closes_its_job(batch: Batch) -> None:
    job = batch.drop(payments("v", 1), "incoming/v.csv")
    event = {"detail": {"name": job.execution, "status": "TIMED_OUT"}}
    older = {"detail": {"name": f"{job.job_id}-0", "status": "FAILED"}}
    for one in (older, event, event):
        intake.lambda_handler(queued(json.dumps(one)), Context())  # type: ignore[arg-type]
    closed = batch_wiring.jobs().find(job.job_id)
    assert (closed.status, closed.error_code, closed.error_message) == (
        "failed",
        "execution_ended",
        "The job took too long",
    )


def test_a_long_result_is_joined_by_s3_and_short_parts_are_read(batch: Batch, chunks_of: Callable[[int], None]) -> None:
    chunks_of(7 << 20)
    note = "n" * 3000
    lines = [row(transaction_id=f"w-{at}").replace("\n", f",{note}\n") for at in range(5000)]
    text = HEADER.replace("\n", ",note\n") + "".join(lines)
    job = batch.score(text, "incoming/w.csv")
    assert job.chunks == 3
    rows = batch.scored(job)
    assert [one["transaction_id"] for one in rows] == [f"w-{at}" for at in range(5000)]
    assert {one["note"] for one in rows} == {note}


def test_a_gzip_is_one_chunk(batch: Batch, chunks_of: Callable[[int], None]) -> None:
    chunks_of(300)
    packed = gzip.compress(payments("x", 30, (7,)).encode())
    job = batch.score(packed, "incoming/x.csv.gz")
    assert (job.chunks, job.progress.rows, job.progress.flagged) == (1, 30, 1)
    assert [one["transaction_id"] for one in batch.scored(job)][7] == "x-7"


def test_an_account_that_was_erased_meanwhile_is_not_stored(batch: Batch) -> None:
    job = batch.drop(HEADER + row(transaction_id="y-0", nameOrig="C777", **DRAINED), "incoming/y.csv")

    erasure_wiring.erasures().begin("C777", datetime.now(UTC), ADA, audit_wiring.audit_log())
    done = batch.run(job.job_id)
    assert done.results is not None
    assert (done.results["erased"], done.results["stored"]) == (1, 0)
    assert not stored(batch.stack, "y-0")


def test_a_plain_chunk_makes_one_part() -> None:
    assert byte_range.CHUNK_BYTES < PART_BYTES


def test_the_end_of_a_job_is_announced_whichever_it_is(batch: Batch) -> None:
    queue = client("sqs").create_queue(QueueName="ended")["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = batch.stack.resolver.refs["JobsTopic"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    done = batch.score(payments("ann", 3, (1,)) + "x\n", "incoming/ann.csv")
    failed = batch.score(b"", "incoming/ann-empty.csv")
    cancelled = batch.drop(payments("ann2", 1), "incoming/ann2.csv")
    batch.send("DELETE", f"/jobs/{cancelled.job_id}")
    told = {one["job_id"]: one for one in map(json.loads, batch.stack.messages(queue))}
    assert [told[job.job_id]["status"] for job in (done, failed, cancelled)] == ["completed", "failed", "cancelled"]
    completed = told[done.job_id]
    assert (completed["total_items"], completed["failed_items"], completed["high_risk_count"]) == (4, 1, 1)
    assert completed["result_key"] == f"results/{done.job_id}/scored.csv"
    assert told[failed.job_id]["result_key"] is None
    assert "is empty" in told[failed.job_id]["error_message"]
