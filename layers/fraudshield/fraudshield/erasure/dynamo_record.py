"""Erases an account under one transaction id: its own payment is deleted, others' to it keep a pseudonym."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fraudshield.aws import client
from fraudshield.erasure.dynamo_pseudonym import hidden
from fraudshield.text.mention import Mentions
from fraudshield.transaction.dynamo import RECEIVER, SENDER, TRANSACTION_RECORD, received_at, transaction_of
from fraudshield.transaction.dynamo_beside import conflicting

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

DELETED, PSEUDONYMISED, OVERTAKEN = "deleted", "pseudonymised", "overtaken"
ACTOR = "label_actor"


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
            return Counter([self._delete_whole(transaction, beside)])
        done = [self._forget_conflict(item) for item in beside if "transaction" in item]
        if transaction is not None and self._is(RECEIVER, transaction):
            done.append(self._hide(transaction, beside))
        return Counter(what for what in done if what)

    def _is(self, side: str, item: "Item") -> bool:
        return item.get(side) == {"S": self.account} and received_at(item) <= self.erased_at

    def _records(self, transaction_id: str) -> "list[Item]":
        pages = (
            client.dynamodb()
            .get_paginator("query")
            .paginate(
                TableName=self.table,
                KeyConditionExpression="transaction_id = :id",
                ExpressionAttributeValues={":id": {"S": transaction_id}},
                ConsistentRead=True,
            )
        )
        return [item for page in pages for item in page["Items"]]

    def _delete_whole(self, transaction: "Item", beside: "Iterable[Item]") -> str:
        for item in beside:
            client.dynamodb().delete_item(TableName=self.table, Key=_key(item))
        if not self._delete_transaction(transaction):
            return OVERTAKEN
        for item in self._records(transaction["transaction_id"]["S"]):  # appended while we were at it
            if item["record"]["S"] != TRANSACTION_RECORD:
                client.dynamodb().delete_item(TableName=self.table, Key=_key(item))
        return DELETED

    def _delete_transaction(self, item: "Item") -> bool:
        """Deletes the item unless it has changed since it was read; returns whether it was deleted."""
        decided = "decided_at = :decided" if "decided_at" in item else "attribute_not_exists(decided_at)"
        values: Item = {":hash": item["content_hash"]}
        if "decided_at" in item:
            values[":decided"] = item["decided_at"]
        return _unless_overtaken(
            client.dynamodb().delete_item,
            TableName=self.table,
            Key=_key(item),
            ConditionExpression=f"content_hash = :hash AND {decided}",
            ExpressionAttributeValues=values,
        )

    def _forget_conflict(self, item: "Item") -> str | None:
        whole: Any = item["transaction"]["M"]
        if self._is(SENDER, whole):
            client.dynamodb().delete_item(TableName=self.table, Key=_key(item))
            return DELETED
        if not self._is(RECEIVER, whole):
            return None
        replaced = conflicting(hidden(whole, self.pseudonym))  # under another key: the hash is part of it
        client.dynamodb().transact_write_items(
            TransactItems=[
                {"Delete": {"TableName": self.table, "Key": _key(item)}},
                {"Put": {"TableName": self.table, "Item": replaced}},
            ]
        )
        return PSEUDONYMISED

    def _hide(self, transaction: "Item", beside: "Iterable[Item]") -> str:
        content, new = transaction_of(transaction), hidden(transaction, self.pseudonym)
        for item in beside:
            if "content_hash" in item and content.has_content(item["content_hash"]["S"]):
                self._set(item, {"content_hash": new["content_hash"]})
            self._hide_actor(item)
        changed = {name: new[name] for name in (RECEIVER, "content_hash", "fields") if name in new}
        return PSEUDONYMISED if self._set(transaction, changed) else OVERTAKEN

    def _hide_actor(self, item: "Item") -> None:
        """Who labelled the payment is the only text in a record beside it that people write."""
        said = item.get(ACTOR, {}).get("S", "")
        mentions = Mentions(lambda name: name == self.account, lambda _: self.pseudonym)
        if mentions.found(said):
            client.dynamodb().update_item(
                TableName=self.table,
                Key=_key(item),
                UpdateExpression=f"SET {ACTOR} = :new",
                ConditionExpression=f"{ACTOR} = :old",
                ExpressionAttributeValues={":old": item[ACTOR], ":new": {"S": mentions.replaced(said)}},
            )

    def _set(self, item: "Item", changed: "Item") -> bool:
        """Updates the item unless it has changed since it was read; returns whether it was updated."""
        return _unless_overtaken(
            client.dynamodb().update_item,
            TableName=self.table,
            Key=_key(item),
            UpdateExpression=f"SET {', '.join(f'{name} = :{name}' for name in changed)}",
            ConditionExpression="content_hash = :old",
            ExpressionAttributeValues={
                ":old": item["content_hash"],
                **{f":{name}": value for name, value in changed.items()},
            },
        )


def _key(item: "Item") -> "Item":
    return {name: item[name] for name in ("transaction_id", "record")}


def _unless_overtaken(write: Any, **request: Any) -> bool:
    try:
        write(**request)
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True
