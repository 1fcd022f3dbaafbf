"""What a draft in shadow adds to its sums for a payment, and what a label that comes later moves in them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zlib import crc32

from fraudshield.analytics.series import ONE, SHADOW, Bucket, Counts, added
from fraudshield.backtest.account_sums import AccountSums
from fraudshield.backtest.compared import Compared, DraftComparison, StoredPayment
from fraudshield.backtest.tally import PartTally, entity_key, sums_of
from fraudshield.label.truth import LabelKind
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.policy import Policy

TOTALS, MONEY, FAILED = "!", "money:", "shadow_failed"
RULE_ITEMS = 8  # the rules of a version share so many items a day: an update says at most 4 KB
KNOWN, OPEN = "known.", "open."  # sums of payments whose truth is known, and of those that only their age will tell
AGED: LabelKind = "genuine_by_age"
LATEST = datetime.max.replace(tzinfo=UTC)  # as of which labels count: all that are there


@dataclass(frozen=True, slots=True)
class ShadowChange:
    """A record of the stream: a decided payment as it is now, and as it was, None where it was not decided yet."""

    sequence: int
    event_type: str
    payment: StoredPayment
    before: StoredPayment | None = None


@dataclass(frozen=True, slots=True)
class ShadowDraft:
    """A draft, and how payments are compared with it. Ages make nothing genuine here: who reads the sums knows them."""

    comparison: DraftComparison

    @property
    def policy(self) -> Policy:
        """What it says."""
        return self.comparison.policy

    @property
    def series(self) -> str:
        """The series of its sums. A draft that is changed begins anew, for its digest is another."""
        return f"{SHADOW}{self.policy.digest}"

    def judges(self, change: ShadowChange) -> bool:
        """Whether the payment was decided after the draft was made."""
        made = self.policy.created_at
        return made is not None and change.payment.scored.decision.decided_at >= made

    def failed(self, many: int, day: date) -> Counts:
        """What is added for payments that could not be judged."""
        return {(self.series, f"{day.isoformat()}{TOTALS}"): {FAILED: Decimal(many)}}


def moved(draft: ShadowDraft, change: ShadowChange, one: Compared, before: Compared | None, key: bytes) -> Counts:
    """What a change adds to a draft's counters: what the payment counts now, less what it counted before."""
    now = _counts(draft, change.payment, one, key)
    return now if before is None else added((now, ONE), (_counts(draft, change.payment, before, key), -ONE))


def relabelled(one: Compared, before: StoredPayment, comparison: DraftComparison) -> Compared:
    """The same payment with what was known of it before."""
    return replace(one, label=comparison.label(before))


def _counts(draft: ShadowDraft, payment: StoredPayment, one: Compared, key: bytes) -> Counts:
    series, name = draft.series, payment.scored.transaction.transaction_id
    day = payment.scored.occurred_at.astimezone(UTC).date().isoformat()
    tally = PartTally((), key)
    tally.add(name, one)
    counts: dict[Bucket, dict[str, Decimal]] = {}
    for what, number in tally.totals.counts.items():
        counters = counts.setdefault((series, f"{day}{TOTALS}{_item_of(what)}"), {})
        counters[what] = Decimal(number)
        counters[MONEY + what] = tally.totals.money[what]
    if tells(one):
        is_open = one.label == "young"
        sums = sums_of(replace(one, label=AGED) if is_open else one)
        said = {f"{OPEN if is_open else KNOWN}{of}": Decimal(repr(value)) for of, value in sums._asdict().items()}
        for entity in draft.comparison.fields:
            counts[series, f"{day}#{entity}#{entity_key(entity, name, one, key).hex()}"] = said
    return counts


def tells(one: Compared) -> bool:
    """Whether a payment says anything of its account: most are approved by both and turn out well."""
    return one.now is not Outcome.APPROVE or one.then is not Outcome.APPROVE or one.label == "fraud"


def _item_of(name: str) -> str:
    """The part of the day's totals that a name is in: all but rules share one."""
    if not name.startswith("rule."):
        return ""
    return str(crc32(name.split(".", 2)[1].encode()) % RULE_ITEMS)


def account_sums(counters: Mapping[str, Decimal], is_old: bool) -> AccountSums:
    """The sums of an account on a day; what no age has told yet is genuine where the day `is_old` enough."""
    known, waiting = (_sums(counters, prefix) for prefix in (KNOWN, OPEN))
    if not is_old:
        waiting = waiting._replace(genuine=0, genuine_flagged_now=0, genuine_flagged_then=0)
    return known.plus(waiting)


def aged(name: str) -> str:
    """The name under which a total is read of a day that is old enough."""
    head, _, kind = name.rpartition(".")
    return f"{head}.{AGED}" if kind == "young" else name


def _sums(counters: Mapping[str, Decimal], prefix: str) -> AccountSums:
    values = {name: counters.get(prefix + name, Decimal(0)) for name in AccountSums._fields}
    return AccountSums._make(_number(name, value) for name, value in values.items())


def _number(name: str, value: Decimal) -> int | float:
    """A count is a whole number, but for what a control share stands for."""
    return float(value) if name.startswith("money") or value % 1 else int(value)
