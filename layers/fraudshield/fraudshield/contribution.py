"""What a stored transaction adds to the counts, and what a change of it changes there.

A record of the table's stream counts as the difference between the new item's contribution and the old one's. So a
decision that comes later, a label and its undoing move the right counts, and what is written again moves none.
Removals change nothing: counts are history, and hold nothing about a person.

Each series is an item of at most 1 KB for a day or an hour, a source and, where decisions are counted, a model
version: a write unit is paid for each kilobyte of an item that is added to.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Context, Decimal
from typing import Any

from fraudshield.bin import amount_bin, lag_bin, score_bin
from fraudshield.reference import Reference

Image = Mapping[str, Any]  # an item as DynamoDB writes it: {"amount": {"N": "1000"}, ...}
Bucket = tuple[str, str]  # series and bucket: the key of an item in the aggregates table
Counts = Mapping[Bucket, Mapping[str, Decimal]]

TRANSACTION = "transaction"  # the only record of a transaction's that counts
TOTAL, DAYS, HISTOGRAM, EXTREME = "total", "days", "histogram", "extreme"
# By day hours of the day and amount bands, by hour what drift is told by, by day scores and what labels say of them.
PATTERNS, HOURS, SCORES, TRUTH = "patterns", "hours", "scores", "truth"
BATCH = "batch"  # the source whose transactions are counted by their job's summary
UNDECIDED = "-"  # in place of a model version
APPROVE, REVIEW, BLOCK = "approve", "review", "block"
NOTHING: Counts = {}
ONE = Decimal(1)
EXACT = Context(prec=38)  # what DynamoDB keeps; Python's own default is 28

# The histogram of amounts: bands of 2 % from a cent on, so that the middle of one is within 1 % of all in it.
BAND = Decimal("1.02")
BANDS_PER_ITEM = 100  # an update pays for its whole item: some 1.5 KB
LEAST, MOST = Decimal("0.01"), Decimal(10) ** 15


def _bounds() -> Iterator[Decimal]:
    bound = LEAST
    while bound < MOST:
        yield bound
        bound = EXACT.multiply(bound, BAND).quantize(Decimal("0.000001"), context=EXACT)


BOUNDS = tuple(_bounds())  # ascending: band n holds the amounts from BOUNDS[n - 1] on, band 0 those below a cent


@dataclass(frozen=True, slots=True)
class Extremes:
    """What cannot be added up: the smallest and largest of a source. Instants are texts of one width."""

    source: str
    amount: Decimal
    occurred_at: str


@dataclass(frozen=True, slots=True)
class Sums:
    """Counts as they are added up, exactly."""

    sums: dict[Bucket, dict[str, Decimal]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Decimal)))

    def add(self, counts: Counts, times: Decimal = ONE) -> None:
        """Add them so many times."""
        for bucket, counters in counts.items():
            sums = self.sums[bucket]
            for name, value in counters.items():
                sums[name] = EXACT.add(sums[name], EXACT.multiply(value, times))

    def counts(self) -> Counts:
        """What they came to; zeros are left out."""
        moved = {bucket: {n: value for n, value in counters.items() if value} for bucket, counters in self.sums.items()}
        return {bucket: counters for bucket, counters in moved.items() if counters}


def band(amount: Decimal) -> int:
    """The number of the band that an amount is in."""
    return bisect_right(BOUNDS, amount)


def middle(number: int) -> Decimal:
    """A value within 1 % of every amount in the band."""
    if number == 0:
        return Decimal(0)
    return (BOUNDS[number - 1] * 2 * BAND / (1 + BAND)).quantize(Decimal("0.0001"))


def contribution(item: Image, reference: Reference | None = None) -> Counts:
    """What an item adds: nothing unless it is a transaction. `reference` has the bins of its model version's features.

    A batch job's transactions are counted by its summary, which has those too that are not stored: of theirs only what
    is said later counts, their labels.

    Raises:
        KeyError, ValueError, ArithmeticError, TypeError, AttributeError: it is no item of ours.
    """
    if item["record"]["S"] != TRANSACTION:
        return {}
    source, day = item["source"]["S"], item["occurred_at"]["S"][:10]
    labelled, truth = _label(item), _truth(item)
    judged = {(TRUTH, f"{day}#{source}#{_version(item)}"): truth} if truth else {}
    if source == BATCH:
        of_day = {(TOTAL, source): labelled, (DAYS, f"{day}#{source}"): labelled | _label_amount(item)}
        return {bucket: counters for bucket, counters in of_day.items() if counters} | judged
    amount, kind, outcome = _number(item["amount"]), item["type"]["S"], _outcome(item)
    counts = {"transactions": ONE, "amount": amount, f"type.{kind}": ONE} | _decision(item) | labelled
    number, hour = band(amount), item["occurred_at"]["S"][:13]
    return {
        (TOTAL, source): counts,
        (DAYS, f"{day}#{source}"): counts
        | day_amounts(item["type"]["S"], _outcome(item), amount)
        | _label_amount(item),
        (HISTOGRAM, f"{source}#{number // BANDS_PER_ITEM:02d}"): {f"band.{number}": ONE},
        (PATTERNS, f"{day}#{source}"): patterns(int(hour[11:]), outcome, amount),
        (HOURS, f"{hour}#{source}#{_version(item)}"): _hour(item, reference),
        **({(SCORES, f"{day}#{source}#{_version(item)}"): _score(item, amount)} if "outcome" in item else {}),
        **judged,
    }


def effect(record: Mapping[str, Any], reference: Reference | None = None) -> Counts:
    """What a record of the stream changes: only what is not zero. Raises as `contribution` does."""
    images = record["dynamodb"]
    if record["eventName"] == "REMOVE":
        return {}
    sums = Sums()
    sums.add(contribution(images["NewImage"], reference))
    if "OldImage" in images:
        sums.add(contribution(images["OldImage"], reference), -ONE)
    return sums.counts()


def extremes(record: Mapping[str, Any]) -> Extremes | None:
    """Of a transaction that is new. Raises as `contribution` does."""
    if record["eventName"] != "INSERT" or record["dynamodb"]["NewImage"]["record"]["S"] != TRANSACTION:
        return None
    item = record["dynamodb"]["NewImage"]
    if item["source"]["S"] == BATCH:
        return None
    return Extremes(item["source"]["S"], _number(item["amount"]), item["occurred_at"]["S"])


def added(*parts: tuple[Counts, Decimal]) -> Counts:
    """The parts, each so many times, summed exactly; what comes to zero is left out."""
    sums = Sums()
    for counts, times in parts:
        sums.add(counts, times)
    return sums.counts()


def day_amounts(kind: str, outcome: str | None, amount: Decimal) -> dict[str, Decimal]:
    """What a day's item has beside the totals' counters: money by type and outcome, and what was flagged by type."""
    money = {f"type_amount.{kind}": amount} | ({f"outcome_amount.{outcome}": amount} if outcome else {})
    return money | ({f"type_flagged.{kind}": ONE} if outcome in {REVIEW, BLOCK} else {})


def patterns(hour: int, outcome: str | None, amount: Decimal) -> dict[str, Decimal]:
    """By hour of the day (`h07`) and amount band (`s3`): how many, `a` how much money, `f` how many flagged."""
    cells = (f"h{hour:02d}", f"s{amount_bin(amount)}")
    counted = dict.fromkeys(cells, ONE) | {f"{cell}a": amount for cell in cells}
    return counted | ({f"{cell}f": ONE for cell in cells} if outcome in {REVIEW, BLOCK} else {})


def score_counters(risk: Decimal, amount: Decimal) -> dict[str, Decimal]:
    """By score bin: `n.07` how many, `a.07` how much money."""
    number = score_bin(risk)
    return {f"n.{number:02d}": ONE, f"a.{number:02d}": amount}


def _score(item: Image, amount: Decimal) -> dict[str, Decimal]:
    return score_counters(_number(item["risk"]), amount)


def _hour(item: Image, reference: Reference | None) -> dict[str, Decimal]:
    counts = {"transactions": ONE, "amount": _number(item["amount"]), f"type.{item['type']['S']}": ONE}
    if "outcome" not in item:
        return counts
    counts |= {"decisions": ONE, f"outcome.{item['outcome']['S']}": ONE}
    if reference is None or reference.version != item["model_version"]["S"]:
        return counts
    features = [float(value["N"]) for value in item["features"]["L"]]
    return counts | dict.fromkeys(reference.counters(features, float(item["risk"]["N"])), ONE)


def _truth(item: Image) -> dict[str, Decimal]:
    """What a label says of the decision: by score bin `f.07` frauds, `g.07` genuine ones, `r.07` the sum of risks."""
    if "label" not in item or "outcome" not in item:
        return {}
    truth, outcome, risk = item["label"]["S"], item["outcome"]["S"], _number(item["risk"])
    number = f"{score_bin(risk):02d}"
    lag = datetime.fromisoformat(item["labelled_at"]["S"]) - datetime.fromisoformat(item["occurred_at"]["S"])
    return {
        f"{truth[0]}.{number}": ONE,
        f"r.{number}": risk,
        f"{truth}.{outcome}": ONE,
        f"{truth}_amount.{outcome}": _number(item["amount"]),
        f"lag.{lag_bin(lag)}": ONE,
    }


def _decision(item: Image) -> dict[str, Decimal]:
    if "outcome" not in item:  # stored without a decision
        return {}
    decided = {"decisions": ONE, "risk": _number(item["risk"]), f"outcome.{item['outcome']['S']}": ONE}
    flags = [flag["S"] for flag in item["quality"]["L"]] if "quality" in item else []
    return decided | {"predicted_fraud": _number(item["prediction"])} | {f"quality.{flag}": ONE for flag in flags}


def _label(item: Image) -> dict[str, Decimal]:
    return {f"label.{item['label']['S']}": ONE} if "label" in item else {}


def _label_amount(item: Image) -> dict[str, Decimal]:
    return {f"label_amount.{item['label']['S']}": _number(item["amount"])} if "label" in item else {}


def _version(item: Image) -> str:
    return str(item["model_version"]["S"]) if "outcome" in item else UNDECIDED


def _outcome(item: Image) -> str | None:
    return str(item["outcome"]["S"]) if "outcome" in item else None


def _number(attribute: Mapping[str, str]) -> Decimal:
    value = Decimal(attribute["N"])
    if not value.is_finite():
        raise ValueError(f"{value} is no number")
    return value
