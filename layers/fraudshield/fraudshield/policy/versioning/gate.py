"""Whether a version may be put in force: it was tested on history, lately, against the version that is in force now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from fraudshield.errors import Conflict
from fraudshield.event_type.in_force import BlockShares
from fraudshield.policy.limit.breaker import said_shares, shares_of
from fraudshield.policy.limit.limit import limits_by_test
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.policy import Policy
from fraudshield.policy.versioning.control_loss import ControlLoss

MOST_AGE = timedelta(days=7)
LEAST_PAYMENTS = 1000


class NotTested(Conflict):
    """No test on history of exactly this version has finished."""

    code = "not_tested"


class StaleTest(Conflict):
    """The test on history is too old to say much."""

    code = "stale_test"


class StaleVersion(Conflict):
    """The test on history compared it with another version than the one in force."""

    code = "stale_version"


@dataclass(frozen=True, slots=True)
class FinishedTest:
    """A test on history that has finished. `against` is the digest of the version it was compared with.

    `all_there_are` says that no more payments were stored in the time that it looked at. Of its `payments` it would
    have blocked so many (`blocked`); `hits` are those that each of its rules held for, by code.
    `control_loss` is of one with a control share.
    """

    against: str
    finished_at: datetime
    payments: int
    all_there_are: bool = False
    blocked: int = 0
    hits: Mapping[str, int] = field(default_factory=dict, hash=False)
    control_loss: ControlLoss | None = None


class VersionTests(Protocol):
    """The tests on history of versions."""

    def of(self, event_type: str, digest: str) -> Sequence[FinishedTest]:
        """Those of exactly this content that have finished. Raises StoreUnavailable."""


def block_shares(tests: Sequence[FinishedTest], policy: Policy) -> BlockShares | None:
    """What a version may block: what it says itself, else by its newest test that is large enough, if there is one."""
    if policy.limits is not None:
        return said_shares(policy.limits)
    found = max(_large(tests), key=lambda one: one.finished_at, default=None)
    if found is None or not found.payments:
        return None
    blocking = {rule.code for rule in policy.rules if rule.outcome is Outcome.BLOCK}
    hits = {code: number for code, number in found.hits.items() if code in blocking}
    return shares_of(limits_by_test(found.blocked, hits, found.payments))


def newest_loss(tests: Sequence[FinishedTest]) -> ControlLoss | None:
    """What a control share may lose by the newest test of the version; None where none has finished."""
    newest = max(tests, key=lambda one: one.finished_at, default=None)
    return None if newest is None else newest.control_loss


def check_tested(tests: Sequence[FinishedTest], in_force: str, at: datetime) -> None:
    """Checks that one of the tests allows a version in place of that with the digest `in_force`.

    Raises NotTested, StaleVersion, StaleTest.
    """
    large = _large(tests)
    if not large:
        raise NotTested(f"It has no finished test over {LEAST_PAYMENTS:,} payments or all there are{FORCE}")
    compared = [one for one in large if one.against == in_force]
    if not compared:
        raise StaleVersion(f"It was tested against another version than the one in force{FORCE}")
    if all(at - one.finished_at > MOST_AGE for one in compared):
        raise StaleTest(f"Its last test is older than {MOST_AGE.days} days{FORCE}")


def _large(tests: Sequence[FinishedTest]) -> list[FinishedTest]:
    return [one for one in tests if one.all_there_are or one.payments >= LEAST_PAYMENTS]


FORCE = "; test it, or say force: true if it should count untested"
