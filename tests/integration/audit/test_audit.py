"""The audit log as it is read: newest first, in pages, over years, as JSON and as CSV."""

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest

from fraudshield.audit import wiring as audit_wiring
from fraudshield.audit.audit import AuditEntry, Kind
from fraudshield.audit.port import Span
from fraudshield.audit.response import COLUMNS
from functions.policy import app
from tests.authors import ADA
from tests.caller import ApiResponse, Caller
from tests.stack import Stack

AUDIT = "/api/v1/policy/audit"
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MOMENTS = [NEW_YEAR - timedelta(days=40), NEW_YEAR - 2 * TICK, NEW_YEAR - TICK, NEW_YEAR, NEW_YEAR + TICK]


@pytest.fixture
def log(stack: Stack) -> list[str]:
    """Five entries around a new year; returns what each is about, newest first."""
    for number, at in enumerate(MOMENTS):
        kind: Kind = "policy" if number % 2 else "alarm"
        audit_wiring.audit_log().add(AuditEntry(at, ADA, kind, "changed", f"subject-{number}", None, "a" * 64, number))
    return [f"subject-{number}" for number in reversed(range(len(MOMENTS)))]


def read(query: str = "", accept: str = "application/json") -> ApiResponse:
    asked = Caller(handler=app.lambda_handler, headers={"Accept": accept}).send(
        "GET", f"{AUDIT}?until=2027-06-01{query}"
    )
    assert asked.status == 200
    return asked


def subjects(entries: list[dict[str, Any]]) -> list[str]:
    return [one["subject"] for one in entries]


def test_entries_come_newest_first_over_the_end_of_a_year(log: list[str]) -> None:
    answer = read().json
    assert subjects(answer["entries"]) == log
    assert (answer["count"], answer["next_cursor"]) == (5, None)


def test_an_entry_says_all_that_was_written(log: list[str]) -> None:
    newest = read("&limit=1").json["entries"][0]
    assert newest == {
        "id": newest["id"],
        "at": "2027-01-01T00:00:00.000001Z",
        "kind": "alarm",
        "action": "changed",
        "subject": "subject-4",
        "version": 4,
        "before": None,
        "after": "a" * 64,
        "counts": {},
        "key_id": ADA.key_id,
        "plan": ADA.plan,
        "actor": ADA.actor,
        "address": ADA.address,
        "request_id": ADA.request_id,
    }


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_follow_each_other_without_a_gap(log: list[str], limit: int) -> None:
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = read(f"&limit={limit}" + (f"&cursor={cursor}" if cursor else "")).json
        found, cursor = found + subjects(page["entries"]), page["next_cursor"]
    assert found == log


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("&since=2027-01-01", [4, 3]),
        ("&since=2026-12-31", [4, 3, 2, 1]),
        ("&kind=policy", [3, 1]),
        ("&since=2026-12-31&kind=alarm", [4, 2]),
        ("&since=1990-01-01", [4, 3, 2, 1, 0]),
        ("&kind=erasure", []),
        ("&since=2027-05-01", []),
    ],
)
def test_days_and_kinds_narrow_it(log: list[str], query: str, expected: list[int]) -> None:
    assert subjects(read(query).json["entries"]) == [f"subject-{number}" for number in expected]


def test_the_last_day_is_included(log: list[str]) -> None:
    answer = Caller(handler=app.lambda_handler).send("GET", f"{AUDIT}?until=2026-12-31")
    assert subjects(answer.json["entries"]) == ["subject-2", "subject-1", "subject-0"]


def test_a_cursor_is_good_for_its_filter_only(log: list[str]) -> None:
    cursor = read("&limit=1").json["next_cursor"]
    refused = Caller(handler=app.lambda_handler).send("GET", f"{AUDIT}?kind=policy&cursor={cursor}")
    assert (refused.status, refused.json["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize("query", ["kind=payment", "since=yesterday", "until=2026-13-01", "subject=x", "limit=0"])
def test_what_cannot_be_asked_is_refused(stack: Stack, query: str) -> None:
    refused = Caller(handler=app.lambda_handler).send("GET", f"{AUDIT}?{query}")
    assert (refused.status, refused.json["code"]) == (400, "invalid_parameter")


@pytest.mark.parametrize("accept", ["text/csv", "text/csv, application/json", "text/csv;q=0.9"])
def test_it_comes_as_csv_with_a_link_to_the_next_page(log: list[str], accept: str) -> None:
    page = read("&limit=3", accept)
    assert page.headers["content-type"] == "text/csv; charset=utf-8"
    header, *rows = csv.reader(StringIO(page.text))
    assert (tuple(header), [row[4] for row in rows]) == (COLUMNS, log[:3])
    link = page.headers["link"]
    assert (link.startswith("<audit?"), link.endswith('>; rel="next"')) == (True, True)
    last = Caller(handler=app.lambda_handler, headers={"Accept": accept}).send(
        "GET", f"{AUDIT}?{link.partition('?')[2].partition('>')[0]}"
    )
    assert [row[4] for row in csv.reader(StringIO(last.text))][1:] == log[3:]
    assert "link" not in last.headers


@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/json, text/csv", "text/html"])
def test_it_comes_as_json_to_everybody_else(log: list[str], accept: str) -> None:
    assert read("", accept).headers["content-type"] == "application/json"


def test_no_cell_is_a_formula(stack: Stack) -> None:
    entry = AuditEntry(NEW_YEAR, replace(ADA, actor="=1+1"), "label_file", "recorded", "labels", counts={"lines": 2})
    audit_wiring.audit_log().add(entry)
    [row] = csv.DictReader(StringIO(read("", "text/csv").text))
    assert (row["actor"], row["counts"], row["before"]) == ("'=1+1", "lines=2", "")


def test_a_rare_kind_is_found_behind_many_others(stack: Stack) -> None:
    """A page reads so much and no more; then it is short, and the next goes on from there."""
    log = replace(audit_wiring.audit_log(), read=2)
    log.add(AuditEntry(NEW_YEAR, ADA, "erasure", "begun", "rare"))
    for number in range(50):
        log.add(AuditEntry(NEW_YEAR + (number + 1) * TICK, ADA, "alarm", "acknowledged", str(number)))
    span = Span(NEW_YEAR, NEW_YEAR + timedelta(days=1), "erasure")
    pages = [log.page(span, None, 100)]
    while pages[-1].before is not None:
        pages.append(log.page(span, pages[-1].before, 100))
    assert len(pages) > 2
    assert [one.entry.subject for page in pages for one in page.entries] == ["rare"]
