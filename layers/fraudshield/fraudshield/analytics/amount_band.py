"""The bands of the histogram of amounts: of 2 % from a cent on, so that the middle of one is within 1 % of all in it.

Their bounds are part of what is stored: a change of them starts new counts.
"""

from bisect import bisect_right
from collections.abc import Iterator
from decimal import Decimal

from fraudshield.analytics.series import EXACT

GROWTH = Decimal("1.02")  # of a bound over the one before
LEAST, MOST = Decimal("0.01"), Decimal(10) ** 15
BANDS_PER_ITEM = 100  # an update pays for its whole item: some 1.5 KB


def _bounds() -> Iterator[Decimal]:
    bound = LEAST
    while bound < MOST:
        yield bound
        bound = EXACT.multiply(bound, GROWTH).quantize(Decimal("0.000001"), context=EXACT)


BOUNDS = tuple(_bounds())  # ascending: band n holds the amounts from BOUNDS[n - 1] on, band 0 those below a cent


def band(amount: Decimal) -> int:
    """The number of the band that an amount is in."""
    return bisect_right(BOUNDS, amount)


def middle(number: int) -> Decimal:
    """A value within 1 % of every amount in the band."""
    if number == 0:
        return Decimal(0)
    return (BOUNDS[number - 1] * 2 * GROWTH / (1 + GROWTH)).quantize(Decimal("0.0001"))


def histogram_bucket(source: str, number: int) -> str:
    """The bucket of the histogram's series that counts a band: `api#05` holds bands 500 to 599."""
    return f"{source}#{number // BANDS_PER_ITEM:02d}"
