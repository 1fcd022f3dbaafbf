"""The columns that name who sent a row, by the event types that a file's payments were read by."""

from collections.abc import Sequence

import pytest

from fraudshield.batch.job import Job, JobFile, JobOptions
from fraudshield.batch.own.sender import SenderColumns
from fraudshield.errors import NotFound
from fraudshield.event_type.payment import BUILT_IN, PAYMENT_FIELDS
from tests.event_types import version_of
from tests.fakes import NOW


def of_shop(name: str, sender: str, receiver: str) -> dict[str, object]:
    fields = {
        "total": {"kind": "money", "role": "amount", "required": True},
        "card": {"kind": "text", "role": sender},
        "merchant": {"kind": "text", "role": receiver},
    }
    return {"name": name, "fields": fields}


PAID, REFUND = version_of(of_shop("paid", "sender", "receiver")), version_of(of_shop("refund", "receiver", "sender"))
NAMES = ("total", "card", "merchant")


def file(key: str) -> JobFile:
    return JobFile("bucket", key, "v1", 10, NOW)


def columns(key: str, *read: JobFile, names: Sequence[str] = NAMES) -> set[str]:
    jobs = {one.job_id: Job(one, "process_csv", JobOptions(), "completed", NOW) for one in read}

    def find(job_id: str) -> Job:
        if job_id not in jobs:
            raise NotFound("There is no such job")
        return jobs[job_id]

    return {*SenderColumns([BUILT_IN, PAID, REFUND], find).of(file(key), names)}


@pytest.mark.parametrize(("name", "sender"), [("paid", "card"), ("refund", "merchant")])
def test_a_file_has_the_sender_of_the_type_that_its_key_names(name: str, sender: str) -> None:
    assert columns(f"incoming/{name}/a.csv") == columns(f"uploads/u-1/{name}/a.csv") == {sender}


def test_a_file_has_the_senders_of_the_jobs_that_read_it() -> None:
    key = "incoming/a.csv"
    assert columns(key, file(key).of("refund")) == {"merchant"}
    assert columns(key, file(key).of("refund"), file(key).of("paid")) == {"card", "merchant"}
    assert columns("incoming/paid/a.csv", file("incoming/paid/a.csv").of("refund")) == {"card", "merchant"}


def test_a_result_has_the_sender_of_its_job() -> None:
    sent = file("incoming/a.csv").of("refund")
    assert columns(f"results/{sent.job_id}/scored.csv", sent) == {"merchant"}


@pytest.mark.parametrize("key", ["incoming/a.csv", "results/job-gone/scored.csv", "incoming/unheard_of/a.csv"])
def test_where_the_type_is_not_known_it_has_the_senders_of_all_that_it_fits(key: str) -> None:
    assert columns(key) == {"card", "merchant"}


def test_a_file_of_payments_has_theirs() -> None:
    names = (*PAYMENT_FIELDS, *NAMES)
    assert columns("incoming/a.csv", names=names) == {"nameOrig"}
    assert columns("incoming/paid/a.csv", names=names) == {"card"}
