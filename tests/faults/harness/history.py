"""What clients sent and were told, and what must hold of it whatever happened meanwhile.

The checks return complaints, one a line, and look at nothing but their arguments: tests plant defects in them.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fraudshield.scoring.decision import ScoredTransaction

Sent = Mapping[str, Any]
Stored = Mapping[str, ScoredTransaction]

NO_ANSWER = 0
REFUSED = 503  # neither stored nor parked, and said so: the caller sends it again


@dataclass(frozen=True, slots=True)
class Call:
    """One transaction's call. `entry` is its result as the very text that came; empty where there was none."""

    sent: Sent
    status: int
    entry: str = ""
    took_s: float = 0.0

    @property
    def told(self) -> Any:
        """The entry, parsed."""
        return json.loads(self.entry) if self.entry else {}

    @property
    def id(self) -> str:
        """What it was sent under."""
        return str(self.sent["transaction_id"])


@dataclass(slots=True)
class History:
    """Every call of a run, in the order they ended."""

    calls: list[Call] = field(default_factory=list)

    def acknowledged(self, persisted: bool) -> set[str]:
        """The ids that were answered as stored, or as to be stored later."""
        return {call.id for call in self.calls if call.told.get("persisted") is persisted}

    def count(self, status: int) -> int:
        """How many calls ended so."""
        return sum(call.status == status for call in self.calls)


def wrong(calls: Iterable[Call], risk: Callable[[Sent], float]) -> list[str]:
    """Answers that are none of ours, belong to another transaction or have another risk than its content."""
    return [complaint for call in calls if (complaint := _wrong(call, risk))]


def _wrong(call: Call, risk: Callable[[Sent], float]) -> str:
    if call.status in {NO_ANSWER, REFUSED}:
        return ""
    told = call.told
    if call.status != 200 or told.get("transaction_id") != call.id:
        return f"{call.id} was answered {call.status} {call.entry}"
    expected = risk(call.sent)
    return "" if told["risk"] == expected else f"{call.id} has risk {told['risk']}, expected {expected}"


def changed(calls: Iterable[Call]) -> list[str]:
    """Transactions that were answered as stored more than once, and not with the same bytes."""
    entries: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        if call.told.get("persisted"):
            entries[call.id].add(call.entry)
    return [f"{one} was answered in {len(texts)} ways" for one, texts in entries.items() if len(texts) > 1]


def lost(calls: Iterable[Call], persisted: bool, stored: Stored) -> list[str]:
    """Acknowledged decisions that are not in the table; where the answer said stored, also another in their place."""
    complaints = []
    for call in calls:
        told = call.told
        if told.get("persisted") is not persisted:
            continue
        if call.id not in stored:
            complaints.append(f"{call.id} is not stored")
        elif persisted and stored[call.id].decision.decided_at != datetime.fromisoformat(told["decided_at"]):
            complaints.append(f"{call.id} is stored with another decision")
    return complaints
