"""Storing a chunk's decisions: an attempt goes on where the one before stopped; what is left in the end is named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.batch.dynamo_store import GROUP, REFUSED, ROUND, STALLS, STORED, UNAVAILABLE, ChunkStore, Refused
from fraudshield.batch.result import StoreProgressFile
from fraudshield.batch.tally import Tally
from fraudshield.dynamo.call import PacedCalls
from fraudshield.errors import ChunkTimeout, StoreUnavailable
from fraudshield.scoring.decision import ScoredTransaction
from tests.chunk import DRAINED, HEADER, row, score
from tests.content import built_in
from tests.fake_files import FakeFiles

CALLS = PacedCalls(patience_s=0.0)
[MODEL] = score(HEADER + row(**DRAINED)).kept


class Killed(BaseException):
    """The process was killed: our code may not catch it."""


def decisions(count: int) -> list[ScoredTransaction]:
    return [
        replace(
            MODEL,
            transaction=built_in(MODEL.transaction).model_copy(update={"transaction_id": f"t{at}"}),
            decision=replace(MODEL.decision, transaction_id=f"t{at}"),
        )
        for at in range(count)
    ]


class NoErasures:
    """Nobody was erased."""

    def erased_at(self, accounts: Iterable[str]) -> dict[str, datetime]:
        return {}

    def pseudonym(self, account: str) -> str:
        return account


@dataclass
class FakeWrites:
    """A store in memory: it is away from the group `away_from` on, and a group that is in it costs nothing new."""

    stored: dict[str, int] = field(default_factory=dict)  # how often each was sent
    away_from: float = float("inf")
    killed_at: float = float("inf")
    refused: frozenset[str] = frozenset()
    groups: int = 0

    def write(self, group: Sequence[ScoredTransaction]) -> list[Tally | Refused]:
        assert len(group) <= GROUP
        self.groups += 1
        if self.groups > self.killed_at:
            raise Killed
        if self.groups > self.away_from:
            raise EndpointConnectionError(endpoint_url="http://store")
        ids = [one.transaction.transaction_id for one in group]
        for name in ids:
            self.stored[name] = self.stored.get(name, 0) + 1
        return [Refused() if name in self.refused else STORED for name in ids]


@dataclass
class Attempt:
    """Attempts at one chunk, one after the other."""

    writes: FakeWrites = field(default_factory=FakeWrites)
    file: StoreProgressFile = field(default_factory=lambda: StoreProgressFile(FakeFiles(), "jobs/stored"))  # type: ignore[arg-type]
    lines: list[str] = field(default_factory=list)
    checks: int = 0
    rounds: float = float("inf")  # that an attempt has time for

    def run(self, decided: Sequence[ScoredTransaction], blocks: int = 1) -> Tally:
        """Stores all, handed over in some blocks."""
        self.lines.clear()
        self.checks = 0
        store = ChunkStore(self.writes, CALLS, NoErasures(), self.file, self.lines.extend, self.check)  # type: ignore[arg-type]
        size = -(-len(decided) // blocks) or 1
        tally = Tally()
        for start in range(0, len(decided), size):
            tally += store.keep(decided[start : start + size])
        return tally

    def check(self) -> None:
        self.checks += 1
        if self.checks > self.rounds:
            raise ChunkTimeout("no time")


def test_nothing_to_store_is_nothing_stored() -> None:
    assert Attempt().run([]) == Tally()


@given(kills=st.lists(st.integers(0, 60), min_size=1, max_size=10), blocks=st.integers(1, 5))
def test_an_attempt_goes_on_where_the_one_before_was_killed(kills: list[int], blocks: int) -> None:
    decided, attempt = decisions(1_100), Attempt()
    for at in kills:
        attempt.writes.groups, attempt.writes.killed_at = 0, at
        try:
            attempt.run(decided, blocks)
        except Killed:
            continue
    attempt.writes.killed_at = float("inf")
    assert attempt.run(decided, blocks) == Tally(stored=1_100)
    assert len(attempt.writes.stored) == 1_100
    # What a kill costs is at most the rounds that were not noted; a small block's round joins the next one's.
    assert sum(attempt.writes.stored.values()) <= 1_100 + 2 * ROUND * (len(kills) + 1)


def test_an_attempt_without_time_keeps_what_it_stored_and_the_next_sends_none_of_it_again() -> None:
    decided, attempt = decisions(1_000), Attempt(rounds=1)
    with pytest.raises(ChunkTimeout):
        attempt.run(decided)
    with pytest.raises(ChunkTimeout):
        attempt.run(decided)
    attempt.rounds = 2
    assert attempt.run(decided) == Tally(stored=1_000)
    assert set(attempt.writes.stored.values()) == {1}


def test_what_cannot_be_stored_after_all_is_named_and_the_chunk_ends() -> None:
    decided, attempt = decisions(700), Attempt(FakeWrites(away_from=ROUND / GROUP))
    for _ in range(STALLS + 1):  # the first has stored something
        with pytest.raises(StoreUnavailable, match="could not be stored yet"):
            attempt.run(decided)
    tally = attempt.run(decided)
    assert (tally.stored, tally.unstored) == (ROUND, 700 - ROUND)
    assert attempt.lines == [f"t{at},review,{UNAVAILABLE}\n" for at in range(ROUND, 700)]
    groups = attempt.writes.groups
    assert attempt.run(decided) == tally  # killed before its checkpoint: the next says the same and sends less
    assert len(attempt.lines) == 700 - ROUND
    assert attempt.writes.groups - groups <= ROUND / GROUP


def test_a_store_that_comes_back_in_the_last_attempt_takes_what_is_left() -> None:
    decided, attempt = decisions(300), Attempt(FakeWrites(away_from=0))
    for _ in range(STALLS):
        with pytest.raises(StoreUnavailable):
            attempt.run(decided)
    attempt.writes.away_from = float("inf")
    assert attempt.run(decided) == Tally(stored=300)
    assert attempt.lines == []


def test_attempts_that_store_something_are_no_stall() -> None:
    decided, attempt = decisions(STALLS * 3 * ROUND), Attempt()
    for _ in range(STALLS * 3 - 1):
        attempt.writes.groups, attempt.writes.away_from = 0, ROUND / GROUP
        with pytest.raises(StoreUnavailable):
            attempt.run(decided)
    attempt.writes.away_from = float("inf")
    assert attempt.run(decided) == Tally(stored=STALLS * 3 * ROUND)


def test_a_decision_that_the_store_refuses_is_named_and_the_others_are_stored() -> None:
    attempt = Attempt(FakeWrites(refused=frozenset({"t3"})))
    assert attempt.run(decisions(60)) == Tally(stored=59, unstored=1)
    assert attempt.lines == [f"t3,review,{REFUSED}\n"]


def test_other_rows_than_those_of_the_attempt_before_begin_anew() -> None:
    attempt = Attempt(rounds=1)
    with pytest.raises(ChunkTimeout):
        attempt.run(decisions(600))
    attempt.rounds, others = 9, decisions(700)[1:]
    with pytest.raises(StoreUnavailable, match="begins again"):
        attempt.run(others)
    assert attempt.run(others) == Tally(stored=699)
