"""The report: counts by source and reason, rates, the last rejects, and what the flags mean."""

from datetime import date, timedelta

import pytest

from fraudshield.errors import Fault, Malformed, StoreUnavailable
from fraudshield.ingest.port import DayCounts
from fraudshield.ingest.quality import QualityQuery, QualityResponse, quality_response
from fraudshield.text.query import read_query
from fraudshield.transaction.quality import CHECKS
from fraudshield.transaction.refusal import Refusal
from tests.fakes import NOW, FakeLedger

TODAY = NOW.date()
MISSING, CONFLICT = Fault("/amount", "", "missing"), Fault("/transaction_id", "", "transaction_conflict")


def refusal(name: str, *faults: Fault, source: str = "queue", days_ago: int = 0) -> Refusal:
    return Refusal(name, source, NOW - timedelta(days=days_ago), name, faults)


def stored(day: date, source: str, **counters: int) -> DayCounts:
    return DayCounts(day, source, {name.replace("quality_", "quality."): count for name, count in counters.items()})


@pytest.fixture
def ledger() -> FakeLedger:
    ledger = FakeLedger()
    ledger.noted = [
        refusal("a", MISSING, CONFLICT),
        refusal("b", MISSING, source="api"),
        refusal("c", MISSING, days_ago=7),
    ]
    ledger.days = [
        stored(TODAY, "queue", transactions=3, quality_overdraft=1, amount=1000),
        stored(TODAY - timedelta(days=6), "queue", transactions=1, quality_overdraft=1, quality_stale=1),
        stored(TODAY - timedelta(days=7), "queue", transactions=100),
    ]
    return ledger


def report(ledger: FakeLedger, **asked: int) -> QualityResponse:
    return quality_response(ledger, QualityQuery(**asked), NOW)


def test_counts_are_by_source_and_reason_over_the_days_asked_for(ledger: FakeLedger) -> None:
    told = report(ledger)
    assert (told["since"], told["until"]) == ("2026-11-18", "2026-11-24")
    assert told["sources"]["queue"] == {
        "stored": 4,
        "refused": 1,
        "refused_rate": 0.2,
        "reasons": {"id_conflict": 1, "missing": 1},
        "flags": {"overdraft": 2, "stale": 1},
        "flag_rates": {"overdraft": 0.5, "stale": 0.25},
    }
    assert told["sources"]["api"]["refused_rate"] == 1.0
    assert (told["total"]["stored"], told["total"]["refused"], told["total"]["reasons"]["missing"]) == (4, 2, 2)


def test_one_more_day_brings_what_lies_there(ledger: FakeLedger) -> None:
    told = report(ledger, days=8)
    assert (told["total"]["stored"], told["total"]["refused"]) == (104, 3)


def test_the_last_rejects_come_newest_first(ledger: FakeLedger) -> None:
    [one] = report(ledger, limit=1)["recent"]
    assert one["transaction_id"] == "c"
    assert (one["reasons"], one["errors"]) == (["missing"], [{"pointer": "/amount", "code": "missing"}])


def test_where_nothing_came_there_is_no_rate() -> None:
    told = report(FakeLedger())
    assert (told["total"]["refused_rate"], told["total"]["flag_rates"], told["sources"]) == (None, {}, {})


def test_every_flag_is_explained(ledger: FakeLedger) -> None:
    assert [one["flag"] for one in report(ledger)["checks"]] == [check.flag for check in CHECKS]


def test_a_ledger_that_is_away_is_said(ledger: FakeLedger) -> None:
    ledger.down = True
    with pytest.raises(StoreUnavailable):
        report(ledger)


WRONG = [("days", "0"), ("days", "91"), ("days", "x"), ("limit", "0"), ("limit", "101"), ("to", "1")]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_parameters_out_of_range_are_refused(name: str, value: str) -> None:
    with pytest.raises(Malformed):
        read_query([(name, value)], QualityQuery)


@pytest.mark.parametrize("days", ["1", "90"])
def test_parameters_in_range_are_taken(days: str) -> None:
    assert read_query([("days", days)], QualityQuery).days == int(days)
