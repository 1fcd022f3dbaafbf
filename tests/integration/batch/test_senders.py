"""What real senders do, from their file to the labels: somebody with a spreadsheet, and a Spark job's folder."""

import csv
import gzip
import io
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chunk import DRAINED, HEADER, row
from tests.integration.batch.test_laptop import ended, jobs, link
from tests.integration.laptop.test_cloud import Up, answer, fraudshield, until, up

FLAGGED = ["-77", " lead", "trail ", "'=x", "=y", 'a "b"']
GENUINE = [f"g-{at}" for at in range(5)]
MARKERS = {
    "run1/": b"",
    "run1_$folder$": b"",
    "run1/_started_7": b"",
    "run1/_temporary/0/task_1/part-00000.csv": b"half",
    "run1/.part-00000.csv.crc": b"crc\0",
    "run1/._SUCCESS.crc": b"crc\0",
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with up(tmp_path_factory.mktemp("senders") / "home", env={"RATE_LIMIT_REQUESTS": "100000"}) as running:
        yield running


def table(content: bytes | str) -> list[dict[str, str]]:
    text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    return list(csv.DictReader(io.StringIO(text, newline="")))


def spreadsheet(rows: list[list[str]]) -> bytes:
    """As a spreadsheet saves "CSV UTF-8": a mark, CR LF, columns without a name, rows that were emptied."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([*([*cells, "", ""] for cells in rows), *([[""] * (len(rows[0]) + 2)] * 3)])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def payments(ids: list[str], **changes: str) -> list[list[str]]:
    return [[name, *row(**changes).strip().split(",")[1:]] for name in ids]


def exported(cloud: Up) -> list[dict[str, str]]:
    headers = {"X-API-Key": cloud.keys["FRONTEND_API_KEY"]}
    with urllib.request.urlopen(
        urllib.request.Request(f"{cloud.address.gateway}/api/v1/ingest/export", headers=headers)
    ) as response:
        return table(response.read())


def label(cloud: Up, content: bytes) -> tuple[int, dict[str, Any]]:
    headers = {"X-API-Key": cloud.keys["FRONTEND_API_KEY"], "Content-Type": "text/csv"}
    return answer(urllib.request.Request(f"{cloud.address.gateway}/api/v1/database/labels", content, headers))


def test_a_spreadsheets_file_goes_in_and_its_export_comes_back_as_labels(cloud: Up, tmp_path: Path) -> None:
    content = spreadsheet([HEADER.strip().split(","), *payments(FLAGGED, **DRAINED), *payments(GENUINE)])
    file = tmp_path / "M\u00e4rz.csv"
    file.write_bytes(content)
    by_command = fraudshield("score", str(file), "--format", "json")
    assert by_command.returncode == 0, by_command.stderr
    decided = {one["transaction_id"]: one["decision"] for one in map(json.loads, by_command.stdout.splitlines())}
    assert [name for name, decision in decided.items() if decision != "approve"] == FLAGGED
    cloud.client("s3").put_object(Bucket="jobsbucket", Key="incoming/M\u00e4rz.csv", Body=content)
    job = ended(cloud, "rz.csv")
    assert (job["status"], job["total_items"], job["failed_items"]) == ("completed", len(decided), 0)
    scored = table(link(cloud, job["job_id"], "result_url"))
    assert [one["decision"] for one in scored] == [*decided.values()]
    until(lambda: len(exported(cloud)) == len(FLAGGED))
    said = [[one["transaction_id"], "fraud"] for one in exported(cloud)]
    assert {"'-77", "'=y"} <= {name for name, _ in said}
    status, labelled = label(cloud, spreadsheet([["transaction_id", "label"], *said]))
    assert (status, labelled["labelled"], labelled["errors"]) == (200, len(FLAGGED), [])
    assert {one["label"] for one in exported(cloud)} == {"fraud"}


@pytest.mark.long
def test_a_spark_jobs_folder_is_as_many_jobs_as_it_has_parts(cloud: Up) -> None:
    s3 = cloud.client("s3")
    before = len(jobs(cloud))
    text = [HEADER + "".join(row(transaction_id=f"s-{part}-{at}") for at in range(20)) for part in range(3)]
    parts = {
        "part-00000-7.csv": text[0].encode(),
        "part-00001-7.csv.gz": gzip.compress(text[1].encode()),
        "part-00002-7.csv.gz": gzip.compress(text[2][:30].encode()) + gzip.compress(text[2][30:].encode()),
    }
    for key, content in [*MARKERS.items(), *((f"run1/{name}", content) for name, content in parts.items())]:
        s3.put_object(Bucket="jobsbucket", Key=f"incoming/{key}", Body=content)
    s3.put_object(Bucket="jobsbucket", Key="incoming/run1/_SUCCESS", Body=b"")
    for name in parts:
        job = ended(cloud, name)
        assert (job["status"], job["total_items"], job["failed_items"]) == ("completed", 20, 0)
    s3.put_object(Bucket="jobsbucket", Key="incoming/last.csv", Body=text[0].encode())
    assert ended(cloud, "last.csv")["status"] == "completed"
    assert len(jobs(cloud)) == before + len(parts) + 1
