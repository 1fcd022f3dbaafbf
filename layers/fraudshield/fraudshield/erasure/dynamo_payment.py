"""Erases a payment that has no sender, by its id: no account leads to what is personal in it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from fraudshield.erasure.dynamo_change import records_of
from fraudshield.erasure.dynamo_record import delete_whole
from fraudshield.errors import Conflict
from fraudshield.transaction.dynamo import SENDER, TRANSACTION_RECORD, received_at


@dataclass(frozen=True, slots=True)
class PaymentForgetting:
    """Deletes what was received up to a time. It is safe to repeat: what is done is gone."""

    table: str
    erased_at: datetime

    def refuse_sent(self, transaction_id: str) -> None:
        """Raises Conflict where the payment is somebody's."""
        if any(SENDER in item for item in records_of(self.table, transaction_id)):
            raise Conflict("It has a sender, with whose account it goes: DELETE /accounts/{account}", code="has_sender")

    def forget(self, transaction_id: str) -> Counter[str]:
        """Deletes all records under the id; `overtaken` counts what was changed meanwhile. Raises botocore's errors."""
        records = records_of(self.table, transaction_id)
        transaction = next((item for item in records if item["record"]["S"] == TRANSACTION_RECORD), None)
        if transaction is None or SENDER in transaction or received_at(transaction) > self.erased_at:
            return Counter()
        return Counter([delete_whole(self.table, transaction, [item for item in records if item is not transaction])])
