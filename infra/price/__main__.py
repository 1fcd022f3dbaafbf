"""`make cost`: what a million payments cost by the way they come in, and a month in which nobody calls."""

import sys
from collections.abc import Iterable
from pathlib import Path

from infra.laptop.template import Template, expand
from infra.price.idle import idle_month
from infra.price.record import RunRecord, read
from infra.price.table import prices
from infra.price.use import EXTRAS, USES, PricedUse, million

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
IDLE_GOAL = 7.00
WIDTH = 62


def main() -> None:
    """Print them, what each is made of, and what the figures rest on."""
    template, run, table = expand(TEMPLATE), read(), prices()
    say(f"Dollars in {table.region}, prices of {table.as_of}, no free tier; calls, units and bytes of {run.day},")
    say(f"durations as measured then in process ({run.machine})")
    say()
    for title, uses in (("A million payments, 100 a second", USES), ("A million of these more", EXTRAS)):
        say(title)
        tell(uses, run, template)
        say()
    lines = idle_month(template)
    say("A month in which nobody calls")
    for line in lines:
        row(line.what, line.dollars)
    row("alarms, metrics, dashboards, schedules and keys", sum(line.dollars for line in lines if line.chosen))
    row("an idle month", sum(line.dollars for line in lines), IDLE_GOAL)
    row(f"in a month with calls: {run.metrics} metrics more", table.dollars({"metrics": run.metrics}))


def tell(uses: Iterable[PricedUse], run: RunRecord, template: Template) -> None:
    """A line for each use, and one with what it is made of."""
    for use in uses:
        parts = million(use, run, template)
        row(use.name, sum(parts.values()), use.goal)
        say("    " + ", ".join(f"{what} {dollars:.{digits(dollars)}f}" for what, dollars in parts.items()))


def row(what: str, dollars: float, goal: float | None = None) -> None:
    """One figure, beside the most that it may be."""
    aim = f"   at most {goal:.2f}" if goal is not None else ""
    say(f"{what:{WIDTH}} ${dollars:8.{digits(dollars)}f}{aim}")


def digits(dollars: float) -> int:
    """How many decimals say something."""
    return 2 if abs(dollars) >= 0.095 or not dollars else 4


def say(line: str = "") -> None:
    """Write a line."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
