"""Statistics of rules: how often each held, for whom and for how much, and how right it was as far as labels tell."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Protocol

from pydantic import Field
from typing_extensions import TypedDict

from fraudshield.analytics.category.narrowing import CategoryCounts, whole
from fraudshield.analytics.figure.trend import share
from fraudshield.analytics.period import MOST_DAYS, Period, PeriodQuery, period
from fraudshield.analytics.port import AggregatesByCategory, Counters, RuleCounts, RuleDay
from fraudshield.analytics.rule.rule import ALONE, AMOUNT, BESIDE, HELD, MOST_ACCOUNTS, TRUTHS, UNREAD
from fraudshield.analytics.series import DAYS
from fraudshield.analytics.statistics import number, summed
from fraudshield.event_type.event_type import EventType, TypeName
from fraudshield.event_type.payment import NAME
from fraudshield.text.json_text import Number
from fraudshield.text.query import Query, Whole
from fraudshield.text.schema import Day, Moment
from fraudshield.text.timestamp import timestamp


class RuleStatisticsQuery(Query):
    """Whose payments, and of how many days up to today, UTC."""

    event_type: TypeName = NAME
    days: Annotated[Whole, Field(ge=1, le=MOST_DAYS)] = 30


class RuleFigures(TypedDict):
    """The figures of one rule.

    `share` is of all decisions. `false_positive_share` is the genuine ones of those with a label, null without labels.
    `accounts` are different senders, no more than 200 of them told apart on a day, which `accounts_at_least` says; null
    where payments name no sender. `alone` counts payments for which no other rule held, `overlap` by the other's code
    those for which both did. `only_beside` names a rule that held whenever this one did.
    """

    code: str
    in_force: bool
    hits: int
    share: float | None
    amount: Number
    labelled_fraud: int
    labelled_genuine: int
    false_positive_share: float | None
    accounts: int | None
    accounts_at_least: bool
    alone: int
    overlap: dict[str, int]
    only_beside: str | None
    not_evaluated: int
    last_held_on: Day | None


class RuleStatistics(TypedDict):
    """Online payments and those of queues; files are not among them. Dearest first, then those that never held.

    `never_held` are codes of rules in force that held for none of these payments. `counted_from` is the day on which
    counting began, null before it has.
    """

    event_type: str
    days: int
    since: Day
    until: Day
    counted_from: Day | None
    decisions: int
    rules: list[RuleFigures]
    never_held: list[str]
    as_of: Moment | None
    generated_at: Moment


class CountedRules(AggregatesByCategory, RuleCounts, Protocol):
    """The counts of rules, and of the payments that they are a share of."""


def rule_statistics(
    counts: CountedRules, event_type: EventType, in_force: Collection[str], days: int, now: datetime
) -> RuleStatistics:
    """Of the days up to today. `in_force` are the codes of the type's rules now. Raises StoreUnavailable."""
    at, of = counts.as_of(), period(PeriodQuery(days=days), now)
    narrowed = whole(event_type, counts)
    decisions = _decisions(CategoryCounts(counts, narrowed.categories), of)
    by_rule, unread = _by_rule(counts.rules(event_type.name, of.first.isoformat(), of.last.isoformat()))
    codes = {*in_force, *by_rule, *unread}
    found = [_figures(code, by_rule.get(code, ()), code in in_force, unread, decisions) for code in sorted(codes)]
    return {
        "event_type": event_type.name,
        "days": of.length,
        "since": of.first.isoformat(),
        "until": of.last.isoformat(),
        "counted_from": narrowed.shown["counted_from"],
        "decisions": decisions,
        "rules": sorted(found, key=lambda one: -one["amount"]),
        "never_held": [one["code"] for one in found if one["in_force"] and not one["hits"]],
        "as_of": timestamp(at) if at else None,
        "generated_at": timestamp(now),
    }


def _decisions(counts: CategoryCounts, of: Period) -> int:
    return number(summed(one.counters for one in of.read(counts, DAYS)), "decisions")


def _by_rule(days: Iterable[RuleDay]) -> tuple[Mapping[str, Sequence[RuleDay]], Counters]:
    """The days of each rule, and how often each was not evaluated."""
    found: dict[str, list[RuleDay]] = defaultdict(list)
    unread = []
    for one in days:
        if one.code == UNREAD:
            unread.append(one.counters)
        else:
            found[one.code].append(one)
    return found, summed(unread)


def _figures(code: str, days: Sequence[RuleDay], in_force: bool, unread: Counters, decisions: int) -> RuleFigures:
    total = summed(one.counters for one in days)
    hits = number(total, HELD)
    fraud, genuine = (number(total, TRUTHS[truth]) for truth in ("fraud", "genuine"))
    overlap = {name.removeprefix(BESIDE): int(value) for name, value in total.items() if name.startswith(BESIDE)}
    overlap = {other: both for other, both in sorted(overlap.items()) if both}
    accounts = frozenset[str]().union(*(one.accounts for one in days))
    return {
        "code": code,
        "in_force": in_force,
        "hits": hits,
        "share": share(hits, decisions),
        "amount": total.get(AMOUNT, Decimal()),
        "labelled_fraud": fraud,
        "labelled_genuine": genuine,
        "false_positive_share": share(genuine, fraud + genuine),
        "accounts": None if hits and not accounts else len(accounts),
        "accounts_at_least": any(len(one.accounts) >= MOST_ACCOUNTS for one in days),
        "alone": number(total, ALONE),
        "overlap": overlap,
        "only_beside": next((other for other, both in overlap.items() if hits and both == hits), None),
        "not_evaluated": number(unread, code),
        "last_held_on": max((one.day for one in days if number(one.counters, HELD)), default=None),
    }
