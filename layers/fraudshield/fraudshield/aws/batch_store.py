"""Stores the decisions of a chunk of a file: again and again makes no difference, and is counted the same each time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from fraudshield.aws.bounded import BoundedCalls
from fraudshield.aws.first_decision import put_decided
from fraudshield.aws.item import to_item
from fraudshield.aws.record import attributes
from fraudshield.aws.transaction_item import same_content
from fraudshield.batch.tally import Tally
from fraudshield.budget import BREAKER_S
from fraudshield.decision import ScoredTransaction
from fraudshield.erasure import Received, keepable
from fraudshield.errors import StoreUnavailable
from fraudshield.ports import Erasures

TRIES = 4  # with a breaker's pause in between
TOGETHER_S = 30.0  # for the writes of a block of rows

STORED, KNOWN, CONFLICT = Tally(stored=1), Tally(known=1), Tally(conflicts=1)


@dataclass(frozen=True, slots=True)
class ChunkStore:
    """`mark` names the job and the chunk: by it a row that this chunk stored itself is known when it comes again."""

    table: str
    calls: BoundedCalls
    erasures: Erasures
    mark: str
    retention_days: int = 0

    def keep(self, decided: Sequence[ScoredTransaction]) -> Tally:
        """What became of each. Raises StoreUnavailable: some may be stored, and the chunk is to be tried again."""
        received = [Received(one.transaction, one.received_at) for one in decided]
        kept = keepable(received, self.erasures)
        wanted = [replace(one, transaction=there) for one, there in zip(decided, kept, strict=True) if there]
        tally = Tally(erased=len(decided) - len(wanted))
        for attempt in range(TRIES):
            if attempt:
                time.sleep(BREAKER_S)
            results = self.calls.each([partial(self._put, one) for one in wanted], time.monotonic() + TOGETHER_S)
            counted = [one for one in results if isinstance(one, Tally)]
            tally += Tally(
                stored=sum(one.stored for one in counted),
                known=sum(one.known for one in counted),
                conflicts=sum(one.conflicts for one in counted),
            )
            wanted = [one for one, result in zip(wanted, results, strict=True) if isinstance(result, StoreUnavailable)]
            if not wanted:
                return tally
        raise StoreUnavailable(f"{len(wanted)} decisions of a file could not be stored")

    def _put(self, scored: ScoredTransaction) -> Tally:
        item = to_item(scored, "batch", self.retention_days) | attributes({"batch_row": self.mark})
        stored = put_decided(self.table, item)
        if stored is None or stored.get("batch_row") == item["batch_row"]:
            return STORED
        return KNOWN if same_content(stored, item) else CONFLICT
