"""Stored decisions of a span over HTTP: which there are, and how each comes out when it is computed again."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from urllib.parse import urlencode

from fraudshield.event_type.payment import NAME
from infra.cli.job_client import Answer, call

AT_ONCE = 4  # calls; each is a process of the function
A_CALL = 50
A_PAGE = 1000


@dataclass(frozen=True, slots=True)
class ReplayedSpan:
    """From a time on until before another, both of `occurred_at`."""

    since: datetime
    until: datetime

    def holds(self, occurred_at: str) -> bool:
        """Whether a payment of this time lies in it."""
        return self.since <= datetime.fromisoformat(occurred_at) < self.until


@dataclass(slots=True)
class ReplayCount:
    """How many came out how, in all and by what decided them, and which of them did not come out the same."""

    results: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    policies: Counter[str] = field(default_factory=Counter)
    event_types: Counter[str] = field(default_factory=Counter)
    different: list[Answer] = field(default_factory=list)
    reasons: dict[str, list[Answer]] = field(default_factory=dict)
    undecided: int = 0

    def add(self, found: Answer) -> None:
        """Counts one."""
        self.results[found["result"]] += 1
        if found["result"] == "not_decided":
            return
        of = f"{found['event_type']} {found['event_type_version']}"
        self.event_types[of] += 1
        self.models[found["model_version"] or "none"] += 1
        self.policies[f"{found['event_type']} {found['policy_version']}"] += 1
        if found["result"] == "different":
            self.different.append(found)
        if found["result"] == "not_replayable":
            self.reasons.setdefault(found["code"], []).append(found)


@dataclass(frozen=True, slots=True)
class ReplayClient:
    """Speaks to one gateway with one key. Calls raise InvalidInput, NotFound, Unavailable."""

    url: str
    key: str

    def span(self, span: ReplayedSpan, event_type: str | None, advance: Callable[[int], object]) -> ReplayCount:
        """Computes all decisions of a span again, of all event types where none is named; `advance` is told of how
        many at a time.
        """
        count = ReplayCount()
        ids = self._decided(span, event_type, count)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while some := [*islice(ids, AT_ONCE * A_CALL)]:
                calls = [some[at : at + A_CALL] for at in range(0, len(some), A_CALL)]
                for found in pool.map(self.replayed, calls):
                    for one in found:
                        count.add(one)
                    advance(len(found))
        return count

    def replayed(self, transaction_ids: Sequence[str]) -> list[Answer]:
        """How these came out, in order."""
        body = json.dumps({"transaction_ids": transaction_ids}).encode()
        return list(call(self.url, self.key, "POST", "/api/v1/model/replays", body)["results"])

    def _decided(self, span: ReplayedSpan, event_type: str | None, count: ReplayCount) -> Iterator[str]:
        """The ids of what was decided; what was stored without a decision is counted."""
        for name in [event_type] if event_type else self._lists():
            for row in self._rows(span, name):
                if row["decision"] is None:
                    count.undecided += 1
                else:
                    yield row["transaction_id"]

    def _rows(self, span: ReplayedSpan, event_type: str) -> Iterator[Answer]:
        asked: dict[str, object] = {"limit": A_PAGE, "event_type": event_type}
        asked |= {"start_date": span.since.date().isoformat(), "end_date": span.until.date().isoformat()}
        if event_type == NAME:
            del asked["event_type"]  # then what extends it is listed too
        while True:
            page = self._get(f"/api/v1/database/transactions?{urlencode(asked)}")
            yield from (row for row in page["transactions"] if span.holds(row["occurred_at"]))
            if page["next_cursor"] is None:
                return
            asked["cursor"] = page["next_cursor"]

    def _lists(self) -> list[str]:
        """The event types by which all payments are listed: what extends the built-in one is listed by that."""
        types = self._get("/api/v1/policy/event-types")["event_types"]
        return [NAME, *(one["name"] for one in types if NAME not in (one["name"], *one["lineage"]))]

    def _get(self, path: str) -> Answer:
        return call(self.url, self.key, "GET", path, None)
