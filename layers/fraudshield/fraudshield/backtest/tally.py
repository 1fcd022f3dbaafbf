"""What is counted of a part of the history: totals, and sums for each account and each value of another entity."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b

from fraudshield.backtest.account_sums import AccountSums
from fraudshield.backtest.compared import Compared
from fraudshield.label.truth import KNOWN_GENUINE
from fraudshield.policy.outcome import Outcome
from fraudshield.text.stored_number import EXACT

APPROVE = Outcome.APPROVE
KNOWN = KNOWN_GENUINE | {"fraud"}
KEY_BYTES = 12  # of a keyed digest: of a billion values two have one key with a probability of 1 in 100 billion


@dataclass(slots=True)
class Totals:
    """Counts and sums of money by name, such as `now.block`, `label.fraud` and `rule.CODE.hits`."""

    counts: Counter[str] = field(default_factory=Counter)
    money: dict[str, Decimal] = field(default_factory=dict)

    def add(self, name: str, amount: Decimal) -> None:
        """Counts one payment, and its money."""
        self.counts[name] += 1
        self.add_money(name, amount)

    def add_many(self, name: str, many: float, amount: Decimal) -> None:
        """Counts so many payments with this money each; their number to a whole one."""
        self.counts[name] += round(many)
        self.add_money(name, EXACT.multiply(Decimal(repr(many)), amount))

    def add_money(self, name: str, amount: Decimal) -> None:
        """Adds to a sum, exactly."""
        self.money[name] = EXACT.add(self.money.get(name, Decimal(0)), amount)

    def merge(self, other: "Totals") -> None:
        """Adds all of another part's."""
        self.counts.update(other.counts)
        for name, amount in other.money.items():
            self.add_money(name, amount)


@dataclass(slots=True)
class PartTally:
    """The totals and sums of one part. `fields` are those of entities, `key` keeps their values from being guessed."""

    fields: Sequence[str]
    key: bytes
    totals: Totals = field(default_factory=Totals)
    sums: dict[tuple[int, bytes], AccountSums] = field(default_factory=dict)

    def add(self, transaction_id: str, one: Compared) -> None:
        """Counts one payment."""
        count_in(self.totals, one)
        of_one = sums_of(one)
        for at, name in enumerate(self.fields):
            place = (at, entity_key(name, transaction_id, one, self.key))
            known = self.sums.get(place)
            self.sums[place] = of_one if known is None else known.plus(of_one)

    def lines(self) -> Iterator[str]:
        """The totals in the first line, then the sums in the order of their keys."""
        money = {name: str(amount) for name, amount in sorted(self.totals.money.items())}
        yield json.dumps({"counts": dict(sorted(self.totals.counts.items())), "money": money})
        for (at, key), sums in sorted(self.sums.items()):
            yield f"{at:03d}{key.hex()} {' '.join(map(repr, sums))}"


def entity_key(field_name: str, transaction_id: str, one: Compared, key: bytes) -> bytes:
    """What stands for the value of a payment's field: one without it has nothing in common with any other."""
    value = f"={one.entities[field_name]}" if field_name in one.entities else f"#{transaction_id}"
    return blake2b(value.encode(), digest_size=KEY_BYTES, key=key).digest()


def totals_in(line: str) -> Totals:
    """The totals of a part's first line."""
    said = json.loads(line)
    return Totals(Counter(said["counts"]), {name: Decimal(amount) for name, amount in said["money"].items()})


def merged_accounts(
    parts: Iterable[tuple[str, AccountSums]], fields: Sequence[str]
) -> Mapping[str, Counter[AccountSums]]:
    """How many values of each entity have the same sums, from all parts' lines in the order of their keys."""
    found: dict[str, Counter[AccountSums]] = {name: Counter() for name in fields}
    last, so_far = "", AccountSums()
    for key, sums in parts:
        if key == last:
            so_far = so_far.plus(sums)
            continue
        if last:
            found[fields[int(last[:3])]][so_far] += 1
        last, so_far = key, sums
    if last:
        found[fields[int(last[:3])]][so_far] += 1
    return found


def sums_in(line: str) -> tuple[str, AccountSums]:
    """The key and the sums of one of a part's other lines."""
    key, *numbers = line.split(" ")
    counts, money = numbers[:9], numbers[9:]
    return key, AccountSums._make([*map(count_of, counts), *map(float, money)])


def count_of(text: str) -> int | float:
    """A count as it was written: a whole one, but for what a control share stands for."""
    return int(text) if text.isdecimal() else float(text)


def sums_of(one: Compared) -> AccountSums:
    """What one payment adds to the sums of its accounts."""
    now, then = one.now is not APPROVE, one.then is not APPROVE
    fraud, genuine = one.weight * (one.label == "fraud"), one.weight * (one.label in KNOWN_GENUINE)
    money = float(one.amount) * fraud
    return AccountSums(
        payments=1,
        reviews_now=int(one.now is Outcome.REVIEW),
        reviews_then=int(one.then is Outcome.REVIEW),
        genuine=genuine,
        genuine_flagged_now=genuine * now,
        genuine_flagged_then=genuine * then,
        frauds=fraud,
        frauds_flagged_now=fraud * now,
        frauds_flagged_then=fraud * then,
        money=money,
        money_flagged_now=money * now,
        money_flagged_then=money * then,
    )


def count_in(totals: Totals, one: Compared) -> None:
    """Adds one payment to totals."""
    names = ["compared", f"now.{one.now}", f"then.{one.then}", f"label.{one.label}"]
    if one.now is not one.then:
        names += ["differs", *(["differs.unknowable"] if one.label == "blocked" else [])]
    if one.label == "fraud":
        names += [f"fraud.{when}" for when, outcome in (("now", one.now), ("then", one.then)) if outcome is not APPROVE]
    if one.drawable:
        names += ["control", *(["control.fraud"] if one.label == "fraud" else [])]
    if one.not_kept:
        names.append("not_kept")
    for code in one.hits:
        names += [
            f"rule.{code}.hits",
            f"rule.{code}.{one.label}",
            *([f"rule.{code}.alone"] if len(one.hits) == 1 else []),
        ]
    names += [f"rule.{code}.not_evaluated" for code in one.not_evaluated]
    for name in names:
        totals.add(name, one.amount)
    if one.now is not one.then and one.weight != 1 and one.label in KNOWN:
        totals.add_many("differs.stood_for", one.weight - 1, one.amount)
