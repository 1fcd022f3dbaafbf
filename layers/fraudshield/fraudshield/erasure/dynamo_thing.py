"""Erases an entity's value under one transaction id: the payment stays its sender's, with a pseudonym in its place."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fraudshield.erasure.dynamo_change import hide_mentions, records_of, replace_record, set_unless_changed
from fraudshield.erasure.dynamo_record import OVERTAKEN, PSEUDONYMISED
from fraudshield.erasure.thing import Thing
from fraudshield.event_type.entity import entity_key
from fraudshield.transaction.dynamo import TRANSACTION_RECORD, received_at, transaction_of
from fraudshield.transaction.dynamo_beside import conflicting
from fraudshield.transaction.dynamo_money import SHOWN
from fraudshield.transaction.dynamo_own import ENTITY_SLOTS, FACTS

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

HELD_IN = ("fields", SHOWN, FACTS)  # where a value of a type's own may stand


@dataclass(frozen=True, slots=True)
class ThingForgetting:
    """Replaces a value in what was received up to a time. It is safe to repeat: what is done is gone."""

    table: str
    thing: Thing
    pseudonym: str
    erased_at: datetime

    def forget(self, transaction_id: str) -> Counter[str]:
        """Replaces the value in all records under the id; `overtaken` counts those that changed meanwhile.

        The transaction's own item changes last, because the indexes lead to the others by it. Raises botocore's errors.
        """
        done: Counter[str] = Counter()
        records = records_of(self.table, transaction_id)
        for item in sorted(records, key=lambda item: item["record"]["S"] == TRANSACTION_RECORD):
            if item["record"]["S"] == TRANSACTION_RECORD:
                done.update(self._hide(item, records))
            elif "transaction" in item:
                done.update(self._hide_conflict(item))
        return done

    def renamed(self, item: "Item") -> "Item | None":
        """The item without the value, and with the hash of that content; None where it has it not, or came later."""
        if received_at(item) > self.erased_at:
            return None
        old, new = {"S": self.thing.key}, {"S": entity_key(self.thing.entity, self.pseudonym)}
        slots: Any = {slot: new for slot in ENTITY_SLOTS if item.get(slot) == old}
        if not slots:
            return None
        held: Any = {name: replaced(item[name], self.thing.value, self.pseudonym) for name in HELD_IN if name in item}
        made: Item = {**item, **slots, **held}
        return {**made, "content_hash": {"S": transaction_of(made).content_hash()}}

    def _hide(self, transaction: "Item", records: "list[Item]") -> list[str]:
        new = self.renamed(transaction)
        if new is None:
            return []
        content = transaction_of(transaction)
        for item in records:
            if item is not transaction:
                if "content_hash" in item and content.has_content(item["content_hash"]["S"]):
                    set_unless_changed(self.table, item, {"content_hash": new["content_hash"]})
                hide_mentions(self.table, item, self.thing.value, self.pseudonym)
        changed = {name: value for name, value in new.items() if value != transaction.get(name)}
        return [PSEUDONYMISED if set_unless_changed(self.table, transaction, changed) else OVERTAKEN]

    def _hide_conflict(self, item: "Item") -> list[str]:
        whole: Any = item["transaction"]["M"]
        new = self.renamed(whole)
        if new is None:
            return []
        replace_record(self.table, item, conflicting(new))
        return [PSEUDONYMISED]


def replaced(attribute: Any, old: str, new: str) -> Any:
    """An attribute with every text in it that is the old one replaced by the new one."""
    [(kind, held)] = attribute.items()
    if kind == "S":
        return {"S": new if held == old else held}
    if kind == "M":
        return {"M": {name: replaced(one, old, new) for name, one in held.items()}}
    return {"L": [replaced(one, old, new) for one in held]} if kind == "L" else attribute
