"""Statistics of what has been counted so far, also while the counts of a new source are being written."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import accumulate

import pytest

from fraudshield.analytics.port import Counters
from fraudshield.analytics.statistics import stats_response
from tests.fakes import NOW, FakeAggregates

WRITTEN = {"least": "5.00", "most": "5.00", "earliest": "2026-11-30T10:00:00Z", "latest": "2026-11-30T10:00:00Z"}
SO_FAR = [dict(found) for found in accumulate(([one] for one in WRITTEN.items()), initial=[])]


class HalfWritten(FakeAggregates):
    """One transaction was counted, and so much is known of its extremes."""

    def __init__(self, known: Mapping[str, str]) -> None:
        super().__init__()
        self.extreme = known

    def totals(self) -> Mapping[str, Counters]:
        return {"api": {"transactions": Decimal(1), "amount": Decimal(5)}}

    def extremes(self) -> Mapping[str, Mapping[str, str]]:
        return {"api": self.extreme}


@pytest.mark.parametrize("known", SO_FAR, ids=len)
def test_an_extreme_that_is_not_written_yet_is_not_known(known: Mapping[str, str]) -> None:
    told = stats_response(HalfWritten(known), NOW)
    assert told["amount_stats"]["min"] == (Decimal("5.00") if "least" in known else None)
    assert told["amount_stats"]["max"] == (Decimal("5.00") if "most" in known else None)
    assert told["date_range"] == {"earliest": known.get("earliest"), "latest": known.get("latest")}
