"""Erases an account under one transaction id: its own payment is deleted, others' to it keep a pseudonym."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fraudshield.aws import client
from fraudshield.erasure.dynamo_change import (
    hide_mentions,
    key_of,
    records_of,
    replace_record,
    set_unless_changed,
    unless_overtaken,
)
from fraudshield.erasure.dynamo_pseudonym import hidden
from fraudshield.transaction.dynamo import RECEIVER, SENDER, TRANSACTION_RECORD, received_at, transaction_of
from fraudshield.transaction.dynamo_beside import conflicting

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

DELETED, PSEUDONYMISED, OVERTAKEN = "deleted", "pseudonymised", "overtaken"


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Erases what was received of one account up to a time. It is safe to repeat: what is done is gone."""

    table: str
    account: str
    pseudonym: str
    erased_at: datetime

    def forget(self, transaction_id: str) -> Counter[str]:
        """Erases all records under the id; `overtaken` counts those that another write changed meanwhile: sweep again.

        The transaction's own item changes last, because the indexes lead to the others by it. Raises botocore's errors.
        """
        records = self._records(transaction_id)
        transaction = next((item for item in records if item["record"]["S"] == TRANSACTION_RECORD), None)
        beside = [item for item in records if item is not transaction]
        if transaction is not None and self._is(SENDER, transaction):
            return Counter([delete_whole(self.table, transaction, beside)])
        done = [self._forget_conflict(item) for item in beside if "transaction" in item]
        if transaction is not None and self._is(RECEIVER, transaction):
            done.append(self._hide(transaction, beside))
        return Counter(what for what in done if what)

    def _is(self, side: str, item: "Item") -> bool:
        return item.get(side) == {"S": self.account} and received_at(item) <= self.erased_at

    def _records(self, transaction_id: str) -> "list[Item]":
        return records_of(self.table, transaction_id)

    def _forget_conflict(self, item: "Item") -> str | None:
        whole: Any = item["transaction"]["M"]
        if self._is(SENDER, whole):
            client.dynamodb().delete_item(TableName=self.table, Key=key_of(item))
            return DELETED
        if not self._is(RECEIVER, whole):
            return None
        # Under another key: the hash is part of it.
        replace_record(self.table, item, conflicting(hidden(whole, self.pseudonym)))
        return PSEUDONYMISED

    def _hide(self, transaction: "Item", beside: "Iterable[Item]") -> str:
        content, new = transaction_of(transaction), hidden(transaction, self.pseudonym)
        for item in beside:
            if "content_hash" in item and content.has_content(item["content_hash"]["S"]):
                self._set(item, {"content_hash": new["content_hash"]})
            self._hide_mentions(item)
        changed = {name: new[name] for name in (RECEIVER, "content_hash", "fields") if name in new}
        return PSEUDONYMISED if self._set(transaction, changed) else OVERTAKEN

    def _hide_mentions(self, item: "Item") -> None:
        hide_mentions(self.table, item, self.account, self.pseudonym)

    def _set(self, item: "Item", changed: "Item") -> bool:
        return set_unless_changed(self.table, item, changed)


def delete_whole(table: str, transaction: "Item", beside: "Iterable[Item]") -> str:
    """Deletes a transaction and what is beside it; `overtaken` where it was changed since it was read."""
    for item in beside:
        client.dynamodb().delete_item(TableName=table, Key=key_of(item))
    if not _delete_transaction(table, transaction):
        return OVERTAKEN
    for item in records_of(table, transaction["transaction_id"]["S"]):  # appended while we were at it
        if item["record"]["S"] != TRANSACTION_RECORD:
            client.dynamodb().delete_item(TableName=table, Key=key_of(item))
    return DELETED


def _delete_transaction(table: str, item: "Item") -> bool:
    """Deletes the item unless it has changed since it was read; returns whether it was deleted."""
    decided = "decided_at = :decided" if "decided_at" in item else "attribute_not_exists(decided_at)"
    values: Item = {":hash": item["content_hash"]}
    if "decided_at" in item:
        values[":decided"] = item["decided_at"]
    return unless_overtaken(
        client.dynamodb().delete_item,
        TableName=table,
        Key=key_of(item),
        ConditionExpression=f"content_hash = :hash AND {decided}",
        ExpressionAttributeValues=values,
    )
