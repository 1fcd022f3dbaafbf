"""Which models are in force, in DynamoDB: a part of the one item of what is in force."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from fraudshield.audit.audit import AuditEntry
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.budget import STORE_S
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.write import written
from fraudshield.event_type.dynamo import in_force_within, next_in_force
from fraudshield.event_type.in_force import InForce
from fraudshield.predictor.registry import ModelConflict


@dataclass(frozen=True, slots=True)
class DynamoModelPointers:
    """The `ModelPointers` port on the table of documents."""

    table: str
    calls: BoundedCalls
    audit: DynamoAuditLog

    def now(self) -> InForce:
        return in_force_within(self.calls, self.table, time.monotonic() + STORE_S)

    def change(self, change: Callable[[InForce], InForce], entry: AuditEntry) -> None:
        changed = change(self.now())
        point: Any = {"Put": next_in_force(self.table, changed)}
        if self.calls.one(partial(written, [point, self.audit.put(entry)])):
            return
        if self.now().models != changed.models:  # else the response was lost
            raise ModelConflict("Something else was put in force meanwhile; look what, and send yours again")
