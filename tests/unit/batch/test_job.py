"""Jobs: their ids, their progress, and the requests that open them."""

from dataclasses import replace
from decimal import Decimal

import pytest

from fraudshield.analytics.counted_transaction import TransactionChange
from fraudshield.analytics.delta import delta_of
from fraudshield.analytics.dynamo_image import counted_transaction
from fraudshield.analytics.series import ONE, added
from fraudshield.batch.event import ExecutionEnded, FileReceived, is_marker, read_notice
from fraudshield.batch.header import read_row
from fraudshield.batch.job import Job, JobFile, JobOptions, JobProgress
from fraudshield.batch.request import as_csv, read_job_request, read_upload_request
from fraudshield.batch.tally import Summary, Tally
from fraudshield.errors import InvalidInput, Malformed
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.chunk import DRAINED, GOOD, HEADER, judge, predictor, row, score
from tests.fake_event_types import BUILT_IN_ONLY
from tests.fakes import NOW

FILE = JobFile("bucket", "incoming/a/b.csv", "v1", 1000, NOW)
JOB = Job(FILE, "process_csv", JobOptions(), "running", NOW)


def test_a_job_is_named_after_bucket_key_and_version() -> None:
    others = [replace(FILE, bucket="b"), replace(FILE, key="incoming/a.csv"), replace(FILE, version="v2")]
    assert len({one.job_id for one in [FILE, *others]}) == 4
    assert replace(FILE, size=1).job_id == FILE.job_id
    assert (FILE.name, JOB.execution) == ("b.csv", f"{FILE.job_id}-1")
    assert len(JOB.execution) <= 80  # what Step Functions takes


@pytest.mark.parametrize(("done", "percent"), [(0, 0.0), (333, 33.3), (1000, 99.0)])
def test_a_job_is_as_far_as_its_bytes_and_not_at_the_end_before_it_is_merged(done: int, percent: float) -> None:
    assert replace(JOB, progress=JobProgress(chunk_bytes=done)).percent == percent


def test_a_completed_job_is_at_the_end_and_an_empty_file_at_the_beginning() -> None:
    assert replace(JOB, status="completed").percent == 100.0
    assert replace(JOB, file=replace(FILE, size=0)).percent == 0.0
    assert [replace(JOB, status=status).ended for status in ("pending", "cancelled")] == [False, True]


