"""The analytics responses that are expected, worked out anew from the stored items: by other code than the product's.

It reads everything, keeps lists instead of counters, and knows no series and no bins but those that the responses show.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from tests.oracle.figures import Fact, band, bins, cell, figures, hour_of_day, lags, performance

Item = Mapping[str, Any]
TYPES = ("PAYMENT", "TRANSFER", "CASH_OUT", "CASH_IN", "DEBIT")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
AMOUNTS = (0, 10, 100, 1000, 10_000, 100_000, 1_000_000)
RATIO = 2e-6  # what rounding to six places may do
EXACT = ("amount", "value", "median")  # money, to the cent: these are compared as they are


@dataclass(frozen=True, slots=True)
class Oracle:
    """The analytics responses expected of the items of the table, as on a day."""

    facts: Sequence[Fact]
    today: date
    review: float
    block: float

    def between(self, first: date, last: date, sources: Sequence[str]) -> list[Fact]:
        """The facts from the first day to the last, both included."""
        return [one for one in self.facts if first <= one.at.date() <= last and one.source in sources]

    def fraud_trends(self, days: int, sources: Sequence[str] = ("api", "queue")) -> dict[str, Any]:
        """The response, without its stamps; so are the others."""
        first = self.today - timedelta(days=days - 1)
        inside = self.between(first, self.today, sources)
        before = self.between(first - timedelta(days=days), first - timedelta(days=1), sources)
        now, then = figures(inside), figures(before)
        watched = ("transactions", "amount", "flagged", "blocked", "amount_stopped", "labelled_fraud")
        each = [first + timedelta(days=at) for at in range(days)]
        return self._frame(days, sources) | {
            "trends": [
                {"date": day.isoformat()} | figures([one for one in inside if one.at.date() == day]) for day in each
            ],
            "hours": [{"hour": at} | hour_of_day(one for one in inside if one.at.hour == at) for at in range(24)],
            "total": now,
            "before": then,
            "change": {name: now[name] / then[name] - 1 if then[name] else None for name in watched},
        }

    def transaction_patterns(self, days: int, sources: Sequence[str] = ("api", "queue")) -> dict[str, Any]:
        inside = self.between(self.today - timedelta(days=days - 1), self.today, sources)
        bounds = list(zip(AMOUNTS, [*AMOUNTS[1:], None], strict=True))
        return self._frame(days, sources) | {
            "by_type": [{"type": kind} | cell(f for f in inside if f.kind == kind) for kind in TYPES],
            "by_hour": [{"hour": hour} | cell(f for f in inside if f.at.hour == hour) for hour in range(24)],
            "by_weekday": [
                {"weekday": name} | cell(f for f in inside if f.at.weekday() == at) for at, name in enumerate(WEEKDAYS)
            ],
            "by_amount": [
                {"lower": float(low), "upper": None if high is None else float(high)}
                | cell(f for f in inside if f.amount >= low and (high is None or f.amount < high))
                for low, high in bounds
            ],
            "unusual": self._unusual(sources),
        }

    def destinations(
        self, told: Sequence[Mapping[str, Any]], days: int, sources: Sequence[str] = ("api", "queue")
    ) -> Iterator[str]:
        """What is wrong with the top destinations: their marks say nothing, their payments lead to the names."""
        inside = [
            one for one in self.between(self.today - timedelta(days=days - 1), self.today, sources) if one.flagged
        ]
        names, sums = {one.name: one.destination for one in inside}, dict[str, Decimal]()
        for one in inside:
            sums[one.destination] = sums.get(one.destination, Decimal(0)) + one.amount
        found = [names[one["transaction_id"]] for one in told]
        if len({*found}) < len(found) or len({one["destination"] for one in told}) < len(told):
            yield "top_destinations: one of them twice"
        for listed, name in zip(told, found, strict=True):
            if not listed["amount_flagged"] <= float(sums[name]) <= listed["amount_at_most"]:
                yield f"top_destinations: {listed}, expected {sums[name]}"
        dearest = sorted(map(float, sums.values()), reverse=True)[:10]
        exact = all(one["amount_flagged"] == one["amount_at_most"] for one in told)
        if exact and [one["amount_flagged"] for one in told] != dearest:
            yield f"top_destinations: {[one['amount_flagged'] for one in told]}, expected {dearest}"

    def risk_distribution(self, days: int, sources: Sequence[str] = ("api", "queue")) -> dict[str, Any]:
        inside = self._decided(days, sources)
        equal = [(at / 20, (at + 1) / 20) for at in range(20)]
        return self._frame(days, sources) | {
            "total_decisions": len(inside),
            "bands": [band(inside, *bounds) for bounds in equal],
            "bins": [band(inside, *bounds) for bounds in bins()],
            "by_model": dict(sorted(Counter(one.version for one in inside).items())),
            "thresholds": {"review": self.review, "block": self.block, "policy_version": 1},
            "degraded": [],
        }

    def model_performance(self, days: int, sources: Sequence[str] = ("api", "queue")) -> dict[str, Any]:
        inside = self._decided(days, sources)
        total = performance(inside)
        return (
            self._frame(days, sources)
            | total
            | {
                "models": [
                    {"model_version": version} | performance([one for one in inside if one.version == version])
                    for version in sorted({one.version for one in inside})
                ],
                "label_maturity": {"by_age": self._ages(inside), "by_lag": lags(inside)},
                "note": None
                if total["labelled"]
                else "No transaction of the period has a label: what turned out to be fraud is not known",
                "degraded": [],
            }
        )

    def dashboard_summary(self, days: int, sources: Sequence[str] = ("api", "queue")) -> dict[str, Any]:
        return {
            name: getattr(self, name)(days, sources)
            for name in ("fraud_trends", "risk_distribution", "model_performance")
        }

    def _frame(self, days: int, sources: Sequence[str]) -> dict[str, Any]:
        first = self.today - timedelta(days=days - 1)
        return {
            "days": days,
            "since": first.isoformat(),
            "until": self.today.isoformat(),
            "sources": list(sources),
        }

    def _decided(self, days: int, sources: Sequence[str]) -> list[Fact]:
        first = self.today - timedelta(days=days - 1)
        return [one for one in self.between(first, self.today, sources) if one.outcome]

    def _unusual(self, sources: Sequence[str]) -> dict[str, Any]:
        def watched(day: date) -> dict[str, float]:
            there = self.between(day, day, sources)
            told = figures(there)
            kinds = {f"type.{kind}": float(sum(one.kind == kind for one in there)) for kind in TYPES}
            return {name: float(told[name]) for name in ("transactions", "amount", "flagged", "blocked")} | kinds

        yesterday = self.today - timedelta(days=1)
        basis = [watched(yesterday - timedelta(days=back)) for back in range(1, 29)]
        with_some = sum(one["transactions"] > 0 for one in basis)
        found = []
        for name, value in watched(yesterday).items():
            usual = median(one[name] for one in basis)
            if with_some >= 14 and abs(value - usual) >= 20 and not usual / 2 < value < usual * 2:
                ratio = round(value / usual, 3) if usual else None
                found.append({"figure": name, "value": value, "median": usual, "ratio": ratio})
        return {"date": yesterday.isoformat(), "basis_days": with_some, "enough": with_some >= 14, "figures": found}

    def _ages(self, inside: Sequence[Fact]) -> list[dict[str, Any]]:
        found = []
        for low, high in ((0, 7), (8, 30), (31, 60), (61, None)):
            there = [
                one
                for one in inside
                if low <= (self.today - one.at.date()).days
                and (high is None or (self.today - one.at.date()).days <= high)
            ]
            labelled = sum(one.label is not None for one in there)
            found.append(
                {
                    "from_days": low,
                    "to_days": high,
                    "predictions": len(there),
                    "labelled": labelled,
                    "labelled_share": labelled / len(there) if there else None,
                }
            )
        return found

    def _age(self, one: Fact) -> int:
        return (self.today - one.at.date()).days


def facts(items: Iterable[Item]) -> list[Fact]:
    """Of all records those of the transactions themselves; a batch job's are counted by its summary, not here."""
    return [fact(item) for item in items if item["record"]["S"] == "transaction" and item["source"]["S"] != "batch"]


