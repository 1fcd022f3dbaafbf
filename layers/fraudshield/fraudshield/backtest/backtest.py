"""A test on history: a version of a policy over the stored decisions of a span, from its start to its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from fraudshield.backtest.challenger.models import ComparedModels

TestStatus = Literal["pending", "running", "completed", "failed"]
TEST_STATUSES: tuple[TestStatus, ...] = get_args(TestStatus)
PREFIX = "backtest-"  # of ids: the state machine runs jobs of files too
AT_ONCE = 2
DAY = timedelta(days=1)
NEARLY = 99.0
ALL_DAYS = 90


@dataclass(frozen=True, slots=True)
class Backtest:
    """`digest` is of the version as it was when the test was asked for, `against` the version that was active then.

    `drafts_tried` counts the versions, this one among them, that were tested on spans which overlap with this one.
    `done` of `parts` have been counted; the `answer` is there once it has completed. With `models` it is no test of the
    version but of a challenger under it, beside the champion: `drafts_tried` counts challengers then.
    """

    backtest_id: str
    event_type: str
    version: int
    digest: str
    against: int
    against_digest: str
    since: datetime
    until: datetime
    created_at: datetime
    drafts_tried: int = 1
    status: TestStatus = "pending"
    parts: int = 0
    done: int = 0
    completed_at: datetime | None = None
    answer: Mapping[str, Any] | None = None
    error_code: str | None = None
    error_message: str | None = None
    models: ComparedModels | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing will change it any more."""
        return self.status in {"completed", "failed"}

    @property
    def execution(self) -> str:
        """The name of its execution in Step Functions."""
        return f"{self.backtest_id}-1"

    @property
    def percent(self) -> float:
        """How far it is, by its parts."""
        if self.status == "completed":
            return 100.0
        return min(NEARLY, round(100 * self.done / self.parts, 1)) if self.parts else 0.0

    @property
    def days(self) -> float:
        """How long a span it is over."""
        return (self.until - self.since) / DAY

    @property
    def all_there_are(self) -> bool:
        """Whether it is over all that counts for a version, however little that is: the last `ALL_DAYS` up to now."""
        return self.until >= self.created_at and self.until - self.since >= ALL_DAYS * DAY

    def overlaps(self, since: datetime, until: datetime) -> bool:
        """Whether it is over some of the same time."""
        return self.since < until and since < self.until


def is_backtest(job_id: str) -> bool:
    """Whether the id of an execution's job is that of a test on history."""
    return job_id.startswith(PREFIX)
