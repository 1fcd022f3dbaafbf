"""The population stability index, and the histograms that it compares with."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from math import log

import pytest

from fraudshield.analytics.drift import ENOUGH, LEAST, drift, index, measured
from fraudshield.analytics.port import Slice
from fraudshield.predictor.reference import RISK, Histogram, Reference
from tests.fakes import NOW, FakeAggregates
from tests.model.feature import FEATURE_NAMES

HALVES = Histogram((1.0,), (0.5, 0.5))
REFERENCE = Reference("1", dict.fromkeys(FEATURE_NAMES, HALVES), HALVES)


def counted(low: int, high: int) -> dict[str, Decimal]:
    bins = {f"{prefix}.{at}": Decimal(n) for prefix in REFERENCE.histograms for at, n in enumerate((low, high))}
    return bins | {"decisions": Decimal(low + high)}


def test_a_value_on_an_edge_is_in_the_bin_below() -> None:
    assert [HALVES.bin(value) for value in (0.9, 1.0, 1.1)] == [0, 0, 1]


def test_the_same_distribution_has_no_distance() -> None:
    assert index((0.5, 0.5), (0.5, 0.5)) == 0
    assert set(drift(counted(500, 500), REFERENCE).values()) == {0.0}


def test_another_distribution_has_one_both_ways_round() -> None:
    there, back = index((0.9, 0.1), (0.5, 0.5)), index((0.5, 0.5), (0.9, 0.1))
    assert there == back == pytest.approx(0.4 * log(9))
    assert drift(counted(900, 100), REFERENCE) == dict.fromkeys((RISK, *FEATURE_NAMES), pytest.approx(0.8789, abs=1e-4))


def test_an_empty_bin_is_far_but_not_infinitely() -> None:
    assert index((1.0, 0.0), (0.5, 0.5)) == pytest.approx(0.5 * log(2) + (0.5 - LEAST) * log(0.5 / LEAST))
    assert index(None, (0.5, 0.5)) is None


@pytest.mark.parametrize(("number", "there"), [(ENOUGH, 9), (ENOUGH - 1, 0)])
def test_too_few_are_not_compared(number: int, there: int) -> None:
    assert len(drift(counted(number, 0), REFERENCE)) == there


def test_what_has_no_bins_has_no_distance() -> None:
    assert drift({"decisions": Decimal(ENOUGH)}, REFERENCE) == {}


class Hours(FakeAggregates):
    """Knows what was counted in some hours."""

    def __init__(self, *slices: Slice) -> None:
        super().__init__()
        self.slices_known = slices

    def slices(self, series: str, first: str, last: str) -> Iterator[Slice]:
        return (one for one in self.slices_known if first <= one.at <= last)


def hour(at: datetime | str, source: str = "api", version: str = "1", **counts: int) -> Slice:
    name = at if isinstance(at, str) else f"{at:%Y-%m-%dT%H}"
    return Slice(name, source, version, counted(counts.get("low", 900), 100))


def test_the_last_day_counts_and_nothing_else() -> None:
    inside = [hour("2026-11-23T11"), hour("2026-11-24T10", "queue")]
    told = measured(Hours(*inside), REFERENCE, NOW)
    assert told.keys() == {"ScoreDrift", "TrafficDrift", *(f"Drift{n.title().replace('_', '')}" for n in FEATURE_NAMES)}
    outside = [
        *(hour("2026-11-23T10", low=0), hour("2026-11-24T11", low=0)),
        *(hour(NOW, "batch", low=0), hour(NOW, version="2", low=0)),
    ]
    assert measured(Hours(*inside, *outside), REFERENCE, NOW) == told
    assert measured(Hours(*outside), REFERENCE, NOW) == {}
