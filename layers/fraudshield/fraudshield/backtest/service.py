"""Opens tests on history and ends those whose execution has ended; says which versions have been tested enough."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from fraudshield.audit.audit import AuditEntry, Author
from fraudshield.backtest.backtest import PREFIX, Backtest
from fraudshield.backtest.port import BacktestRunner, BacktestStore
from fraudshield.backtest.request import BacktestSpan
from fraudshield.errors import NotFound
from fraudshield.policy.policy import Policy
from fraudshield.policy.port import PolicyVersions

MESSAGE_CHARACTERS = 1000
EXECUTION_ENDED = "execution_ended"


@dataclass(frozen=True, slots=True)
class BacktestService:
    """The service of one event type's policy. `active` gives its version in force."""

    event_type: str
    store: BacktestStore
    runner: BacktestRunner
    versions: PolicyVersions
    active: Callable[[], Policy]

    def start(self, version: int, span: BacktestSpan, by: Author, now: datetime) -> Backtest:
        """Starts a test of a version. Raises NotFound, TooManyBacktests, StoreUnavailable, RunnerUnavailable."""
        policy = self.versions.version(version)
        if policy is None:
            raise NotFound(f"There is no version {version}")
        until, said, active = min(span.until or now, now), policy.digest, self.active()
        backtest = Backtest(
            backtest_id=f"{PREFIX}{uuid4().hex}",
            event_type=self.event_type,
            version=version,
            digest=said,
            against=active.version,
            against_digest=active.digest,
            since=span.since,
            until=until,
            created_at=now,
            drafts_tried=self._drafts_tried(said, span.since, until),
        )
        entry = AuditEntry(now, by, "backtest", "begun", backtest.backtest_id, None, said, version)
        self.store.create(backtest, entry)
        self.runner.start(backtest)
        return backtest

    def _drafts_tried(self, said: str, since: datetime, until: datetime) -> int:
        """How many versions were tried on some of this time, this one among them; those that failed said nothing."""
        tried = {
            one.digest
            for one in self.store.newest(self.event_type)
            if one.status != "failed" and one.overlaps(since, until)
        }
        return len(tried | {said})


def fail(store: BacktestStore, backtest_id: str, code: str, message: str, now: datetime) -> None:
    """Ends a test that cannot go on, unless it has ended."""
    store.fail(backtest_id, code, message[:MESSAGE_CHARACTERS], now)
