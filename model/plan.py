"""What everybody in the simulated world is about to do, before anybody looks at a balance."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.random import Generator

from fraudshield.predictor.columns import Booleans
from model.fact import LAST_STEP, STEPS, hour_weights, pick
from model.quantile import Integers
from model.world import WEEK

MINUTES = 60  # of a step
LAST_MINUTE = LAST_STEP * MINUTES + MINUTES - 1
NONE = -1
NEVER = 1 << 40  # a step that does not come


@dataclass(frozen=True, slots=True)
class Intent:
    """Transactions to be: times in minutes, money in cents, accounts as numbers.

    Asked for is `amount`, or so many `permille`, where those are not -1: of the money that the row `source` moved, else
    of what the sender has. `drains` takes all there is, once the source's money has come. `incident` is the theft or
    campaign of a row, `reported` the step at which its victim says so.
    """

    minute: Integers
    kind: Integers
    origin: Integers
    destination: Integers
    amount: Integers
    permille: Integers
    source: Integers
    drains: Booleans
    incident: Integers
    reported: Integers

    def __len__(self) -> int:
        return len(self.minute)

    @classmethod
    def of(
        cls, minute: Integers, kind: Integers | int, origin: Integers, destination: Integers, **others: object
    ) -> Self:
        """Rows of these; what is not told is as of a genuine row that asks for nothing."""
        usual = {"amount": 0, "permille": NONE, "source": NONE, "drains": False, "incident": NONE, "reported": NEVER}
        size = len(minute)
        each = {name: np.broadcast_to(np.asarray(value), size) for name, value in (usual | others).items()}
        return cls(minute, np.broadcast_to(np.asarray(kind), size), origin, destination, **each)

    def rows(self, index: Integers) -> Self:
        """The rows at these positions; a `source` stays the number it is."""
        return type(self)(*(getattr(self, field.name)[index] for field in fields(self)))

    def in_order(self) -> Self:
        """By time, each `source` moved along with the row that it names."""
        order = np.argsort(self.minute, kind="stable")
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        moved = self.rows(order)
        sources = np.where(moved.source == NONE, NONE, place[moved.source])
        return type(self)(**{field.name: getattr(moved, field.name) for field in fields(self)} | {"source": sources})


def joined(*plans: Intent) -> Intent:
    """One after the other."""
    return Intent(*(np.concatenate([getattr(one, field.name) for one in plans]) for field in fields(Intent)))


def drawn_minutes(rng: Generator, size: int) -> Integers:
    """Times as busy as the hours and the days of the week are."""
    volumes = hour_weights() * np.array(WEEK)[STEPS // 24 % 7]
    minutes: Integers = STEPS[pick(rng, volumes, size)] * MINUTES + rng.integers(0, MINUTES, size)
    return minutes


def later(rng: Generator, minute: Integers, hours: Integers | int) -> Integers:
    """Within so many hours, a minute after at least, and not after the end of time."""
    found: Integers = np.minimum(LAST_MINUTE, minute + rng.integers(1, np.asarray(hours) * MINUTES, len(minute)))
    return found
