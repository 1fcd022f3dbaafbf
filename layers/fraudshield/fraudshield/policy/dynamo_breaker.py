"""Breakers in the item of what is in force: which are open, and closing them by hand."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from fraudshield.audit.audit import AuditEntry, Author
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.budget import STORE_S
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.write import written
from fraudshield.errors import PolicyConflict
from fraudshield.event_type.dynamo import in_force_within, next_in_force
from fraudshield.event_type.in_force import BreakerState, InForce
from fraudshield.policy.limit.breaker import NotOpen
from fraudshield.text.timestamp import timestamp

TIMES = 3  # that something else may be put in force meanwhile


@dataclass(frozen=True, slots=True)
class DynamoBreakers:
    """The breakers of all event types, on the table of policies."""

    table: str
    calls: BoundedCalls
    audit: DynamoAuditLog

    def open_ones(self) -> Sequence[str]:
        """The event types of which something may not block for now. Raises StoreUnavailable."""
        in_force = self._in_force()
        return [name for name, one in in_force.breakers.items() if one.is_open and _decides(in_force, name, one)]

    def close(self, event_type: str, note: str, by: Author, at: datetime) -> None:
        """Closes what is open of an event type: its blocks are counted anew from now on.

        Raises NotOpen; PolicyConflict: something else was put in force again and again; StoreUnavailable.
        """
        for _ in range(TIMES):
            in_force = self._in_force()
            found = in_force.breakers.get(event_type)
            closed = BreakerState(version=found.version if found else 1, closed_at=timestamp(at), note=note)
            if found == closed:  # by this call, whose response was lost
                return
            if found is None or not found.is_open:
                raise NotOpen(f"No breaker is open for {event_type}")
            entry = AuditEntry(at, by, "breaker", "closed", event_type, version=found.version)
            put: Any = {"Put": next_in_force(self.table, in_force.with_breaker(event_type, closed))}
            if self.calls.one(partial(written, [put, self.audit.put(entry)])):
                return
        raise PolicyConflict("Something else was put in force meanwhile; close it again")

    def _in_force(self) -> InForce:
        return in_force_within(self.calls, self.table, time.monotonic() + STORE_S)


def _decides(in_force: InForce, event_type: str, breaker: BreakerState) -> bool:
    """Whether its version is in force, as far as a pointer says: a type without its own goes by another's."""
    pointer = in_force.policies.get(event_type)
    return pointer is None or pointer.version == breaker.version
