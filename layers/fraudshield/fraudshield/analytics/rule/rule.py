"""Rules: on each day how often a rule held, alone or beside others, for how much money, and what labels say of that.

Each rule has an item for a day and an event type. Online payments count, and those of queues: of files only what was
flagged is stored. This is read where streams are counted, so it needs no pydantic.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from typing_extensions import TypeIs

from fraudshield.analytics.category.category import BUILT_IN
from fraudshield.analytics.counted_transaction import CountedTransaction, TransactionChange
from fraudshield.analytics.series import ONE, Bucket, Counts, Sums
from fraudshield.retention import DESTINATION_DAYS

PREFIX = "rules#"  # of the series of an event type
MARKS = "accounts"  # in a rule's item, beside its counters
LIVE = frozenset({"api", "queue"})
HELD, AMOUNT, ALONE, BESIDE = "n", "a", "x", "o."  # `o.` stands before another rule's code
UNREAD = "~"  # in place of a code: how often each rule was not evaluated, by code
MOST_RULES = 60  # of a payment: what it adds has to fit into one transaction
MOST_ACCOUNTS = 200  # of a rule and day: some 2 KB; beyond that a number is "at least"
KEPT_DAYS = DESTINATION_DAYS
TRUTHS = {"fraud": "f", "genuine": "g"}


@dataclass(frozen=True, slots=True)
class RuleAccount:
    """The sender of a payment that a rule held for, in the bucket of the rule and its day."""

    bucket: Bucket
    account: str


def rule_delta(change: TransactionChange) -> Counts:
    """What a change moves: only what is not zero."""
    sums = Sums()
    for one, times in ((change.after, ONE), (change.before, -ONE)):
        if _is_counted(one):
            for bucket, counters in _counters(one):
                sums.add({bucket: counters}, times)
    return sums.counts()


def rule_accounts(change: TransactionChange) -> tuple[RuleAccount, ...]:
    """Of a change that brings a decision: whose payment it was, for each rule that held."""
    one, before = change.after, change.before
    if not _is_counted(one) or one.sender is None or (before is not None and before.decision is not None):
        return ()
    return tuple(RuleAccount(_bucket(one, code), one.sender) for code in one.rules[:MOST_RULES])


def _is_counted(one: CountedTransaction | None) -> TypeIs[CountedTransaction]:
    return one is not None and one.decision is not None and one.source in LIVE


def _counters(one: CountedTransaction) -> Iterator[tuple[Bucket, dict[str, Decimal]]]:
    held = one.rules[:MOST_RULES]
    label = {TRUTHS[one.label.truth]: ONE} if one.label else {}
    alone = {ALONE: ONE} if len(held) == 1 else {}
    for code in held:
        beside = {f"{BESIDE}{other}": ONE for other in held if other != code}
        yield _bucket(one, code), {HELD: ONE, AMOUNT: one.money, **label, **alone, **beside}
    if one.unread_rules:
        yield _bucket(one, UNREAD), dict.fromkeys(one.unread_rules, ONE)


def _bucket(one: CountedTransaction, code: str) -> Bucket:
    return f"{PREFIX}{one.event_type or BUILT_IN}", f"{one.day}#{code}"
