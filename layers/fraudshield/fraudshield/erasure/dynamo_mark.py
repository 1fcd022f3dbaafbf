"""The marks of erased accounts in DynamoDB: keyed hashes, so that nobody reads from them who was erased."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import ClientError

from fraudshield.audit.audit import Action, AuditEntry, Author
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.aws import client
from fraudshield.dynamo.page import Calls, batches, through
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import found_instead, unless_found
from fraudshield.erasure import erasure
from fraudshield.erasure.port import SHOWN_MARK
from fraudshield.retention import MARK_DAYS
from fraudshield.text import signature
from fraudshield.text.timestamp import instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from fraudshield.dynamo.record import Item
    from fraudshield.dynamo.write import Connect

BEGUN_CONTINUED: tuple[Action, Action] = ("begun", "continued")
KEYS_PER_READ = 100  # as many as DynamoDB takes in one BatchGetItem


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of an erased account: when that was, and what was done."""

    account_hash: str
    erased_at: datetime
    deleted: int
    pseudonymised: int
    list_entries: int = 0


@dataclass(frozen=True, slots=True)
class DynamoErasures:
    """Implements the `Erasures` port on one table; `key` is the signing secret's for erasure."""

    table: str
    key: bytes
    calls: Calls
    connect: "Connect" = client.dynamodb

    def erased_at(self, accounts: Collection[str]) -> Mapping[str, datetime]:
        """Makes one consistent read for each hundred accounts."""
        names = {self.mark(account): account for account in accounts}
        found = (item for marks in _hundreds(sorted(names)) for item in self._read(marks))
        return {names[item["account_hash"]["S"]]: datetime.fromisoformat(item["erased_at"]["S"]) for item in found}

    def pseudonym(self, account: str) -> str:
        return erasure.pseudonym(self.key, account)

    def mark(self, account: str) -> str:
        """Returns the key of an account's mark."""
        return signature.digest(self.key, b"mark " + account.encode()).hex()

    def begin(self, account: str, now: datetime, by: Author, audit: DynamoAuditLog) -> datetime:
        """Marks the account as erased `now`, or continues the erasure under way; returns when that one began.

        The audit log has an entry of either.
        """
        begun, continued = (self._entry(account, now, by, action) for action in BEGUN_CONTINUED)
        began = self.calls.one(partial(self._begin, account, now, audit.put(begun)))
        if began is None:
            return now
        audit.add(continued)
        return began

    def _entry(self, account: str, now: datetime, by: Author, action: Action) -> AuditEntry:
        return AuditEntry(now, by, "erasure", action, self.mark(account)[:SHOWN_MARK])

    def note(
        self,
        account: str,
        erased_at: datetime,
        deleted: int,
        pseudonymised: int,
        list_entries: int = 0,
        *,
        complete: bool,
    ) -> Mark:
        """Adds to what was done, and ends the erasure where it is complete; returns the mark as it is then."""
        run = uuid4().hex  # so that a write whose response was lost is not added again
        done = {"deleted": deleted, "pseudonymised": pseudonymised, "list_entries": list_entries}
        return self.calls.one(partial(self._note, account, erased_at, done, run, complete))

    def _begin(self, account: str, now: datetime, entry: "TransactWriteItemTypeDef") -> datetime | None:
        """Returns when the erasure under way began; None where this one begins."""
        expires_at = int((now + timedelta(days=MARK_DAYS)).timestamp())
        update: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self.table,
                "Key": attributes({"account_hash": self.mark(account)}),
                "UpdateExpression": "SET erased_at = :now, expires_at = :expires_at, under_way = :yes, "
                "deleted = :none, pseudonymised = :none, list_entries = :none REMOVE last_run",
                "ConditionExpression": "attribute_not_exists(under_way)",
                "ExpressionAttributeValues": attributes(
                    {":now": instant(now), ":expires_at": expires_at, ":yes": True, ":none": 0}
                ),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }
        found = unless_found([update, entry])
        return None if found is None else _mark(found).erased_at

    def _note(self, account: str, erased_at: datetime, done: Mapping[str, int], run: str, complete: bool) -> Mark:
        try:
            noted = client.dynamodb().update_item(
                **self._at(account),
                UpdateExpression=f"SET last_run = :run ADD {', '.join(f'{name} :{name}' for name in done)}"
                + (" REMOVE under_way" if complete else ""),
                ConditionExpression="erased_at = :erased_at AND (attribute_not_exists(last_run) OR last_run <> :run)",
                ExpressionAttributeValues=attributes(
                    {":run": run, ":erased_at": instant(erased_at)}
                    | {f":{name}": count for name, count in done.items()}
                ),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )["Attributes"]
        except ClientError as exc:
            noted = found_instead(exc)
        return _mark(noted)

    def _at(self, account: str) -> Any:
        return {"TableName": self.table, "Key": attributes({"account_hash": self.mark(account)})}

    def _read(self, marks: Iterable[str]) -> "Iterator[Item]":
        asked: Any = {
            "Keys": [attributes({"account_hash": mark}) for mark in marks],
            "ProjectionExpression": "account_hash, erased_at",
            "ConsistentRead": True,
        }
        read = through(self.calls, self.connect().batch_get_item)
        for response in batches(read, {self.table: asked}, "UnprocessedKeys"):
            yield from response["Responses"].get(self.table, [])


def _hundreds(marks: list[str]) -> Iterator[list[str]]:
    return (marks[start : start + KEYS_PER_READ] for start in range(0, len(marks), KEYS_PER_READ))


def _mark(item: "Item") -> Mark:
    return Mark(
        account_hash=item["account_hash"]["S"],
        erased_at=datetime.fromisoformat(item["erased_at"]["S"]),
        deleted=int(item["deleted"]["N"]),
        pseudonymised=int(item["pseudonymised"]["N"]),
        list_entries=int(item["list_entries"]["N"]) if "list_entries" in item else 0,
    )
