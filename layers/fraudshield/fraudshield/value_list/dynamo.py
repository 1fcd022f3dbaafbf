"""Lists in DynamoDB, a table of their own: entries age out, and a million of them is nothing beside another's."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any, TypeVar

from fraudshield.audit.audit import Action, AuditEntry, Author
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.aws import client
from fraudshield.budget import BACK_OFF_S
from fraudshield.dynamo.attempt import until_done, until_found
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import unless_found, written
from fraudshield.errors import Fault, StoreUnavailable
from fraudshield.text import signature
from fraudshield.text.json_text import json_text
from fraudshield.text.timestamp import instant
from fraudshield.value_list.dynamo_item import (
    DEFINITIONS,
    DIGITS,
    ENTRY,
    PART,
    definition_in,
    definition_item,
    definition_key,
    entry_in,
    entry_item,
    entry_key,
    part_of,
)
from fraudshield.value_list.dynamo_store import KEYS_PER_READ, ListRows
from fraudshield.value_list.port import AdditionResult, EntriesPage, ListConflict
from fraudshield.value_list.value_list import Addition, ListEntry, ValueList, added, removed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from fraudshield.dynamo.record import Item

T = TypeVar("T")
MOST_READS = 64  # of one page: where most entries have left the list, a page is short instead of slow
NOT_STORED = Fault("", "The store did not respond; send this line again", StoreUnavailable.code)


@dataclass(frozen=True, slots=True)
class DynamoListStore:
    """Implements the `ListStore` port. The audit log has values as digests keyed by `secret`."""

    rows: ListRows
    audit: DynamoAuditLog
    secret: bytes

    def all(self) -> list[ValueList]:
        return [definition_in(item) for item in self.rows.all_in(DEFINITIONS)]

    def named(self, name: str) -> ValueList | None:
        item = self.rows.get(definition_key(name))
        return None if item is None else definition_in(item)

    def put(self, made: ValueList, entry: AuditEntry) -> None:
        same_kind: TransactWriteItemTypeDef = {
            "Put": {
                "TableName": self.rows.table,
                "Item": definition_item(made),
                "ConditionExpression": "attribute_not_exists(#entry) OR #kind = :kind",
                "ExpressionAttributeNames": {"#entry": ENTRY, "#kind": "kind"},
                "ExpressionAttributeValues": attributes({":kind": made.kind}),
            }
        }
        if self.rows.calls.one(partial(unless_found, [same_kind, self.audit.put(entry)])) is not None:
            raise ListConflict(f"The list {made.name} was made meanwhile, of another kind")

    def entry(self, name: str, value: str) -> ListEntry | None:
        return _entry_of(self.rows.get(entry_key(name, value)))

    def add(self, name: str, said: Addition, by: Author, now: datetime) -> tuple[ListEntry, AdditionResult]:
        return self._until_done(partial(self._add, name, said, by, now))

    def remove(self, name: str, value: str, by: Author, now: datetime) -> ListEntry | None:
        [left] = self._until_done(partial(self._remove, name, value, by, now))
        return left

    def add_many(
        self, name: str, said: Sequence[Addition], by: Author, now: datetime, stop_at: float
    ) -> list[AdditionResult | Fault]:
        client.dynamodb(), client.counting_dynamodb()  # made before the clock starts
        batches = [said[start : start + KEYS_PER_READ] for start in range(0, len(said), KEYS_PER_READ)]
        adding = [partial(self._add_batch, name, batch, by, now, stop_at) for batch in batches]
        done = self.rows.calls.few_at_once(adding, stop_at)
        results: list[AdditionResult | Fault] = []
        for batch, one in zip(batches, done, strict=True):
            results += [NOT_STORED] * len(batch) if isinstance(one, StoreUnavailable) else one
        return results

    def page(self, name: str, now: datetime, after: str | None, most: int) -> EntriesPage:
        found: list[ListEntry] = []
        last = after or ""
        for _ in range(MOST_READS):
            answer = self.rows.counting(part_of(name, last or DIGITS[0]), last or DIGITS[0], now, most - len(found))
            found += map(entry_in, answer["Items"])
            digit = last[0] if last else DIGITS[0]
            more = answer.get("LastEvaluatedKey")
            if more is not None:
                last = more[ENTRY]["S"]
            elif digit == DIGITS[-1]:
                return EntriesPage(found, None)
            else:
                last = DIGITS[DIGITS.index(digit) + 1]
            if len(found) >= most:
                break
        return EntriesPage(found, last)

    def holding(self, names: Collection[str], value: str) -> Mapping[str, ListEntry]:
        parts = {entry_key(name, value)[PART]["S"]: name for name in names}
        found = self.rows.each([entry_key(name, value) for name in parts.values()])
        return {parts[item[PART]["S"]]: entry_in(item) for item in found}

    def forget(self, names: Collection[str], values: Collection[str]) -> int:
        found = self.rows.each([entry_key(name, value) for name, value in product(names, sorted({*values}))])
        self.rows.write([{"DeleteRequest": {"Key": {key: item[key] for key in (PART, ENTRY)}}} for item in found])
        return len(found)

    def _add(self, name: str, said: Addition, by: Author, now: datetime) -> tuple[ListEntry, AdditionResult] | None:
        before = _entry_of(self.rows.now(entry_key(name, said.value)))
        after = added(before, said, by, now)
        result = _result(before, after)
        if result is AdditionResult.UNCHANGED or self._put(name, before, after, by, now):
            return after, result
        return None

    def _remove(self, name: str, value: str, by: Author, now: datetime) -> tuple[ListEntry | None] | None:
        """The entry that has left the list, in a tuple; None where another write was faster."""
        before = _entry_of(self.rows.now(entry_key(name, value)))
        if before is None or before.state(now) != "on":
            return (None,)
        after = removed(before, by, now)
        return (after,) if self._put(name, before, after, by, now) else None

    def _put(self, name: str, before: ListEntry | None, after: ListEntry, by: Author, now: datetime) -> bool:
        entry = self.audit.put(self._entry(name, before, after, by, now))
        return written([self._put_of(name, before, after), entry])

    def _put_of(self, name: str, before: ListEntry | None, after: ListEntry) -> "TransactWriteItemTypeDef":
        """The write of an entry in place of the one that was read."""
        known = "attribute_not_exists(#entry)" if before is None else "#revision = :revision"
        names = {"#entry": ENTRY} if before is None else {"#revision": "revision"}
        values = {} if before is None else {"ExpressionAttributeValues": attributes({":revision": before.revision})}
        put: Any = {
            "TableName": self.rows.table,
            "Item": entry_item(name, after),
            "ConditionExpression": known,
            "ExpressionAttributeNames": names,
            **values,
        }
        return {"Put": put}

    def _entry(self, name: str, before: ListEntry | None, after: ListEntry, by: Author, now: datetime) -> AuditEntry:
        was, is_on = before is not None and before.state(now) == "on", after.state(now) == "on"
        action: Action = "removed" if not is_on else "changed" if was else "created"
        digests = self._digest(name, before) if was else None, self._digest(name, after) if is_on else None
        return AuditEntry(now, by, "list_entry", action, name, *digests)

    def _digest(self, name: str, entry: ListEntry | None) -> str | None:
        """Keyed: a name or a number that few there are of could else be found by trying them all."""
        if entry is None:
            return None
        ends = entry.expires_at and instant(entry.expires_at)
        said = json_text({"list": name, "value": entry.value, "note": entry.note, "expires_at": ends}, sort_keys=True)
        return signature.digest(self.secret, said.encode()).hex()

    def _add_batch(
        self, name: str, said: Sequence[Addition], by: Author, now: datetime, stop_at: float
    ) -> list[AdditionResult]:
        """Adds values together, at most 100; again from a new read where another write was faster. May be repeated."""
        done = until_found(partial(self._add_together, name, said, by, now), BACK_OFF_S, stop_at)
        if done is None:
            raise StoreUnavailable("Others changed these entries all the time; try again")
        return done

    def _add_together(
        self, name: str, said: Sequence[Addition], by: Author, now: datetime
    ) -> list[AdditionResult] | None:
        found = self.rows.each_now([entry_key(name, one.value) for one in said])
        known = {entry.value: entry for entry in map(entry_in, found)}
        after = [added(known.get(one.value), one, by, now) for one in said]
        results = [_result(known.get(one.value), one) for one in after]
        puts = [
            self._put_of(name, known.get(one.value), one)
            for one, result in zip(after, results, strict=True)
            if result is not AdditionResult.UNCHANGED
        ]
        return results if not puts or written(puts, client.counting_dynamodb) else None

    def _until_done(self, attempt: Callable[[], T | None]) -> T:
        return until_done(partial(self.rows.calls.one, attempt), "this entry")


def _result(before: ListEntry | None, after: ListEntry) -> AdditionResult:
    if before is after:
        return AdditionResult.UNCHANGED
    return AdditionResult.CHANGED if before is not None and before.added_at == after.added_at else AdditionResult.ADDED


def _entry_of(item: "Item | None") -> ListEntry | None:
    return None if item is None else entry_in(item)