@pytest.mark.parametrize("key", ["results/a.csv", "jobs/a", "inline/a", "", None, 1])
def test_a_job_is_of_a_file_that_came_in_and_of_no_other(key: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_job_request({"job_type": "process_csv", "data": {"s3_key": key}}, 10, BUILT_IN_ONLY)
    assert refused.value.faults[0].pointer in {"/data/s3_key", "/s3_key"}


def test_a_request_says_its_options() -> None:
    body = {"job_type": "process_csv", "data": {"s3_key": "uploads/x"}, "store": "all", "notify": "a@example.org"}
    assert read_job_request(body, 10, BUILT_IN_ONLY).options == JobOptions("all", "a@example.org")


def test_the_name_of_an_upload_is_harmless() -> None:
    assert read_upload_request({"file_name": "../\u00e4/..x y.csv"}, BUILT_IN_ONLY) == ("x-y.csv",)
    assert read_upload_request({"file_name": "///"}, BUILT_IN_ONLY) == ("file",)
    with pytest.raises(Malformed):
        read_upload_request([], BUILT_IN_ONLY)


def test_transactions_as_a_file_read_back_to_the_same() -> None:
    sent = BuiltInTransaction.model_validate(
        {**GOOD, "step": 1, "occurred_at": "2026-11-24T10:00:00Z"}
        | {name: Decimal(value) for name, value in GOOD.items() if name.endswith(("g", "t")) and value[0].isdigit()}
        | {"amount": Decimal("1e3"), "nameOrig": 'a,"b'}
    )
    head, line = as_csv([sent]).decode().splitlines()
    assert 'a,""b' in line
    cells = dict(zip(head.split(","), line.replace('"a,""b"', "N").split(","), strict=True))
    assert read_row(cells | {"nameOrig": sent.nameOrig}, "none") == sent


@pytest.mark.parametrize(
    ("body", "notice"),
    [
        ('{"detail":{"object":{"key":"incoming/a","version-id":"v"}}}', FileReceived("incoming/a", "v")),
        ('{"detail":{"object":{"key":"incoming/a"}}}', FileReceived("incoming/a", None)),
        ('{"detail":{"object":{"key":"incoming/folder/"}}}', None),
        ('{"detail":{"object":{"key":"incoming/run1/_SUCCESS","size":0}}}', None),
        ('{"detail":{"name":"job-1-2","status":"ABORTED"}}', ExecutionEnded("job-1", 2, "The job was aborted")),
    ],
)
def test_a_notice_is_read(body: str, notice: object) -> None:
    assert read_notice(body) == notice


@pytest.mark.parametrize(
    ("key", "size"),
    [
        *(("run1/", 0), ("run1/_SUCCESS", 0), ("run1_$folder$", 0), ("_$folder$", 0), ("run1/_committed_7", 120)),
        *(("run1/.part-0.csv.crc", 12), (".DS_Store", 6148), ("run1/_temporary/0/task_1/part-0.csv", 900)),
        *((".staging/a.csv", 900), ("run1/DONE", 0), ("a.csv.ok", 0)),
    ],
)
def test_a_marker_or_a_hidden_file_is_no_file_of_transactions(key: str, size: int) -> None:
    assert is_marker(f"incoming/{key}", size)


@pytest.mark.parametrize(
    ("key", "size"),
    [
        *(("a.csv", 0), ("a.CSV.GZ", 0), ("a_$folder$.csv", 0), ("run_1/part-0", 1), ("part-0", None)),
        *(("x/a.b_c.csv", 9), ("a$folder$b", 9)),
    ],
)
def test_a_file_of_transactions_is_no_marker(key: str, size: int | None) -> None:
    """An empty one neither where it is called like a CSV: its sender hears that it is empty."""
    assert not is_marker(f"incoming/{key}", size)


@pytest.mark.parametrize(
    "body",
    [
        *("x", "[]", "{}", '{"detail":1}', '{"detail":{"object":{"key":"results/a"}}}'),
        '{"detail":{"name":"other","status":"FAILED"}}',
        '{"detail":{"name":"job-1-1","status":"SUCCEEDED"}}',
    ],
)
def test_what_is_no_notice_is_refused(body: str) -> None:
    with pytest.raises(Malformed):
        read_notice(body)


@pytest.mark.parametrize("amount", ["1000.00", "0.005", "999999999999999.99"])
def test_a_summary_has_what_the_stream_would_have_counted(amount: str) -> None:
    head, times = HEADER.replace("\n", ",occurred_at\n"), ["", "2026-11-23T23:59:59Z", "2030-01-01T00:00:00Z"]
    rows = [
        row(**{"transaction_id": f"t{at}"} | changes).replace("\n", f",{times[at % 3]}\n")
        for at, changes in enumerate([{}, DRAINED, {"amount": amount}, {"type": "DEBIT"}, DRAINED, {}, {"amount": "0"}])
    ]
    made = score(head + "".join(rows), judge(store="all"))
    stored = [TransactionChange(after=counted_transaction(to_item(one, "api"))) for one in made.kept]
    expected = added(*((delta_of(one), ONE) for one in stored))
    version = predictor().model.version
    uncounted = {f"quality.{flag}" for one in made.kept for flag in one.decision.quality} - {"quality.clock_skew"}
    assert Summary("job-1", version, made.tally).counts == {
        (series, bucket.replace("api", "batch", 1)): {
            name: value for name, value in counters.items() if name not in uncounted
        }
        for (series, bucket), counters in expected.items()
    }
    assert Summary("job-1", version, Tally()).counts == {}


def test_a_sum_has_no_more_digits_than_the_store_keeps() -> None:
    amount = Decimal("123456789012345678901234567890.12345678901234567890")
    counts = Summary("job-1", "v1", Tally(scored=1, days={"2026-11-24": {"amount": amount}})).counts
    assert len(counts["total", "batch"]["amount"].as_tuple().digits) == 38
