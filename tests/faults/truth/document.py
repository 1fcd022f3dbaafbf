"""docs/faults.md, from the very expectations that the tests hold a running cloud to."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.conftest import ROOT
from tests.faults.truth.catalogue import SCENARIOS
from tests.faults.truth.expectation import ALWAYS, Expectation
from tests.faults.truth.mutant import COMMON
from tests.faults.truth.scenario import Mutant, Scenario
from tests.faults.truth.seen import sentences

PAGE = ROOT / "docs" / "faults.md"
HEAD = """# What is true when things break

Written by `make faults` from the expectations of `tests/faults/truth/`, which plants each fault on a running laptop
cloud of real processes, asks every service all the time, and looks at alarms, mails, logs, processes and descriptors.
A row here is a check there, and each fault has observations of a product that behaves otherwise, which must turn it
red. Seconds count from the beginning of the fault: a service's health is asked anew every 5 s at the latest, so what it
says may be of before until then. Tests give a loaded machine more time. How it last ran was seen by
`python -m tests.faults.truth.record` on two cores, of which others had their share.

The clock that is off is a sender's: functions on AWS have Amazon's clock, and on a laptop all have the same one.
"""
COLUMNS = "| who | says or does | when |\n|---|---|---|\n"


def page(scenarios: Sequence[Scenario] = SCENARIOS) -> str:
    """The whole page."""
    always = ["## Whatever the fault\n", _table(ALWAYS), _red(COMMON)]
    return "\n".join([HEAD, *always, *(part for one in scenarios for part in _section(one))]).rstrip() + "\n"


def _section(scenario: Scenario) -> Iterator[str]:
    yield f"## {scenario.name}\n"
    yield f"{scenario.planted}\n"
    yield _table(scenario.expectations)
    yield f"As it last ran: {sentences().get(scenario.slug, 'not recorded yet.')}\n"
    yield _red([mutant for mutant in scenario.mutants if mutant not in COMMON])


def _table(rows: Iterable[Expectation]) -> str:
    return COLUMNS + "".join(f"| {row.who} | {row.what} | {row.when} |\n" for row in rows)


def _red(mutants: Iterable[Mutant]) -> str:
    return "Red when: " + "; ".join(mutant.name for mutant in mutants) + ".\n"


def main(path: Path = PAGE) -> None:
    """Write the page."""
    path.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
