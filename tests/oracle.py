"""What the analytics calls should answer, worked out anew from the stored items: by other code than the product's.

It reads everything, keeps lists instead of counters, and knows no series and no bins but those that the answers show.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any

from sklearn.metrics import average_precision_score

Item = Mapping[str, Any]
TYPES = ("PAYMENT", "TRANSFER", "CASH_OUT", "CASH_IN", "DEBIT")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
AMOUNTS = (0, 10, 100, 1000, 10_000, 100_000, 1_000_000)
RATIO = 2e-6  # what rounding to six places may do
EXACT = ("amount", "value", "median")  # money, to the cent: these are compared as they are


@dataclass(frozen=True, slots=True)
class Fact:
    """A stored transaction, as far as anybody counts it."""

    source: str
    at: datetime
    kind: str
    amount: Decimal
    outcome: str | None
    risk: Decimal
    version: str
    name: str
    destination: str
    label: str | None
    labelled_at: datetime | None

    @property
    def flagged(self) -> bool:
        """Reviewed or blocked."""
        return self.outcome in {"review", "block"}


@dataclass(frozen=True, slots=True)
class Recount:
    """Of the items of the table, as on a day."""

    facts: Sequence[Fact]
    today: date
    review: float
    block: float

    def between(self, first: date, last: date, sources: Sequence[str]) -> list[Fact]:
        """Both days included."""
        return [one for one in self.facts if first <= one.at.date() <= last and one.source in sources]

    def fraud_trends(self, days: int, sources: Sequence[str] = ("api", "queue")) -> dict[str, Any]:
        """The answer, without its stamps; so are the others."""
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


def money(facts: Iterable[Fact]) -> float:
    """Exact until the last step."""
    return float(sum((one.amount for one in facts), Decimal(0)))


def figures(facts: Sequence[Fact]) -> dict[str, Any]:
    """Of a day or a period."""
    outcomes = Counter(one.outcome for one in facts)
    decided, flagged = sum(one.outcome is not None for one in facts), [one for one in facts if one.flagged]
    return {
        "transactions": len(facts),
        "amount": money(facts),
        "decisions": decided,
        "approved": outcomes["approve"],
        "reviewed": outcomes["review"],
        "blocked": outcomes["block"],
        "flagged": len(flagged),
        "flagged_rate": len(flagged) / decided if decided else None,
        "amount_flagged": money(flagged),
        "amount_stopped": money(one for one in facts if one.outcome == "block"),
        "labelled_fraud": sum(one.label == "fraud" for one in facts),
        "labelled_genuine": sum(one.label == "genuine" for one in facts),
        "amount_labelled_fraud": money(one for one in facts if one.label == "fraud"),
    }


def cell(facts: Iterable[Fact]) -> dict[str, Any]:
    """Of a type, an hour, a weekday, an amount band."""
    there = list(facts)
    flagged = sum(one.flagged for one in there)
    return {
        "transactions": len(there),
        "amount": money(there),
        "flagged": flagged,
        "flagged_rate": flagged / len(there) if there else None,
    }


def bins() -> Iterator[tuple[float, float]]:
    """As docs/analytics.md lists them."""
    edges = [0, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.05, 0.07, *(at / 20 for at in range(2, 21))]
    yield from pairwise(edges)


def inside(risk: Decimal, low: float, high: float) -> bool:
    """The last bin has 1 in it."""
    return Decimal(str(low)) <= risk and (risk < Decimal(str(high)) or high == 1)


def band(facts: Sequence[Fact], low: float, high: float) -> dict[str, Any]:
    """Of the risk distribution."""
    there = [one for one in facts if inside(one.risk, low, high)]
    return {
        "lower": low,
        "upper": high,
        "transactions": len(there),
        "amount": money(there),
        "share": len(there) / len(facts) if facts else None,
    }


def performance(facts: Sequence[Fact]) -> dict[str, Any]:
    """Of decided transactions."""
    labelled = [one for one in facts if one.label]
    frauds = sum(one.label == "fraud" for one in labelled)
    confusion = {
        name: confused(labelled, outcomes)
        for name, outcomes in (("review", {"review", "block"}), ("block", {"block"}))
        if labelled
    }
    calibration = list(calibrated(labelled))
    at_review = confusion.get("review", dict.fromkeys(("precision", "recall", "f1", "value_caught")))
    number = [next(at for at, bounds in enumerate(bins()) if inside(one.risk, *bounds)) for one in labelled]
    truth = [one.label == "fraud" for one in labelled]
    apart = [one["labelled"] * abs(one["mean_risk"] - one["fraud_rate"]) for one in calibration]
    return {
        "total_predictions": len(facts),
        "labelled": len(labelled),
        "labelled_fraud": frauds,
        "labelled_genuine": len(labelled) - frauds,
        "labelled_share": len(labelled) / len(facts) if facts else None,
        "precision": at_review["precision"],
        "recall": at_review["recall"],
        "f1": at_review["f1"],
        "auprc": average_precision_score(truth, number) if 0 < frauds < len(labelled) else None,
        "auprc_bins": len(list(bins())),
        "value_caught": at_review["value_caught"],
        "calibration_error": sum(apart) / len(labelled) if labelled else None,
        "calibration": calibration,
        "confusion": confusion,
    }


def confused(labelled: Sequence[Fact], positive: set[str]) -> dict[str, Any]:
    """At a threshold."""
    cells = Counter((one.label == "fraud", one.outcome in positive) for one in labelled)
    hits, misses, alarms, passed = (cells[True, True], cells[True, False], cells[False, True], cells[False, False])
    frauds = [one for one in labelled if one.label == "fraud"]
    caught, whole = money(one for one in frauds if one.outcome in positive), money(frauds)
    return {
        "true_positives": hits,
        "false_positives": alarms,
        "false_negatives": misses,
        "true_negatives": passed,
        "precision": hits / (hits + alarms) if hits + alarms else None,
        "recall": hits / (hits + misses) if hits + misses else None,
        "f1": 2 * hits / (2 * hits + alarms + misses) if hits + alarms + misses else None,
        "amount_of_fraud": whole,
        "amount_caught": caught,
        "value_caught": caught / whole if whole else None,
    }


def calibrated(labelled: Sequence[Fact]) -> Iterator[dict[str, Any]]:
    """By bin."""
    for low, high in bins():
        there = [one for one in labelled if inside(one.risk, low, high)]
        if there:
            frauds = sum(one.label == "fraud" for one in there)
            yield {
                "lower": low,
                "upper": high,
                "labelled": len(there),
                "frauds": frauds,
                "mean_risk": float(sum((one.risk for one in there), Decimal(0))) / len(there),
                "fraud_rate": frauds / len(there),
            }


def lags(decided: Sequence[Fact]) -> list[dict[str, Any]]:
    """How long labels took."""
    found, took = [], [one.labelled_at - one.at for one in decided if one.labelled_at is not None]
    edges = [None, *(timedelta(days=days) for days in (1, 7, 30, 90)), None]
    for low, high in pairwise(edges):
        number = sum((low is None or lag > low) and (high is None or lag <= high) for lag in took)
        found.append({"within_days": None if high is None else high.days, "labels": number})
    return found


def differences(told: Any, expected: Any, place: str = "") -> Iterator[str]:
    """Where an answer is not what was expected; ratios may differ in the last place that is shown."""
    if isinstance(told, dict) and isinstance(expected, dict):
        for name in sorted(told.keys() | expected.keys()):
            yield from differences(told.get(name, "missing"), expected.get(name, "missing"), f"{place}/{name}")
    elif isinstance(told, list) and isinstance(expected, list) and len(told) == len(expected):
        for at, (one, other) in enumerate(zip(told, expected, strict=True)):
            yield from differences(one, other, f"{place}/{at}")
    elif isinstance(told, float) and isinstance(expected, float | int) and not _exact(place):
        if abs(told - expected) > RATIO:
            yield f"{place}: {told}, expected {expected}"
    elif told != expected:
        yield f"{place}: {told}, expected {expected}"


def _exact(place: str) -> bool:
    name = place.rpartition("/")[2]
    return "change" not in place and name.startswith(EXACT) and name != "value_caught"
