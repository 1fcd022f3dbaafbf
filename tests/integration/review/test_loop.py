"""The loop of docs/reviews.md, killed at every step while verdicts are given, undone and replaced around it."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from fraudshield.audit.audit import Author
from fraudshield.review import wiring as review_wiring
from fraudshield.review.closed import closed_response
from fraudshield.review.review import SaidVerdict, VerdictName
from tests.integration.review.reviewing import SetClock, reviews_at
from tests.labelling import flag
from tests.stack import Stack

PAGE = Path(__file__).parents[3] / "docs/reviews.md"
NAMES = ("a", "b", "c", "d", "e", "f")
MOST_LISTED = 2
TICK = timedelta(seconds=10)


class Killed(BaseException):
    """The process ends here, and nothing that it would still have done is done."""


@dataclass(slots=True)
class Kills:
    """Ends the loop after so many steps; None lets it live."""

    after: int | None = None
    steps: int = 0

    def step(self) -> None:
        """One more thing is done, or about to be."""
        self.steps += 1
        if self.after is not None and self.steps > self.after:
            raise Killed


@dataclass(slots=True)
class FakeBank:
    """Moves money once under each key, and may be asked again."""

    kills: Kills
    moved: dict[str, tuple[str, str]] = field(default_factory=dict)

    def release(self, payment: str, idempotency_key: str) -> None:
        self._move("release", payment, idempotency_key)

    def refund(self, payment: str, idempotency_key: str) -> None:
        self._move("decline", payment, idempotency_key)

    def _move(self, verdict: str, payment: str, key: str) -> None:
        self.kills.step()
        self.moved.setdefault(key, (payment, verdict))
        self.kills.step()


@dataclass(slots=True)
class FakePosition:
    """A file that is replaced whole or not at all."""

    kills: Kills
    kept: str | None = None

    def read(self) -> str | None:
        return self.kept

    def write(self, cursor: str) -> None:
        self.kills.step()
        self.kept = cursor
        self.kills.step()


@dataclass(slots=True)
class World:
    """Analysts who give and undo verdicts, and the loop that acts on what became of them."""

    clock: SetClock
    early: timedelta = timedelta()  # by so much the list is ahead of what it promises
    kills: Kills = field(default_factory=Kills)
    requests: Iterator[int] = field(default_factory=count)
    bank: FakeBank = field(init=False)
    position: FakePosition = field(init=False)

    def __post_init__(self) -> None:
        self.bank, self.position = FakeBank(self.kills), FakePosition(self.kills)

    def closed(self, cursor: str | None) -> Any:
        """What `GET /reviews` answers at the clock's time."""
        position: Sequence[str] = json.loads(cursor) if cursor else []
        page = review_wiring.closings().after(position, MOST_LISTED, self.clock.now + self.early)
        return closed_response(page.reviews, MOST_LISTED, json.dumps(page.position))

    def give(self, name: str, verdict: VerdictName) -> None:
        """Somebody decides."""
        reviews_at(self.clock).give(name, SaidVerdict(verdict), None, self._author())

    def undo(self, name: str) -> None:
        """They change their mind in time."""
        reviews_at(self.clock).undo(name, None, self._author())

    def run(self, settle: Callable[..., None], after: int | None) -> None:
        """Runs the loop, which is killed after so many steps."""
        self.kills.after, self.kills.steps = after, 0
        with suppress(Killed):
            settle(self.closed, self.bank, self.position)

    def _author(self) -> Author:
        return Author("AnalystKey", request_id=f"request-{next(self.requests)}")


def the_loop() -> Callable[..., None]:
    """The loop as the page has it."""
    [code] = re.findall(r"```python\n(def settle.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(code.strip().splitlines()) <= 10
    found: dict[str, Any] = {}
    exec(code, found)
    settle: Callable[..., None] = found["settle"]
    return settle


def decide_at(world: World, tick: int) -> None:
    """What analysts do at each tick: some is undone within its 30 seconds, some replaced after them."""
    done: dict[int, list[tuple[str, str]]] = {
        0: [("a", "release"), ("b", "decline")],
        1: [("c", "release"), ("d", "decline")],
        2: [("b", "undo"), ("e", "release")],
        3: [("d", "undo"), ("d", "release"), ("f", "decline")],
        4: [("e", "undo")],
        6: [("b", "release")],
        9: [("a", "decline")],
        10: [("e", "decline")],
        11: [("a", "undo"), ("e", "undo")],
        13: [("c", "decline")],
    }
    for name, what in done.get(tick, []):
        world.undo(name) if what == "undo" else world.give(name, what)  # type: ignore[arg-type]


def given(undone: bool) -> dict[str, tuple[str, str]]:
    """By id the verdicts that stand or stood, or those that were undone."""
    found: dict[str, tuple[str, str]] = {}
    for name in NAMES:
        for one in review_wiring.reviews().find(name).verdicts:
            if (one.undone_at is not None) == undone:
                found[one.verdict_id] = (name, one.said.verdict)
    return found


def live_through(stack: Stack, world: World, kill: Callable[[int], int | None]) -> None:
    """Three minutes of it, with the loop running every ten seconds; at last it is let live."""
    for name in NAMES:
        flag(stack, name)
    settle = the_loop()
    for tick in range(20):
        decide_at(world, tick)
        world.run(settle, kill(tick))
        world.clock.advance(TICK)
    world.run(settle, None)


@pytest.mark.parametrize("first", range(7))
def test_every_verdict_moves_money_once_and_none_that_was_undone(engine_stack: Stack, first: int) -> None:
    world = World(SetClock(datetime.now(UTC)))
    live_through(engine_stack, world, lambda tick: (tick + first) % 7)
    assert world.bank.moved == given(undone=False)
    assert not world.bank.moved.keys() & given(undone=True).keys()
    assert len(given(undone=True)) == 5
    assert sorted(world.bank.moved.values()) == sorted(
        [("a", "release"), ("b", "release"), ("c", "decline"), ("c", "release"), ("d", "release"), ("f", "decline")]
    )


def test_a_list_that_told_of_verdicts_too_early_would_be_caught(engine_stack: Stack) -> None:
    world = World(SetClock(datetime.now(UTC)), early=timedelta(seconds=40))
    live_through(engine_stack, world, lambda _: None)
    assert world.bank.moved.keys() & given(undone=True).keys()
