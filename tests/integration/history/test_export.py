"""The ingest service's own lists: pages for old clients, and a CSV that no spreadsheet runs."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest

from functions.ingest import app
from tests.caller import ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack

PREFIX = "/api/v1/ingest"
JUST_NOW = datetime.now(UTC).isoformat()  # nothing is counted here, and only fresh days are read all the same
FORMULAS = ["=cmd()", "+1", "-1", "@x", "\uff1dcmd()"]


@pytest.fixture
def analyst() -> Caller:
    return Caller("AnalystKey", handler=app.lambda_handler)


def sent(name: str, **changes: Any) -> dict[str, Any]:
    return README_TRANSACTION | {"transaction_id": name, "occurred_at": JUST_NOW} | changes


def rows(response: ApiResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(response.text)))


def test_what_was_scored_is_exported(stack: Stack, caller: Caller, analyst: Caller) -> None:
    caller.score(sent("a", amount=12.5), sent("b"))
    response = analyst.send("GET", f"{PREFIX}/export?date={JUST_NOW[:10]}")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    found = {row["transaction_id"]: row for row in rows(response)}
    assert (found["a"]["amount"], found["a"]["decision"], found["a"]["label"]) == ("12.5", "approve", "")
    assert found.keys() == {"a", "b"}


def test_no_cell_can_become_a_formula(stack: Stack, caller: Caller, analyst: Caller) -> None:
    caller.score(*[sent(name, nameOrig=name, nameDest=name) for name in FORMULAS])
    for row in rows(analyst.send("GET", f"{PREFIX}/export?date={JUST_NOW[:10]}")):
        for name in ("transaction_id", "nameOrig", "nameDest"):
            assert row[name].removeprefix("'") in FORMULAS
            assert row[name].startswith("'"), row


def test_a_quote_and_a_line_end_stay_in_their_cell(stack: Stack, caller: Caller, analyst: Caller) -> None:
    caller.score(sent('say "hi", you'))
    assert [row["transaction_id"] for row in rows(analyst.send("GET", f"{PREFIX}/export"))] == ['say "hi", you']


def test_an_export_goes_on_where_its_link_leads(stack: Stack, caller: Caller, analyst: Caller) -> None:
    caller.score(*[sent(f"t{number}") for number in range(7)])
    names = [
        row["transaction_id"] for page in pages(analyst, f"export?limit=3&date={JUST_NOW[:10]}") for row in rows(page)
    ]
    assert sorted(names) == [f"t{number}" for number in range(7)]


def pages(analyst: Caller, first: str) -> Iterator[ApiResponse]:
    following: str | None = first
    while following is not None:
        page = analyst.send("GET", f"{PREFIX}/{following}")
        assert page.status == 200
        yield page
        link = page.headers.get("link")
        following = None if link is None else link.removeprefix("<").partition(">")[0]


def test_old_clients_page_by_offset(stack: Stack, caller: Caller, analyst: Caller) -> None:
    caller.score(*[sent(f"t{number}") for number in range(5)])
    told = [analyst.send("GET", f"{PREFIX}/transactions?limit=2&offset={offset}").json for offset in (0, 2, 4)]
    assert sorted(one["transaction_id"] for page in told for one in page["transactions"]) == [f"t{n}" for n in range(5)]
    assert [(page["limit"], page["offset"]) for page in told] == [(2, 0), (2, 2), (2, 4)]


@pytest.mark.parametrize("query", ["date=2026-02-30", "date=yesterday", "limit=0", "limit=1001", "cursor=x", "days=1"])
@pytest.mark.parametrize("path", ["transactions", "export"])
def test_a_question_that_makes_no_sense_is_told_so(stack: Stack, analyst: Caller, path: str, query: str) -> None:
    assert analyst.send("GET", f"{PREFIX}/{path}?{query}").status == 400
