"""A draft in shadow: what it would have decided on the payments that came since it was made."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from fraudshield.analytics.series import SHADOW
from fraudshield.backtest.account_sums import Accounts, AccountSums
from fraudshield.backtest.answer import HistoryAnswer, history_answer
from fraudshield.backtest.paired import SAMPLE
from fraudshield.backtest.shadow.change import FAILED, MONEY, TOTALS, account_sums, aged
from fraudshield.backtest.step import rule_codes
from fraudshield.backtest.tally import Totals
from fraudshield.errors import NotFound
from fraudshield.policy.policy import Policy
from fraudshield.policy.versioning.version import SHADOWS

DAY = timedelta(days=1)
DATE_LENGTH = len("2026-12-01")
APPROVED = AccountSums(payments=1)


class Drafts(Protocol):
    """The drafts of one policy. Every call raises StoreUnavailable."""

    def draft(self, number: int) -> Policy | None:
        """One of them."""

    def drafts(self, most: int) -> Sequence[Policy]:
        """The newest, newest first."""


class ShadowSums(Protocol):
    """What was counted of drafts in shadow."""

    def counts(self, series: str) -> Iterator[tuple[str, Mapping[str, Decimal]]]:
        """Each bucket of a draft with its counters. Raises StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class ShadowAnswer:
    """A draft, until when it was looked at, and what was found; `failed` payments could not be judged."""

    draft: Policy
    is_judged: bool
    until: datetime
    answer: HistoryAnswer
    failed: int


@dataclass(frozen=True, slots=True)
class ShadowReader:
    """Reads what was counted in shadow.

    `fields` are those of entities, the sender's first; `genuine_after` is the age from which nobody's word makes a
    payment genuine, of several event types the longest, None where none does.
    """

    sums: ShadowSums
    fields: Sequence[str]
    genuine_after: timedelta | None

    def read(
        self, series: str, since: datetime, rules: Sequence[str], tried: int, now: datetime
    ) -> tuple[HistoryAnswer, int]:
        """The answer of a series, and how many payments could not be judged. Raises StoreUnavailable."""
        totals, failed = Totals(), 0
        sums: dict[tuple[str, str], AccountSums] = {}
        old = self._old_before(now)
        for bucket, counters in self.sums.counts(series):
            day, rest = bucket[:DATE_LENGTH], bucket[DATE_LENGTH:]
            if rest.startswith(TOTALS):
                failed += int(counters.get(FAILED, 0))
                _add(totals, counters, day < old)
            else:
                _, name, value = rest.split("#")
                place = (name, value)
                sums[place] = sums.get(place, AccountSums()).plus(account_sums(counters, day < old))
        entities = _entities(sums, self.fields, totals.counts["compared"])
        days = max((now - since) / DAY, 1 / 24)
        return history_answer(totals, entities, rules, days, max(tried, 1)), failed

    def _old_before(self, now: datetime) -> str:
        """The first day of which some payments are too young for their age to say anything."""
        after = self.genuine_after
        return "" if after is None else (now.astimezone(UTC) - after).date().isoformat()


@dataclass(frozen=True, slots=True)
class ShadowService:
    """The drafts of one policy in shadow."""

    drafts: Drafts
    reader: ShadowReader

    def answer(self, number: int, now: datetime) -> ShadowAnswer:
        """Raises NotFound: there is no draft of this number; StoreUnavailable."""
        draft, newest = self.drafts.draft(number), self.drafts.drafts(SHADOWS)
        if draft is None or draft.created_at is None:
            raise NotFound(f"There is no draft {number}: only drafts are compared with what comes")
        series = f"{SHADOW}{draft.digest}"
        answer, failed = self.reader.read(series, draft.created_at, rule_codes(draft), len(newest), now)
        is_judged = number in {one.version for one in newest}
        return ShadowAnswer(draft, is_judged, now, answer, failed)


def _add(totals: Totals, counters: Mapping[str, Decimal], is_old: bool) -> None:
    for said, value in counters.items():
        name = said.removeprefix(MONEY)
        read = aged(name) if is_old else name
        if said.startswith(MONEY):
            totals.add_money(read, value)
        elif name != FAILED:
            totals.counts[read] += int(value)


def _entities(
    sums: Mapping[tuple[str, str], AccountSums], fields: Iterable[str], compared: int
) -> Mapping[str, Accounts]:
    """The sums by entity; payments that both approve, which say nothing of their accounts, stand for themselves.

    An entity with few values, but for the first, is no sample of such values and is left out.
    """
    found: dict[str, Accounts] = {name: Counter() for name in fields}
    for (name, _), one in sums.items():
        if name in found:
            found[name][one] += 1
    first = next(iter(found))
    sampled = {name: one for name, one in found.items() if name == first or one.total() >= SAMPLE}
    for accounts in sampled.values():
        told = sum(account.payments * many for account, many in accounts.items())
        accounts[APPROVED] += max(0, compared - told)
    return sampled
