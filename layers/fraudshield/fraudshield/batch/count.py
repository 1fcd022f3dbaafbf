"""What the rows of a chunk add to the aggregates: counts and exact sums, by when they happened and what they are."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from fraudshield.analytics.amount_band import BOUNDS
from fraudshield.analytics.bin import AMOUNT_EDGES, SCORE_EDGES
from fraudshield.analytics.series import DAYS, FLAGGED_HOURS, HOURS, PATTERNS, SCORES
from fraudshield.batch.columns import Rows
from fraudshield.batch.tally import EXACT_SUM, Counters, Tally
from fraudshield.batch.verdict import Judge, Verdicts
from fraudshield.event_type.payment import TYPES
from fraudshield.policy.policy import Outcome
from fraudshield.predictor.columns import Floats
from fraudshield.predictor.forest import STEPS
from fraudshield.text.number import exact
from fraudshield.text.stored_number import summand
from fraudshield.transaction.quality import CLOCK_SKEW

FINER = re.compile(r"\.[0-9]{3}|[^0-9.\n]")  # than a cent, or spelled otherwise
CENTS, LARGEST = 100, 1e12
HALF = 1 << 24  # of an amount in cents: a hundred thousand of either half add up to less than 53 bits
DENSE = 1 << 16  # keys as near to each other as this are counted without being sorted
BAND_BOUNDS = np.array([float(bound) for bound in BOUNDS])
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OUTCOMES = tuple(Outcome)
WIDTH = 128  # of a key's lower part: more than there are types or hours with outcomes, or bins
Integers = NDArray[np.int64]
By = dict[str, Counters]


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """How many rows have a key, and the exact sum of their amounts."""

    key: int
    rows: int
    amount: Decimal


def count(rows: Rows, verdicts: Verdicts, judge: Judge) -> Tally:
    """Counts these rows. A row without a time of its own happened when the file was received."""
    if not len(rows):
        return Tally()
    amounts = rows.column("amount")
    numbers, counts = np.unique(np.searchsorted(BAND_BOUNDS, rows.money["amount"], side="right"), return_counts=True)
    times = [at or judge.received_at for at in rows.occurred_at] or [judge.received_at]
    counting = _Counting(rows, verdicts, judge, Amounts(amounts, rows.money["amount"]))
    return Tally(
        rows=len(rows),
        scored=len(rows),
        days=counting.days(),
        more={DAYS: counting.day_amounts(), HOURS: counting.by_hour(), SCORES: counting.scores()} | counting.patterns(),
        bands=dict(zip(numbers.tolist(), counts.tolist(), strict=True)),
        least=exact(Decimal(amounts[int(np.argmin(rows.money["amount"]))])),
        most=exact(Decimal(amounts[int(np.argmax(rows.money["amount"]))])),
        earliest=min(times),
        latest=max(times),
    )


class Amounts:
    """The amounts of some rows; they are summed exactly, in cents where none is finer."""

    def __init__(self, texts: Sequence[str], values: Floats) -> None:
        self._texts = texts
        coarse = not len(values) or (float(values.max()) < LARGEST and not FINER.search("\n".join(texts)))
        self._cents: Integers | None = np.rint(values * CENTS).astype(np.int64) if coarse else None

    def groups(self, keys: Integers) -> Iterator[KeyGroup]:
        """Yields a group for each key that a row has, in the order of the keys."""
        found, at, rows = _grouped(keys)
        cents = self._cents
        amounts = self._exactly(at, len(found)) if cents is None else _in_cents(cents, at, len(found))
        for key, count, amount in zip(found.tolist(), rows.tolist(), amounts, strict=True):
            yield KeyGroup(key, count, amount)

    def _exactly(self, at: Integers, groups: int) -> list[Decimal]:
        sums: dict[int, Decimal] = defaultdict(Decimal)
        for number, text in zip(at.tolist(), self._texts, strict=True):
            sums[number] = EXACT_SUM.add(sums[number], summand(exact(Decimal(text))))
        return [sums[number] for number in range(groups)]


class _Counting:
    """Counts rows, grouped by when they happened and by one thing more."""

    def __init__(self, rows: Rows, verdicts: Verdicts, judge: Judge, money: Amounts) -> None:
        self._money, self._judge = money, judge
        self._hours = _hours(rows, judge)
        self._days = self._hours // 24
        self._steps = verdicts.risk_steps
        self._outcomes = _outcomes(len(rows), verdicts)
        self._kinds = rows.type_codes * len(OUTCOMES) + self._outcomes
        self._bins = np.searchsorted(np.array(AMOUNT_EDGES, np.float64), rows.money["amount"], side="right") - 1
        self._skewed = _skewed(rows, judge)

    def days(self) -> By:
        """Counts by day what the totals count too."""
        found = self._by_kind(self._days, _day)
        for day in np.unique(self._days).tolist():
            here = self._days == day
            told = {
                "risk": Decimal(int(self._steps[here].sum())) / STEPS,
                "predicted_fraud": Decimal(int((self._outcomes[here] > 0).sum())),
                "quality.clock_skew": Decimal(int(self._skewed[here].sum())),
            }
            found[_day(day)] |= {name: value for name, value in told.items() if value}
        return {when: dict(sorted(counters.items())) for when, counters in sorted(found.items())}

    def by_hour(self) -> By:
        """Counts by hour; the histograms that drift is measured by are not kept for files."""
        return self._by_kind(self._hours, _hour)

    def day_amounts(self) -> By:
        """Sums amounts by day, as `delta.day_amounts` does for single transactions."""
        found: By = defaultdict(dict)
        for when, kind, group in self._groups(self._days, self._kinds, _day):
            name, outcome = TYPES[kind // len(OUTCOMES)], OUTCOMES[kind % len(OUTCOMES)]
            _add(found[when], f"type_amount.{name}", group.amount)
            _add(found[when], f"outcome_amount.{outcome}", group.amount)
            if outcome is not Outcome.APPROVE:
                _add(found[when], f"type_flagged.{name}", Decimal(group.rows))
        return dict(found)

    def patterns(self) -> dict[str, By]:
        """Counts by hour of the day and by size, as `delta.patterns` and `delta.flagged_hour` do for single ones."""
        found: By = defaultdict(dict)
        flagged: By = defaultdict(dict)
        for values, prefix in ((self._hours % 24, "h{:02d}"), (self._bins, "s{}")):
            for when, cell, group in self._groups(self._days, values * len(OUTCOMES) + self._outcomes, _day):
                name, outcome = prefix.format(cell // len(OUTCOMES)), OUTCOMES[cell % len(OUTCOMES)]
                _add(found[when], name, Decimal(group.rows))
                _add(found[when], f"{name}a", group.amount)
                if outcome is not Outcome.APPROVE:
                    _add(found[when], f"{name}f", Decimal(group.rows))
                    if prefix.startswith("h"):
                        _add(flagged[when], f"{name}{outcome[0]}", Decimal(group.rows))
                        _add(flagged[when], f"{name}{outcome[0]}a", group.amount)
        return {PATTERNS: dict(found), FLAGGED_HOURS: dict(flagged)}

    def scores(self) -> By:
        """Counts by bin of the score, as `delta.score_counters` does for single transactions."""
        found: By = defaultdict(dict)
        bins = np.searchsorted(np.array(SCORE_EDGES), self._steps, side="right") - 1
        for when, number, group in self._groups(self._days, bins, _day):
            found[when] |= {f"n.{number:02d}": Decimal(group.rows), f"a.{number:02d}": group.amount}
        return {when: {name: value for name, value in one.items() if value} for when, one in found.items()}

    def _by_kind(self, when: Integers, name: Callable[[int], str]) -> By:
        found: By = defaultdict(dict)
        for label, kind, group in self._groups(when, self._kinds, name):
            for counter in ("transactions", "decisions"):
                _add(found[label], counter, Decimal(group.rows))
            _add(found[label], "amount", group.amount)
            _add(found[label], f"type.{TYPES[kind // len(OUTCOMES)]}", Decimal(group.rows))
            _add(found[label], f"outcome.{OUTCOMES[kind % len(OUTCOMES)]}", Decimal(group.rows))
        return dict(found)

    def _groups(
        self, when: Integers, what: Integers, name: Callable[[int], str]
    ) -> Iterator[tuple[str, int, KeyGroup]]:
        for group in self._money.groups(when * WIDTH + what):
            yield name(group.key // WIDTH), group.key % WIDTH, group


def _grouped(keys: Integers) -> tuple[Integers, Integers, Integers]:
    """Returns the different keys in order, the position of each row's key among them, and the rows of each key."""
    least = int(keys.min()) if len(keys) else 0
    shifted = keys - least
    if not len(keys) or int(shifted.max()) > DENSE:
        found, at, rows = np.unique(keys, return_inverse=True, return_counts=True)
        return found, at.astype(np.int64), rows
    counts = np.bincount(shifted)
    there = np.flatnonzero(counts)
    position = np.empty(len(counts), np.int64)
    position[there] = np.arange(len(there))
    return there + least, position[shifted], counts[there]