def fact(item: Item) -> Fact:
    """What a stored transaction says."""
    decided, labelled = "outcome" in item, "label" in item
    return Fact(
        source=item["source"]["S"],
        at=instant(item["occurred_at"]["S"]),
        kind=item["type"]["S"],
        amount=Decimal(item["amount"]["N"]),
        outcome=item["outcome"]["S"] if decided else None,
        risk=Decimal(item["risk"]["N"]) if decided else Decimal(0),
        version=item["model_version"]["S"] if decided else "",
        name=item["transaction_id"]["S"],
        destination=item["nameDest"]["S"],
        label=item["label"]["S"] if labelled else None,
        labelled_at=instant(item["labelled_at"]["S"]) if labelled else None,
    )


def instant(text: str) -> datetime:
    """UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def differences(got: Any, expected: Any, path: str = "") -> Iterator[str]:
    """Where a response is not what was expected; ratios may differ in the last digit that is shown."""
    if isinstance(got, dict) and isinstance(expected, dict):
        for name in sorted(got.keys() | expected.keys()):
            yield from differences(got.get(name, "missing"), expected.get(name, "missing"), f"{path}/{name}")
    elif isinstance(got, list) and isinstance(expected, list) and len(got) == len(expected):
        for at, (one, other) in enumerate(zip(got, expected, strict=True)):
            yield from differences(one, other, f"{path}/{at}")
    elif isinstance(got, float) and isinstance(expected, float | int) and not _exact(path):
        if abs(got - expected) > RATIO:
            yield f"{path}: {got}, expected {expected}"
    elif got != expected:
        yield f"{path}: {got}, expected {expected}"


def _exact(path: str) -> bool:
    name = path.rpartition("/")[2]
    return "change" not in path and name.startswith(EXACT) and name != "value_caught"
