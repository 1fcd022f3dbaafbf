"""A document of which every version is kept in DynamoDB: one item each, never changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from fraudshield.dynamo.write import put_new_with
from fraudshield.errors import FraudShieldError, Malformed, StoreUnavailable
from fraudshield.text import strict_json
from fraudshield.text.json_text import json_text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryOutputTypeDef, TransactWriteItemTypeDef

    from fraudshield.dynamo.page import Calls
    from fraudshield.dynamo.record import Item

Document = TypeVar("Document", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class VersionedDocument(Generic[Document]):
    """The versions of one document on one table.

    `key` makes a version's key, the table's partition key first; `name` is what errors call the document, and
    `taken` the error where another version of the same number is stored.
    """

    table: str
    calls: "Calls"
    client: "Callable[[], DynamoDBClient]"
    key: "Callable[[int], Item]"
    model: type[Document]
    name: str
    taken: type[FraudShieldError]

    def newest(self) -> Document | None:
        """Reads the newest version, None where there is none: one query, one item. Raises StoreUnavailable."""
        found = self.versions(1)
        return found[0] if found else None

    def version(self, number: int) -> Document | None:
        """Reads one version, None where it was never stored. Raises StoreUnavailable."""
        get = partial(self.client().get_item, TableName=self.table, Key=self.key(number), ConsistentRead=True)
        found = self.calls.one(get)
        return self.read_one(found["Item"]) if "Item" in found else None

    def versions(self, most: int, before: int | None = None) -> list[Document]:
        """Reads the newest versions, of those `before` a number where one is given, newest first.

        Raises StoreUnavailable.
        """
        return self.read(self.calls.one(self.query(most, before)))

    def query(self, most: int, before: int | None = None) -> "Callable[[], QueryOutputTypeDef]":
        """The call that finds the newest versions."""
        (partition, value), (sort, before_it) = self.key(before or 0).items()
        names, values = {"#partition": partition}, {":partition": value}
        if before is not None:
            names["#sort"], values[":before"] = sort, before_it
        return partial(
            self.client().query,
            TableName=self.table,
            KeyConditionExpression="#partition = :partition" + ("" if before is None else " AND #sort < :before"),
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=most,
        )

    def read(self, found: "QueryOutputTypeDef") -> list[Document]:
        """The versions that the call found. Raises StoreUnavailable: this release cannot read one."""
        return [self.read_one(item) for item in found["Items"]]

    def add(self, version: int, document: Document, *beside: "TransactWriteItemTypeDef") -> None:
        """Stores a version, and what is written `beside` it, all or nothing; repeating it changes nothing.

        Raises `taken` for a number in use; StoreUnavailable.
        """
        self.calls.one(partial(self._put, version, document, beside))

    def _put(self, version: int, document: Document, beside: "Sequence[TransactWriteItemTypeDef]") -> None:
        key = self.key(version)
        item: Item = {**key, "body": {"S": json_text(document.model_dump(exclude_none=True))}}
        stored = put_new_with(self.table, item, next(iter(key)), beside, self.client)
        if stored is not None and stored["body"] != item["body"]:
            raise self.taken(f"Version {version} of the {self.name} is stored already")

    def read_one(self, item: "Item") -> Document:
        """The version that an item is. Raises StoreUnavailable: this release cannot read it."""
        try:
            return self.model.model_validate(strict_json.parse(item["body"]["S"].encode()))
        except (ValidationError, Malformed) as exc:  # such as one that a newer release wrote, after a roll-back
            _, sort = self.key(0)
            [version] = item[sort].values()
            raise StoreUnavailable(f"Version {version} of the {self.name} cannot be read by this release") from exc
