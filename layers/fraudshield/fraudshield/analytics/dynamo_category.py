"""The categories that transactions are counted in, from DynamoDB: the types' fields, and the places of their values.

Series `categories` of the aggregates table, a bucket for each field: the values that have a place, and since when. A
value takes its place before it is first counted, so that whoever counts it again finds the same.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.analytics.category.category import (
    BUILT_IN,
    EVENT_TYPE,
    EVERY_FIELD,
    MOST_VALUES,
    OF_BUILT_IN,
    Category,
    CategoryRegister,
    CountedFields,
    fields_of,
)
from fraudshield.analytics.counted_transaction import CountedTransaction
from fraudshield.aws import client
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import condition_failed
from fraudshield.errors import StoreUnavailable

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

REGISTERS = "categories"  # the series


@dataclass(frozen=True, slots=True)
class DynamoCategories:
    """The `Categories` port. It remembers the documents, which never change, and the places, which never go."""

    aggregates_table: str
    documents_table: str
    versions: dict[tuple[str, int], CountedFields] = field(default_factory=dict)
    registers: dict[tuple[str, str], CategoryRegister] = field(default_factory=dict)

    def of(self, one: CountedTransaction, day: str) -> Sequence[Category]:
        found, of_type = [], one.event_type or BUILT_IN
        for name, value in self._values(one).items():
            register = self._settled(of_type, name, value, day)
            place = register.place(value)
            if place is not None and one.came_on >= (register.counted_from or ""):
                found.append(Category(of_type, name, place))
        return found

    def fields(self, one: CountedTransaction, day: str) -> CountedFields:
        if one.event_type is None:
            return CountedFields()
        self._settled(one.event_type, EVERY_FIELD, one.event_type, day)
        return self._fields(one.event_type, one.event_type_version)

    def _values(self, one: CountedTransaction) -> Mapping[str, str]:
        if one.event_type is None:
            return dict.fromkeys(OF_BUILT_IN, one.type)
        held = {EVENT_TYPE: one.event_type, **dict.fromkeys(OF_BUILT_IN, one.type), **one.texts}
        return {
            name: held[name]
            for name in (EVENT_TYPE, *self._fields(one.event_type, one.event_type_version).categories)
            if name in held
        }

    def _fields(self, event_type: str, number: int) -> CountedFields:
        version = event_type, number
        if version not in self.versions:
            key: Item = {"name": {"S": f"event_type#{version[0]}"}, "version": {"N": str(version[1])}}
            item = _asked(
                lambda: client.counting_dynamodb().get_item(
                    TableName=self.documents_table, Key=key, ConsistentRead=True
                )
            )
            known = "Item" in item
            self.versions[version] = fields_of(json.loads(item["Item"]["body"]["S"])) if known else CountedFields()
        return self.versions[version]

    def _settled(self, event_type: str, name: str, value: str, day: str) -> CategoryRegister:
        """The register with the value's place settled."""
        known = self.registers.get((event_type, name), CategoryRegister())
        if known.place(value) is None:
            known = self._placed(key_of(event_type, name), value, day)
            self.registers[event_type, name] = known
        return known

    def _placed(self, key: "Item", value: str, day: str) -> CategoryRegister:
        try:
            written = client.counting_dynamodb().update_item(
                TableName=self.aggregates_table,
                Key=key,
                UpdateExpression="SET counted_from = if_not_exists(counted_from, :day) ADD #values :one",
                ConditionExpression="attribute_not_exists(#values) OR size(#values) < :most",
                ExpressionAttributeNames={"#values": "values"},
                ExpressionAttributeValues=attributes({":day": day, ":one": {value}, ":most": MOST_VALUES}),
                ReturnValues="ALL_NEW",
            )
            return register_in(written["Attributes"])
        except (BotoCoreError, ClientError) as exc:
            if not (isinstance(exc, ClientError) and condition_failed(exc)):
                raise StoreUnavailable(f"A category has no place yet: {type(exc).__name__}") from exc
        table = self.aggregates_table  # it is full, and stays so
        return register_in(
            _asked(lambda: client.counting_dynamodb().get_item(TableName=table, Key=key, ConsistentRead=True))["Item"]
        )


def key_of(event_type: str, name: str) -> "Item":
    """The key of a field's register."""
    return attributes({"series": REGISTERS, "bucket": f"{event_type}#{name}"})


def register_in(item: "Item | None") -> CategoryRegister:
    """The register that an item holds; an empty one where there is none."""
    return CategoryRegister(item["counted_from"]["S"], frozenset(item["values"]["SS"])) if item else CategoryRegister()


def _asked(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except (BotoCoreError, ClientError) as exc:
        raise StoreUnavailable(f"A category's fields or places cannot be read: {type(exc).__name__}") from exc
