"""Erases an account in DynamoDB: first its mark, then all that the indexes lead to, as far as time allows."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from fraudshield.audit.audit import Author
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.aws import client
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.page import pages, through
from fraudshield.dynamo.record import attributes
from fraudshield.erasure.dynamo_mark import DynamoErasures, Mark
from fraudshield.erasure.dynamo_payment import PaymentForgetting
from fraudshield.erasure.dynamo_record import DELETED, OVERTAKEN, PSEUDONYMISED, Forgetting
from fraudshield.erasure.dynamo_thing import ThingForgetting
from fraudshield.erasure.erasure import SETTLE, payment_key
from fraudshield.erasure.port import Erased, FileErasures, FilesErased, ListErasures
from fraudshield.erasure.thing import Thing
from fraudshield.errors import StoreUnavailable
from fraudshield.event_type.entity import ACCOUNT
from fraudshield.transaction.dynamo import RECEIVER, SENDER

INDEXES = {"by_sender": SENDER, "by_receiver": RECEIVER}
PAGE = 200  # transactions that are forgotten side by side
FILES_TAKE = timedelta(minutes=1)
PAGE_S = 2.0  # what a page may take; none is begun with less time left


@dataclass(frozen=True, slots=True)
class IndexSweep:
    """Index, attribute and key that lead to what is to be forgotten, and what forgets it under one transaction id.

    `known` are ids that nothing needs to lead to.
    """

    found_by: Sequence[tuple[str, str, str]]
    forget: Callable[[str], Counter[str]]
    stop_at: float
    known: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class DynamoAccountEraser:
    """Implements the `AccountEraser` port. What is done has left the indexes, so the next call continues from there."""

    table: str
    erasures: DynamoErasures
    calls: BoundedCalls
    audit: DynamoAuditLog
    files: FileErasures | None = None
    lists: ListErasures | None = None

    def erase(self, account: str, now: datetime, stop_at: float, by: Author) -> Erased:
        erased_at = self.erasures.begin(account, now, by, self.audit)
        forgetting = Forgetting(self.table, account, self.erasures.pseudonym(account), erased_at)
        found_by = [(index, side, account) for index, side in INDEXES.items()]
        return self._erase(
            Thing(ACCOUNT, account, ()), account, erased_at, now, IndexSweep(found_by, forgetting.forget, stop_at)
        )

    def erase_payment(self, transaction_id: str, now: datetime, stop_at: float, by: Author) -> Erased:
        forgetting, key = PaymentForgetting(self.table, now), payment_key(transaction_id)
        self.calls.one(partial(forgetting.refuse_sent, transaction_id))
        erased_at = self.erasures.begin(key, now, by, self.audit)
        sweep = IndexSweep((), replace(forgetting, erased_at=erased_at).forget, stop_at, (transaction_id,))
        return self._erase(None, key, erased_at, now, sweep)

    def erase_thing(self, thing: Thing, now: datetime, stop_at: float, by: Author) -> Erased:
        erased_at = self.erasures.begin(thing.key, now, by, self.audit)
        forgetting = ThingForgetting(self.table, thing, self.erasures.pseudonym(thing.value), erased_at)
        found_by = [(f"by_entity_{slot}", f"entity_{slot}", thing.key) for slot in thing.slots]
        return self._erase(thing, thing.key, erased_at, now, IndexSweep(found_by, forgetting.forget, stop_at))

    def _erase(
        self, thing: Thing | None, marked: str, erased_at: datetime, now: datetime, sweep: "IndexSweep"
    ) -> Erased:
        """Erases what is stored, and where it is a thing's all that files and lists say of it."""
        done: Counter[str] = Counter()
        nothing_left = self._sweep(sweep, done)
        files, entries = self._beside(thing, erased_at) if thing else (FilesErased(), 0)
        never_was = now == erased_at and nothing_left and not done  # so that no call under way can have been told of it
        settled = never_was or (nothing_left and now >= erased_at + SETTLE)
        complete = settled and files.complete
        mark = self.erasures.note(marked, erased_at, done[DELETED], done[PSEUDONYMISED], entries, complete=complete)
        again = None if complete else now + FILES_TAKE if settled else erased_at + SETTLE if nothing_left else now
        return replace(_erased(mark, complete, again), files=files)

    def _beside(self, thing: Thing, erased_at: datetime) -> tuple[FilesErased, int]:
        files = self.files.ask(self.erasures.mark(thing.value), erased_at) if self.files else FilesErased()
        return files, self.lists.forget(thing.entity, thing.value) if self.lists else 0

    def _sweep(self, sweep: "IndexSweep", done: Counter[str]) -> bool:
        """Sweeps the indexes and adds to `done`; returns whether it reached the end and nothing was overtaken."""
        for ids in self._each(sweep):
            if time.monotonic() > sweep.stop_at - PAGE_S:
                return False
            for result in self.calls.each([partial(sweep.forget, name) for name in ids], sweep.stop_at):
                done.update([OVERTAKEN] if isinstance(result, StoreUnavailable) else result)
        return not done[OVERTAKEN]

    def _each(self, sweep: "IndexSweep") -> Iterator[Sequence[str]]:
        if sweep.known:
            yield sweep.known
        for index, side, key in sweep.found_by:
            yield from self._pages(index, side, key)

    def _pages(self, index: str, side: str, account: str) -> Iterator[Sequence[str]]:
        """Yields the ids of transactions that have the account on that side, a page at a time."""
        asked: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": index,
            "KeyConditionExpression": f"{side} = :account",
            "ExpressionAttributeValues": attributes({":account": account}),
            "ProjectionExpression": "transaction_id",
            "Limit": PAGE,
        }
        query = through(self.calls, client.dynamodb().query)
        return (sorted({item["transaction_id"]["S"] for item in page}) for page in pages(query, asked))


def _erased(mark: Mark, complete: bool, again: datetime | None) -> Erased:
    return Erased(
        mark.account_hash,
        mark.erased_at,
        complete,
        again,
        mark.deleted,
        mark.pseudonymised,
        list_entries=mark.list_entries,
    )
