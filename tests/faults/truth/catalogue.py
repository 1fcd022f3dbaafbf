"""Every scenario of the table, in its order."""

from tests.faults.truth.fault.machine import MACHINE_FAULTS
from tests.faults.truth.fault.part import PART_FAULTS
from tests.faults.truth.fault.store import STORE_FAULTS
from tests.faults.truth.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (*STORE_FAULTS, *PART_FAULTS, *MACHINE_FAULTS)
BY_SLUG = {scenario.slug: scenario for scenario in SCENARIOS}
