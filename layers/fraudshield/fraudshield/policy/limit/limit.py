"""How many payments a version and its rules may block, of the last hundred or of the last hour, whichever is more.

This is read where streams are counted, so it needs no pydantic.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

TIMES_TESTED = 3  # as large a share as the test on history gave
LEAST_SHARE = 0.05  # of what was tested: a share of nearly nothing would be used up by chance
UNTESTED_SHARE = 0.1
LEAST_PAYMENTS = 100  # of fewer a share says little: they count as a hundred
LEAST_BLOCKED = 5
HOUR = timedelta(hours=1)
WHOLE = ""  # in place of a rule's code: the version


@dataclass(frozen=True, slots=True)
class BlockLimits:
    """Shares of payments: what the version may block, each of its rules, and those rules by code that may more."""

    share: float = UNTESTED_SHARE
    rule_share: float = UNTESTED_SHARE
    rules: Mapping[str, float] = field(default_factory=dict, hash=False)

    def most(self, code: str, payments: int, least: int = LEAST_BLOCKED) -> int:
        """How many of so many payments a rule may block, or the version (`WHOLE`); at least `least`."""
        share = self.share_of(code)
        return max(least, int(share * max(payments, LEAST_PAYMENTS) + 1e-9))  # 0.29 * 100 is 28.999999999999996

    def share_of(self, code: str) -> float:
        """The share that a rule may block, or the version (`WHOLE`)."""
        return self.share if code == WHOLE else self.rules.get(code, self.rule_share)


UNTESTED = BlockLimits()


def limits_by_test(blocked: int, hits: Mapping[str, int], payments: int) -> BlockLimits:
    """What a test over so many payments gave: how many it blocked, and those that each block rule held for."""
    if not payments:
        return UNTESTED
    shares = {code: TIMES_TESTED * number / payments for code, number in hits.items()}
    return BlockLimits(
        share=max(LEAST_SHARE, TIMES_TESTED * blocked / payments),
        rule_share=LEAST_SHARE,
        rules={code: share for code, share in sorted(shares.items()) if share > LEAST_SHARE},
    )


@dataclass(slots=True)
class Minute:
    """The payments of a minute by the version that decided, and those that it blocked or would have.

    `blocked` is by version and code: that of each rule that gave a block, `WHOLE` for every block.
    """

    payments: Counter[int] = field(default_factory=Counter)
    blocked: Counter[tuple[int, str]] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class BlockTally:
    """What one version decided of the last payments; `of_version` is how many of them were decided by it."""

    payments: int
    of_version: int
    blocked: Mapping[str, int] = field(hash=False)

    @property
    def is_traffic(self) -> bool:
        """Whether the version had decided them all: then it is the payments that changed, and not the policy."""
        return self.payments == self.of_version >= LEAST_PAYMENTS

    def used_up(self, limits: BlockLimits, opened: Collection[str] = (), least: int = LEAST_BLOCKED) -> frozenset[str]:
        """The codes of what may block no more. What is open stays so until it comes under half of its limit.

        The version is held to what is left when the blocks of rules that are held back are taken away.
        """

        def is_used_up(code: str, blocked: int) -> bool:
            most = limits.most(code, self.payments, least)
            return blocked >= (most / 2 if code in opened else most)

        rules = [code for code, number in self.blocked.items() if code != WHOLE and is_used_up(code, number)]
        left = self.blocked.get(WHOLE, 0) - sum(self.blocked[code] for code in rules)
        return frozenset([*rules, *([WHOLE] if is_used_up(WHOLE, left) else [])])


def recent(minutes: Iterable[tuple[datetime, Minute]], now: datetime) -> list[Minute]:
    """Of minutes, which come newest first, those of the last hour, or more so that they hold a hundred payments."""
    found, payments = list[Minute](), 0
    for began_at, minute in minutes:
        if began_at <= now - HOUR and payments >= LEAST_PAYMENTS:
            break
        found.append(minute)
        payments += minute.payments.total()
    return found


def tally(minutes: Iterable[Minute], version: int) -> BlockTally:
    """Adds up what was decided in these minutes, and what this version blocked of it."""
    payments: Counter[int] = Counter()
    blocked: Counter[str] = Counter()
    for minute in minutes:
        payments.update(minute.payments)
        blocked.update({code: number for (of, code), number in minute.blocked.items() if of == version})
    return BlockTally(payments.total(), payments[version], blocked)
