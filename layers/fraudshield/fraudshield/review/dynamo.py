"""Claims and verdicts in DynamoDB: each change in one transaction with the claim that allows it and its audit entry."""

import math
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from secrets import token_hex, token_urlsafe
from typing import TYPE_CHECKING, Any, TypeVar

from fraudshield.audit.audit import Action, AuditEntry, Author, digest, subject_of
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.aws.client import dynamodb
from fraudshield.dynamo.attempt import until_done
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.page import items
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import written
from fraudshield.errors import NotFound
from fraudshield.review.dynamo_item import (
    REVIEW_RECORDS,
    claim_key,
    claim_values,
    review_of,
    reviewed,
    taken_back,
    verdict_item,
)
from fraudshield.review.refusal import NothingToReview, VerdictFinal
from fraudshield.review.review import (
    CLAIM_FOR,
    UNDO_FOR,
    Claim,
    Review,
    ReviewVerdict,
    SaidVerdict,
    Verdicts,
    verdict_in_force,
)
from fraudshield.text.timestamp import instant
from fraudshield.transaction.dynamo import TRANSACTION_RECORD

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

T = TypeVar("T")
MOST_VERDICTS = 100  # of one payment: each look at it reads them all
UNKNOWN = "No transaction is stored under this transaction_id"


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class StoredReview:
    """A transaction's item, and its review as it was read with it."""

    transaction: "Item"
    review: Review


