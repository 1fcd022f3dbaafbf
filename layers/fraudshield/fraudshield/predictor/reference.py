"""How score and features were distributed in training: what the manifest keeps to tell drift by, and its bins."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

RISK = "risk"


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bin i holds `shares[i]` of the rows: values above edge i - 1, up to and including edge i; the ends are open."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]

    def bin(self, value: float) -> int:
        """The number of the bin of a value."""
        return bisect_left(self.edges, value)


@dataclass(frozen=True, slots=True)
class Reference:
    """The distributions of one model version, by feature in the order that the model reads them, and `RISK`."""

    version: str
    features: Mapping[str, Histogram]
    risk: Histogram

    @property
    def histograms(self) -> Mapping[str, Histogram]:
        """Each histogram by the prefix of its counters."""
        return {"r": self.risk} | {f"f{at}": one for at, one in enumerate(self.features.values())}

    def counters(self, features: Sequence[float], risk: float) -> Iterator[str]:
        """The counters that a decided transaction adds one to."""
        yield f"r.{self.risk.bin(risk)}"
        for at, (value, histogram) in enumerate(zip(features, self.features.values(), strict=True)):
            yield f"f{at}.{histogram.bin(value)}"
