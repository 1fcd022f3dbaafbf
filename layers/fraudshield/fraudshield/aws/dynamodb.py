"""Transactions in DynamoDB: each is written once, on condition that its id is free."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from fraudshield.aws import clients
from fraudshield.aws.bounded import BoundedCalls
from fraudshield.aws.first_decision import put_decided
from fraudshield.aws.item import from_item, to_item
from fraudshield.aws.transaction_item import TRANSACTION_RECORD, Source, is_decided, same_content
from fraudshield.budget import STORE_S
from fraudshield.decision import ScoredTransaction
from fraudshield.errors import TransactionConflict
from fraudshield.ports import Kept


@dataclass(frozen=True, slots=True)
class DynamoTransactionStore:
    """The `TransactionStore` port on one table; `source` says by which door its transactions came."""

    table: str
    calls: BoundedCalls
    source: Source = "api"
    retention_days: int = 0

    def add(self, scored: Sequence[ScoredTransaction], stop_at: float) -> list[Kept]:
        """See the port. One transaction gets `STORE_S`, many get until `stop_at` between them."""
        clients.dynamodb()  # made before the clock starts: the first one takes a while
        if len(scored) == 1:
            stop_at = min(stop_at, time.monotonic() + STORE_S)
        return list(self.calls.each([partial(self._add_one, one) for one in scored], stop_at))

    def find(self, transaction_id: str) -> ScoredTransaction | None:
        """See the port."""
        client = clients.dynamodb()
        key = {"transaction_id": {"S": transaction_id}, "record": {"S": TRANSACTION_RECORD}}
        found = self.calls.one(lambda: client.get_item(TableName=self.table, Key=key, ConsistentRead=True))
        return from_item(found["Item"]) if "Item" in found and is_decided(found["Item"]) else None

    def _add_one(self, scored: ScoredTransaction) -> Kept:
        item = to_item(scored, self.source, self.retention_days)
        stored = put_decided(self.table, item)
        if stored is None:
            return scored.decision
        if not same_content(stored, item):
            return TransactionConflict("transaction_id is already stored with another content")
        return from_item(stored).decision
