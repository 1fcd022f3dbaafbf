"""What people can look at, and what mistakes cost, in the words of whoever asks for a model or for thresholds."""

import re
from dataclasses import dataclass

from fraudshield.errors import InvalidInput

BUDGET = re.compile(r"(?P<share>\d+(?:\.\d+)?)\s*%|(?P<number>\d+)\s*/\s*day", re.ASCII)
COST = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<percent>%?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Budget:
    """How many payments people can review: a `share` of all, or so many `a_day`."""

    share: float | None = 0.005
    a_day: float | None = None

    def of(self, payments_a_day: float) -> float:
        """The share of traffic of so many payments a day."""
        return self.share if self.share is not None else float(self.a_day or 0) / payments_a_day

    def __str__(self) -> str:
        return f"{100 * self.share:g} %" if self.share is not None else f"{self.a_day:g} a day"


@dataclass(frozen=True, slots=True)
class Costs:
    """`review` is money for each review; the others are shares of the amount: of a genuine payment that is blocked, and
    of a fraud that goes through.
    """

    review: float
    wrong_block: float
    lost: float

    def __str__(self) -> str:
        return f"review={self.review:g}, wrong_block={100 * self.wrong_block:g}%, lost={100 * self.lost:g}%"


def read_budget(text: str) -> Budget:
    """`0.5%` or `200/day`. Raises InvalidInput."""
    found = BUDGET.fullmatch(text.strip())
    if found and found["share"] and 0 < float(found["share"]) <= 50:
        return Budget(float(found["share"]) / 100)
    if found and found["number"] and int(found["number"]) > 0:
        return Budget(None, float(found["number"]))
    raise InvalidInput(f"budget is {text!r}, expected a share up to 50% as 0.5%, or a number as 200/day")


def read_costs(text: str) -> Costs:
    """`review=4,wrong_block=15%,lost=100%`. Raises InvalidInput."""
    expected = "expected review=4,wrong_block=15%,lost=100%"
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        read = COST.fullmatch(value.strip())
        percent = name in ("wrong_block", "lost")
        if read is None or name not in ("review", "wrong_block", "lost") or bool(read["percent"]) != percent:
            raise InvalidInput(f"costs have {part.strip()!r}, {expected}")
        found[name] = float(read["number"]) / (100 if percent else 1)
    if missing := [name for name in ("review", "wrong_block", "lost") if name not in found]:
        raise InvalidInput(f"costs lack {', '.join(missing)}, {expected}")
    return Costs(**found)
