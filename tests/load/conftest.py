"""A table at the end of the benchmarks: what was compared, how much faster, and how far the rounds were apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from rich.console import Console
from rich.table import Table

Call = Callable[[], object]
ROWS: list[tuple[str, str, str, str]] = []


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one thing over many calls, in the order they were made."""

    seconds: Sequence[float]

    def at(self, percent: int) -> float:
        """The percentile, in milliseconds."""
        return quantiles(self.seconds, n=100, method="inclusive")[percent - 1] * 1000


def alternate(
    calls: Sequence[Call], rounds: int, repeats: int = 1, clock: Callable[[], float] = perf_counter
) -> list[Timing]:
    """Each call once a round, in turn, so that all meet the same noise; `repeats` calls make one measurement."""
    seconds: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, mine in zip(calls, seconds, strict=True):
            start = clock()
            for _ in range(repeats):
                call()
            mine.append((clock() - start) / repeats)
    return [Timing(mine) for mine in seconds]


def measure(benchmark: BenchmarkFixture, call: Call, rounds: int, warmup: int = 0) -> Timing:
    """One thing by itself, into pytest-benchmark's table and JSON as well."""
    benchmark.pedantic(call, rounds=rounds, iterations=1, warmup_rounds=warmup)  # type: ignore[no-untyped-call]
    return Timing(benchmark.stats.stats.data)  # type: ignore[union-attr]


def ratio(slow: Timing, fast: Timing) -> tuple[float, float, float]:
    """How many times faster: the median over rounds, and the middle 80 % of the rounds."""
    each = sorted(s / f for s, f in zip(slow.seconds, fast.seconds, strict=True))
    return median(each), each[len(each) // 10], each[-len(each) // 10 - 1]


def report(benchmark: BenchmarkFixture, what: str, figure: str, spread: str, goal: str) -> None:
    """A row of the table, also in the JSON."""
    benchmark.extra_info.update(what=what, figure=figure, spread=spread, goal=goal)
    ROWS.append((what, figure, spread, goal))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was reported."""
    if not ROWS:
        return
    table = Table("what", "figure", "spread", "goal", title="Benchmarks (ratios within one run, alternating)")
    for row in ROWS:
        table.add_row(*row)
    terminalreporter.write_line("")
    Console(width=110).print(table)
