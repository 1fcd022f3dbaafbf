"""docs/faults.md is what the tests of faults hold a running cloud to: a row for each, no more."""

import pytest

from tests.faults.truth.catalogue import BY_SLUG, SCENARIOS
from tests.faults.truth.document import PAGE, page
from tests.faults.truth.observation import read
from tests.faults.truth.scenario import Scenario
from tests.faults.truth.seen import sentence, sentences
from tests.faults.truth.test_old_behaviour import RECORDED

PROMISED = {
    *("Store frozen", "Store gone", "Queue gone", "Model refused", "Secret gone", "SES refusing", "Cold start"),
    *("Slow disk", "Full disk", "Read-only folder", "Engine killed", "Clock 10 minutes off"),
    "One malformed id a second",
}


def test_the_page_is_what_the_tests_expect() -> None:
    assert PAGE.read_text("utf-8") == page(), "make faults writes it anew"


def test_every_fault_was_seen_to_run() -> None:
    assert set(sentences()) == set(BY_SLUG)


def test_a_run_is_told_by_how_much_was_asked_and_by_what_came_when() -> None:
    old = sentence(read(RECORDED / "store-gone.json"))
    for part in ("payments acknowledged", "alarm `Parked` 16 s into it", "mail “warning: Alarm Parked” 46 s"):
        assert part in old
    assert "Confirm" not in old  # that one came before


def test_every_fault_has_its_section() -> None:
    assert {one.name for one in SCENARIOS} == PROMISED


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.slug)
def test_an_expectation_that_is_changed_changes_the_page(scenario: Scenario) -> None:
    others = [one for one in SCENARIOS if one is not scenario]
    assert page(others) != page()
    for row in scenario.rows:
        assert f"| {row.who} | {row.what} | {row.when} |" in page()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.slug)
def test_every_fault_has_mutants(scenario: Scenario) -> None:
    assert len(scenario.mutants) >= 3
