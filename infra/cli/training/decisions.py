"""Stored decisions over HTTP, as a table to train on: day by day, a few days at once."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from fraudshield.errors import NotFound
from fraudshield.event_type.event_type import EventType
from fraudshield.text import strict_json
from infra.cli.job_client import JSON, JobClient, answered
from infra.cli.replay.client import ReplayedSpan
from model.fitting.features import read_aggregates
from model.table.stored import Decided, StoredColumns
from model.table.table import PaymentTable

AT_ONCE = 4  # calls; each is a process of the function
A_PAGE = 500
PATH = "/api/v1/database/decisions"
OF_A_FILE, ALL_ROWS = "batch", "all"


@dataclass(slots=True)
class DecisionsClient:
    """Speaks to one gateway with one key. Calls raise InvalidInput, NotFound, Unavailable."""

    url: str
    key: str
    left_out: int = 0  # rows of files that kept some of their rows only
    _whole: dict[str, bool] = field(default_factory=dict)

    def table(
        self, span: ReplayedSpan, event_type: EventType, as_of: datetime, advance: Callable[[int], object]
    ) -> PaymentTable:
        """What was decided of a span, as one table; `advance` is told of how many payments at a time.

        Raises also InvalidInput: nothing is stored, or an aggregate was not kept.
        """
        columns = StoredColumns(event_type, read_aggregates(event_type))
        for page in self.pages(span, event_type.name):
            columns.add(page)
            advance(len(page))
        return columns.table(as_of, self.left_out)

    def pages(self, span: ReplayedSpan, event_type: str) -> Iterator[list[Decided]]:
        """The decisions of the span, without rows of files that kept some of their rows only."""
        days = iter(_days(span))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while some := [*islice(days, AT_ONCE)]:
                for found in pool.map(partial(self._day, event_type), some):
                    held = [one for one in found if span.holds(one["transaction"]["occurred_at"])]
                    yield self._of_whole_sources(held)

    def _day(self, event_type: str, day: date) -> list[Decided]:
        asked = {"event_type": event_type, "start_date": day.isoformat(), "end_date": day.isoformat(), "limit": A_PAGE}
        found: list[Decided] = []
        while True:
            page: Any = strict_json.parse(
                answered(self.url, self.key, "GET", f"{PATH}?{urlencode(asked)}", None, JSON, JSON)
            )
            found += page["decisions"]
            if page["next_cursor"] is None:
                return found
            asked["cursor"] = page["next_cursor"]

    def _of_whole_sources(self, found: Sequence[Decided]) -> list[Decided]:
        kept = []
        for one in found:
            if one["transaction"]["source"] == OF_A_FILE and not self._is_whole(one["job_id"]):
                self.left_out += 1
            else:
                kept.append(one)
        return kept

    def _is_whole(self, job_id: str | None) -> bool:
        """Whether the job of a file stored all of its rows; of one that is gone nobody knows."""
        if job_id is None:
            return False
        if job_id not in self._whole:
            try:
                self._whole[job_id] = JobClient(self.url, self.key).job(job_id)["store"] == ALL_ROWS
            except NotFound:
                self._whole[job_id] = False
        return self._whole[job_id]


def _days(span: ReplayedSpan) -> list[date]:
    first, last = span.since.date(), span.until.date()
    return [first + timedelta(days=at) for at in range((last - first).days + 1)]
