"""Decisions that were given out while the store was away are stored after all: none lost, none twice."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, ParamValidationError

from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.stream import UNREADABLE
from fraudshield.dynamo.write import put_new
from fraudshield.erasure.dynamo_pseudonym import holding
from fraudshield.erasure.erasure import Received, keepable
from fraudshield.erasure.port import Erasures
from fraudshield.errors import Malformed, StoreUnavailable
from fraudshield.scoring.dynamo import put_decided
from fraudshield.scoring.dynamo_item import from_item
from fraudshield.text import strict_json
from fraudshield.transaction.dynamo import TRANSACTION_RECORD, received_at, same_content, transaction_of
from fraudshield.transaction.dynamo_beside import conflicting, given_out_item

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

MESSAGE_S = 5.0  # for all items of one message; a batch of them ends well within the function's time-out


class Filed(StrEnum):
    """What became of a parked decision."""

    BACKFILLED = "Backfilled"  # stored now: it is the transaction's first decision
    KNOWN = "Known"  # stored already, by an earlier attempt
    ANSWERED = "Answered"  # another decision got there first; this one was given out too and is kept beside it
    CONFLICTING = "Conflicting"  # its id belongs to another content by now; kept whole beside that
    ERASED = "Erased"  # its sender was erased after it was given out; dropped


@dataclass(frozen=True, slots=True)
class Backfill:
    """Files parked items in one table. Filing a message again changes nothing."""

    table: str
    erasures: Erasures
    calls: BoundedCalls

    def file(self, message: str) -> list[Filed]:
        """File every item of a parking message, within `MESSAGE_S`; one result an item, in order.

        Raises:
            Malformed: the message is none of ours, or DynamoDB will not take what it holds; nothing else can help it.
                What else it holds is stored.
            StoreUnavailable: not all of its items could be filed; the message must come again.
        """
        stop_at = time.monotonic() + MESSAGE_S
        parked, unreadable = parked_items(message)
        items = self._keepable(parked)
        filed = self.calls.each([partial(self._file_one, item) for item in items if item is not None], stop_at)
        for result in filed:
            if isinstance(result, StoreUnavailable | Malformed):
                raise result
        if unreadable:
            raise unreadable[0]
        results = (result for result in filed if isinstance(result, Filed))
        return [Filed.ERASED if item is None else next(results) for item in items]

    def _keepable(self, items: "Sequence[Item]") -> "list[Item | None]":
        received = [Received(transaction_of(item), received_at(item)) for item in items]
        kept = zip(items, received, keepable(received, self.erasures), strict=True)
        return [
            None if now is None else item if now is before.transaction else holding(item, now)
            for item, before, now in kept
        ]

    def _file_one(self, item: "Item") -> Filed | Malformed:
        try:
            stored = put_decided(self.table, item)
            if stored is None:
                return Filed.BACKFILLED
            if not same_content(stored, item):
                put_new(self.table, conflicting(item), "record")
                return Filed.CONFLICTING
            if from_item(stored).decision == from_item(item).decision:
                return Filed.KNOWN
            put_new(self.table, given_out_item(item), "record")
        except ParamValidationError as exc:
            return Malformed(f"DynamoDB's client refuses the item: {exc}")
        except ClientError as exc:
            if exc.response["Error"]["Code"] != "ValidationException":
                raise
            return Malformed(f"DynamoDB refuses the item: {exc.response['Error'].get('Message', '')}")
        return Filed.ANSWERED


def parked_items(message: str) -> "tuple[Sequence[Item], Sequence[Malformed]]":
    """The items of a parking message, and what is wrong with those that do not read as stored transactions.

    Raises Malformed: it is no such message, or none of them does.
    """
    body = strict_json.parse(message.encode())
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items:
        raise Malformed("A parking message is an object with a list of items")
    faults = [_fault(item) for item in items]
    read = [item for item, fault in zip(items, faults, strict=True) if fault is None]
    unreadable = [fault for fault in faults if fault is not None]
    if not read:
        raise unreadable[0]
    return read, unreadable


def _fault(item: "Item") -> Malformed | None:
    try:
        from_item(item)
        if item["record"]["S"] != TRANSACTION_RECORD or not item["content_hash"]["S"]:
            raise ValueError("it is no transaction")
    except UNREADABLE as exc:
        return Malformed(f"An item is no stored transaction: {type(exc).__name__} {exc}")
    return None
