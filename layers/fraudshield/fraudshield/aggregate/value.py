"""The value of an aggregate, as it is kept with a decision and as expressions read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from fraudshield.expression.reading import HISTORY_CAPPED, NO_RATE, AtLeast, Scalar, Unread
from fraudshield.text.stored_number import EXACT

UNREAD = "unread"  # late, not answered, or not asked
NOT_IN_FILE = "not_in_file"  # of labels, outcomes and risks, where a file is its own history


@dataclass(frozen=True, slots=True)
class AggregateValue:
    """A number; with `at_least` that or more. Without one there is none, as no mean of nothing, or `unread` says why.

    A float's number is the decimal that it is written as, so that it comes back the same from wherever it is kept.
    """

    number: Decimal | None = None
    at_least: bool = False
    unread: str = ""

    @property
    def reading(self) -> Scalar | Unread | AtLeast | None:
        """What an expression reads."""
        if self.unread:
            return Unread(self.unread)
        return AtLeast(self.number) if self.at_least and self.number is not None else self.number


AggregateValues = Mapping[str, AggregateValue]  # by the aggregate's name
NOT_READ, NOTHING, CUT = AggregateValue(unread=UNREAD), AggregateValue(), AggregateValue(unread=HISTORY_CAPPED)
UNPRICED = AggregateValue(unread=NO_RATE)  # among what is counted is an amount that had no rate
NOT_THERE = AggregateValue(unread=NOT_IN_FILE)


def exactly(number: int | Decimal, *, at_least: bool = False) -> AggregateValue:
    """A count or a sum, in one spelling."""
    return AggregateValue(Decimal(number).normalize(EXACT) or Decimal(0), at_least)  # of -0 too


def nearly(number: float, *, at_least: bool = False) -> AggregateValue:
    """A float64."""
    return exactly(Decimal(repr(number)), at_least=at_least)


def unread(values: AggregateValues) -> tuple[str, ...]:
    """What of them could not be read, as `degraded` names it."""
    return tuple(f"aggregate_unread:{name}" for name, one in values.items() if one.unread in (UNREAD, NOT_IN_FILE))