def _in_cents(cents: Integers, at: Integers, groups: int) -> list[Decimal]:
    """Sums cents in two halves, each of which floats add up exactly."""
    upper, lower = (np.bincount(at, weights=half, minlength=groups).tolist() for half in np.divmod(cents, HALF))
    return [Decimal(int(one) * HALF + int(rest)).scaleb(-2) for one, rest in zip(upper, lower, strict=True)]


def _add(counters: Counters, name: str, value: Decimal) -> None:
    if value:
        counters[name] = EXACT_SUM.add(counters.get(name, Decimal()), value)


def _hours(rows: Rows, judge: Judge) -> Integers:
    """When each row happened, in hours since 1970, UTC."""
    arrived = _since(judge.received_at)
    if not any(rows.occurred_at):
        return np.full(len(rows), arrived, np.int64)
    return np.fromiter((arrived if at is None else _since(at) for at in rows.occurred_at), np.int64, len(rows))


def _since(at: datetime) -> int:
    return (at - EPOCH) // timedelta(hours=1)


def _hour(hours: int) -> str:
    return (EPOCH + timedelta(hours=hours)).isoformat()[:13]


def _day(days: int) -> str:
    return (EPOCH + timedelta(days=days)).isoformat()[:10]


def _outcomes(rows: int, verdicts: Verdicts) -> Integers:
    found = np.zeros(rows, np.int64)
    for at, scored in verdicts.flagged.items():
        found[at] = OUTCOMES.index(scored.decision.outcome)
    return found


def _skewed(rows: Rows, judge: Judge) -> Integers:
    if not any(rows.occurred_at):
        return np.zeros(len(rows), np.int64)
    ahead = (at is not None and at - judge.received_at > CLOCK_SKEW for at in rows.occurred_at)
    return np.fromiter(ahead, np.int64, len(rows))
