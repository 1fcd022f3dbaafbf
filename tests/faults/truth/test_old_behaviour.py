"""What was once seen of the product under a fault turns its rows red, and that is how we know that they can be.

A recording is a file of observations; `python -m tests.faults.truth.record FAULT FILE` makes one of the product as it
is.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.faults.truth.catalogue import BY_SLUG
from tests.faults.truth.observation import read

RECORDED = Path(__file__).parent / "recorded"
# Of each recording the rows that are red, by a part of what they are about.
RED: Mapping[str, tuple[str, ...]] = {
    "store-gone": (
        "POST /api/v1/score`",
        "`GET /health` of model",
        "/services/status",
        "every payment",
    ),
    "queue-gone": ("`GET /health` of ingest", "/services/status"),
    "secret-gone": ("`GET /health` of database", "/services/status"),
    "cold-start": ("/monitoring/overview", "every alarm"),
}


@pytest.mark.parametrize("slug", RED)
def test_the_old_behaviour_turns_the_row_red(slug: str) -> None:
    scenario, seen = BY_SLUG[slug], read(RECORDED / f"{slug}.json")
    red = [row.who for row in scenario.rows if row.check(seen)]
    assert [part for part in RED[slug] if not any(part in who for who in red)] == []


def test_every_recording_is_held_against_its_row() -> None:
    assert {path.stem for path in RECORDED.glob("*.json")} == set(RED)