@dataclass(frozen=True, slots=True)
class DynamoReviews:
    """Implements the `Reviews` port on one table. A write that another overtook is tried again from a new read."""

    table: str
    calls: BoundedCalls
    audit: DynamoAuditLog
    clock: Callable[[], datetime] = _utc_now

    def find(self, transaction_id: str) -> Review:
        return self.calls.one(partial(self._read, transaction_id)).review

    def held(self, transaction_ids: Sequence[str]) -> Set[str]:
        return self.calls.one(partial(self._held, transaction_ids, instant(self.clock())))

    def claim(self, transaction_id: str) -> Claim | None:
        now = self.clock()
        claim = Claim(token_urlsafe(16), now, now + CLAIM_FOR)
        return claim if self.calls.one(partial(self._claim, transaction_id, claim)) else None

    def extend(self, transaction_id: str, token: str) -> Claim:
        return self._until_done(partial(self._hold, transaction_id, token, CLAIM_FOR))

    def release(self, transaction_id: str, token: str) -> None:
        self._until_done(partial(self._hold, transaction_id, token, CLAIM_FOR * 0))

    def give(
        self, transaction_id: str, said: SaidVerdict, token: str | None, by: Author, stop_at: float = math.inf
    ) -> Verdicts:
        one = ReviewVerdict(token_hex(12), said, self.clock(), by.key_id, by.actor)
        return self._until_done(partial(self._give, transaction_id, one, token, by), stop_at)

    def undo(self, transaction_id: str, token: str | None, by: Author, stop_at: float = math.inf) -> Verdicts:
        return self._until_done(partial(self._undo, transaction_id, token, by), stop_at)

    def _until_done(self, attempt: Callable[[], T | None], stop_at: float = math.inf) -> T:
        return until_done(partial(self.calls.one, attempt), "this review", stop_at)

    def _read(self, transaction_id: str) -> StoredReview:
        asked = {
            "TableName": self.table,
            "KeyConditionExpression": "transaction_id = :id AND #record BETWEEN :first AND :last",
            "ExpressionAttributeNames": {"#record": "record"},
            "ExpressionAttributeValues": attributes(
                {":id": transaction_id, ":first": REVIEW_RECORDS, ":last": TRANSACTION_RECORD}
            ),
            "ConsistentRead": True,
        }
        found = list(items(dynamodb().query, asked))
        if not found or found[-1]["record"]["S"] != TRANSACTION_RECORD:
            raise NotFound(UNKNOWN)
        return StoredReview(found[-1], review_of(found))

    def _held(self, transaction_ids: Sequence[str], now: str) -> Set[str]:
        """What one call does not answer for all counts as free: claiming it tells."""
        keys: Any = {"Keys": [claim_key(one) for one in transaction_ids], "ConsistentRead": True}
        found = dynamodb().batch_get_item(RequestItems={self.table: keys})["Responses"].get(self.table, [])
        return {item["transaction_id"]["S"] for item in found if item["claimed_until"]["S"] > now}

    def _claim(self, transaction_id: str, claim: Claim) -> bool:
        """Whether it was claimed. The claim that stands may be this one, whose first answer was lost."""
        waits: Any = {
            "TableName": self.table,
            "Key": attributes({"transaction_id": transaction_id, "record": TRANSACTION_RECORD}),
            "ConditionExpression": "attribute_exists(review_queue)",
        }
        free: Any = {
            "TableName": self.table,
            "Item": claim_key(transaction_id) | claim_values(claim),
            "ConditionExpression": "attribute_not_exists(#record) OR claimed_until <= :now OR claim = :claim",
            "ExpressionAttributeNames": {"#record": "record"},
            "ExpressionAttributeValues": attributes({":now": instant(claim.claimed_at), ":claim": claim.token}),
        }
        return written([{"ConditionCheck": waits}, {"Put": free}])

    def _hold(self, transaction_id: str, token: str, longer: Any) -> Claim | None:
        """Sets until when the claim holds; None where another write was faster."""
        read, now = self._read(transaction_id).review, self.clock()
        read.check_claim(token, now)
        if read.claim is None and not (read.is_flagged and read.state(now) == "open"):
            raise NothingToReview("The payment does not wait for a verdict, and nobody has claimed it")
        claim = Claim(token, read.claim.claimed_at if read.claim else now, now + longer)
        return claim if written([self._still_held(transaction_id, claim)]) else None

    def _still_held(self, transaction_id: str, claim: Claim) -> Any:
        """The write of a claim that nobody else has taken since."""
        return {
            "Put": {
                "TableName": self.table,
                "Item": claim_key(transaction_id) | claim_values(claim),
                "ConditionExpression": "attribute_not_exists(#record) OR claim = :claim",
                "ExpressionAttributeNames": {"#record": "record"},
                "ExpressionAttributeValues": attributes({":claim": claim.token}),
            }
        }

    def _allowed(self, transaction_id: str, read: Review, token: str | None, now: datetime, longer: Any) -> Any:
        """The part of a change that holds only as long as its bearer may make it. Raises ClaimLost."""
        read.check_claim(token, now)
        if token is not None:
            claimed_at = read.claim.claimed_at if read.claim is not None else now
            return self._still_held(transaction_id, Claim(token, claimed_at, now + longer))
        return {
            "ConditionCheck": {
                "TableName": self.table,
                "Key": claim_key(transaction_id),
                "ConditionExpression": "attribute_not_exists(#record) OR claimed_until <= :now",
                "ExpressionAttributeNames": {"#record": "record"},
                "ExpressionAttributeValues": attributes({":now": instant(now)}),
            }
        }

    def _give(self, transaction_id: str, given: ReviewVerdict, token: str | None, by: Author) -> Verdicts | None:
        """Returns None where another write was faster."""
        read, now = self._read(transaction_id), self.clock()
        review, before = read.review, read.review.in_force
        if not review.is_flagged:
            raise NothingToReview("The payment was not flagged, so there is nothing to release or decline; label it")
        allowed = self._allowed(transaction_id, review, token, now, UNDO_FOR)
        if before is not None and before.said == given.said:
            return review.verdicts
        if len(review.verdicts) >= MOST_VERDICTS:
            raise VerdictFinal(f"The payment has {MOST_VERDICTS} verdicts, and no more are taken")
        one = replace(given, given_at=review.next_given_at(now))
        replaced = before if before is not None and now < before.final_at else None  # nobody was told of it
        known = [_undone(each, now, one.verdict_id) if each is replaced else each for each in review.verdicts]
        verdicts = [*known, one]
        put = {
            "Put": {
                "TableName": self.table,
                "Item": verdict_item(read.transaction, one),
                "ConditionExpression": "attribute_not_exists(#record)",
                "ExpressionAttributeNames": {"#record": "record"},
            }
        }
        entry = _entry(transaction_id, by, "recorded", one.given_at, (before, one))
        writes = [put, allowed, reviewed(self.table, read.transaction, verdicts), self.audit.put(entry)]
        if replaced is not None:
            writes.append(taken_back(self.table, transaction_id, replaced, now, one.verdict_id))
        return verdicts if written(writes) else None

    def _undo(self, transaction_id: str, token: str | None, by: Author) -> Verdicts | None:
        """Returns None where another write was faster."""
        read, now = self._read(transaction_id), self.clock()
        review = read.review
        if any(one.undone_in == by.request_id for one in review.verdicts if one.undone_at is not None):
            return review.verdicts
        allowed = self._allowed(transaction_id, review, token, now, CLAIM_FOR)
        last = review.undoable(now)
        if last is None and review.verdicts:
            return review.verdicts  # undone already: the repeat of a request that came to no answer
        if last is None:
            raise NotFound("There is no verdict, so none can be undone")
        verdicts = [_undone(one, now, by.request_id) if one is last else one for one in review.verdicts]
        entry = _entry(transaction_id, by, "taken_back", now, (last, verdict_in_force(verdicts)))
        update = taken_back(self.table, transaction_id, last, now, by.request_id)
        writes = [update, allowed, reviewed(self.table, read.transaction, verdicts), self.audit.put(entry)]
        return verdicts if written(writes) else None


def _undone(one: ReviewVerdict, at: datetime, cause: str) -> ReviewVerdict:
    return replace(one, undone_at=at, undone_in=cause)


def _entry(
    transaction_id: str, by: Author, action: Action, at: datetime, change: tuple[ReviewVerdict | None, ...]
) -> AuditEntry:
    before, after = (None if one is None else _digest(one) for one in change)
    return AuditEntry(at, by, "verdict", action, subject_of(transaction_id), before, after)


def _digest(one: ReviewVerdict) -> str:
    """Without its note, in which people may be named."""
    said = one.said
    return digest({"id": one.verdict_id, "verdict": said.verdict, "label": said.label, "reason": said.reason})
