"""The dated price table: what one of everything that is counted costs."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Dollars for one of each, by name. `as_of` is the month in which they were looked up."""

    region: str
    as_of: str
    each: Mapping[str, float]

    def dollars(self, amounts: Mapping[str, float]) -> float:
        """What so many of each cost. Raises KeyError: there is no price for one of them."""
        return sum(self.each[name] * amount for name, amount in amounts.items())


@cache
def prices() -> PriceTable:
    """The table of this folder."""
    told = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    each = {name: float(one[name]) for one in told["service"] for name in one if name != "source"}
    return PriceTable(told["region"], told["as_of"], each)
