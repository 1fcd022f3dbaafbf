"""Each fault on a running cloud: what is said of it is true, and all comes back by itself."""

from pathlib import Path

import pytest

from tests.faults.conftest import Tell
from tests.faults.truth.catalogue import SCENARIOS
from tests.faults.truth.run import Run
from tests.faults.truth.scenario import Scenario, complaints

pytestmark = pytest.mark.long


@pytest.mark.parametrize("scenario", [pytest.param(one, id=one.slug) for one in SCENARIOS])
def test_what_is_said_under_the_fault_is_true(
    scenario: Scenario, tmp_path: Path, sqlite_engine: Path, tell: Tell
) -> None:
    with scenario.place(tmp_path, sqlite_engine) as site:
        seen = Run(scenario, site).observed()
    back = "never" if seen.back_s is None else f"{seen.back_s:.0f} s after it"
    tell(f"{sum(one.times for one in seen.responses)} responses, {seen.acknowledged} payments, all as before {back}")
    found = complaints(scenario, seen)
    assert not found, "\n".join(found)
    unseen = [mutant.name for mutant in scenario.mutants if not complaints(scenario, mutant.change(seen))]
    assert unseen == []
