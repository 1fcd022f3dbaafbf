"""What a million payments cost does not rise unnoticed: a run's calls, units and bytes against those that are kept.

Durations are the machine's, so those of the record are taken for both.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from infra.laptop.process import dynoxide
from infra.price.__main__ import main
from infra.price.record import PartRecord, RunRecord, read
from infra.price.use import EXTRAS, USES, PricedUse, million
from tests.contract.expanded import template
from tests.price.part import Parts
from tests.price.record import recorded

MOST = 0.05  # more than what was recorded
LEAST = 0.01  # dollars a million: what is less may double unnoticed


def dollars(use: PricedUse, run: RunRecord) -> float:
    return sum(million(use, run, template()).values())


def risen(kept: RunRecord, run: RunRecord) -> list[str]:
    """The uses that cost over 5 % more in a run than what was kept, the parts' durations being the same."""
    timed = {name: replace(part, handler_s=kept.parts[name].handler_s) for name, part in run.parts.items()}
    same_pace = replace(run, parts=timed)
    known = [use for use in (*USES, *EXTRAS) if use.parts.keys() <= run.parts.keys()]
    both = ((use.name, dollars(use, kept), dollars(use, same_pace)) for use in known)
    return [
        f"{name}: ${was:.4f} a million, now ${now:.4f}"
        for name, was, now in both
        if now > was + MOST * abs(was) + LEAST
    ]


@pytest.mark.parametrize("record", [Parts.online, pytest.param(Parts.all, marks=pytest.mark.long)])
def test_no_use_has_become_dearer(tmp_path: Path, record: Callable[[Parts], None]) -> None:
    """`python -m tests.price.record` keeps a run; do so where a figure fell, or may rise."""
    if isinstance(found := dynoxide.binary(), dynoxide.EngineMissing):
        pytest.skip(f"PRICE NOT MEASURED: {found.reason}")
    with pytest.MonkeyPatch.context() as patch:
        run = recorded(tmp_path, patch, record)
    assert risen(read(), run) == []
    assert run.metrics <= read().metrics


def test_the_command_prints_each_use_and_the_idle_month(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    told = capsys.readouterr().out
    assert [use.name for use in (*USES, *EXTRAS) if f"{use.name} " not in told] == []
    assert "an idle month" in told


def test_the_goals_hold_but_for_one() -> None:
    """docs/cost.md says what that one is made of."""
    over = [use.name for use in USES if use.goal is not None and dollars(use, read()) > use.goal]
    assert set(over) <= {"online, one payment a call"}


@pytest.mark.parametrize(
    ("what", "more"), [("write_units", 1), ("log_bytes", 1500), ("rest_requests", 1), ("lambda_requests", 4)]
)
def test_what_makes_a_payment_dearer_is_named(what: str, more: int) -> None:
    kept = read()
    one = kept.parts["score_one"]
    planted = PartRecord(one.number, {**one.amounts, what: one.amounts[what] + more * one.number}, one.handler_s)
    dearer = replace(kept, parts={**kept.parts, "score_one": planted})
    assert [line.partition(":")[0] for line in risen(kept, dearer)][:1] == ["online, one payment a call"]
    assert risen(kept, kept) == []
