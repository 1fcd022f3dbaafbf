"""What features usually add to the margin of payments of one category: reasons say what is unusual among its like.

A category that is risky as such (of payments: TRANSFER) adds as much to every payment in it, and would come first on
each. Relative to its like a payment's reasons are its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UsualContributions:
    """By the rank of a category, which is the feature at `at`: what every feature adds there on average."""

    at: int
    by_rank: Mapping[float, tuple[float, ...]]

    def relative(
        self, features: Sequence[float], base: float, contributions: Sequence[float]
    ) -> tuple[float, tuple[float, ...]]:
        """The category's base, and what each feature added beyond what is usual there; their sum stays the margin.

        Of a category that training did not know, and of none, everything stays as it is: relative to all payments.
        """
        usual = self.by_rank.get(features[self.at])
        if usual is None:
            return base, tuple(contributions)
        return base + sum(usual), tuple([one - of for one, of in zip(contributions, usual, strict=True)])
