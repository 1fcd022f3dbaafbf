"""What a comparison of two models is asked for with."""

from typing import Annotated

from pydantic import Field, StringConstraints

from fraudshield.backtest.challenger.gate import MARGIN
from fraudshield.backtest.request import BacktestSpan
from fraudshield.text.fault import read_object
from fraudshield.text.pattern import MODEL_VERSION

PublishedVersion = Annotated[str, StringConstraints(strict=True, pattern=MODEL_VERSION)]


class ComparisonRequest(BacktestSpan):
    """Two versions of an event type's models; the champion is the one in force where none is named.

    `margin` is how much less of the money the challenger may find, as a share.
    """

    challenger: PublishedVersion
    champion: PublishedVersion | None = None
    margin: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = MARGIN


def read_comparison(body: object) -> ComparisonRequest:
    """`{"challenger": ..., "champion": ..., "from": ..., "to": ...}`. Raises Malformed, InvalidInput."""
    expected = "challenger, from and, if wanted, champion, to and margin"
    return read_object(body, ComparisonRequest, expected, "The comparison is not valid", "invalid_comparison")
