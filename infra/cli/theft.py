"""Thefts among payments whose truth is known: a transfer from a victim and the cash-outs of what it brought are one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fraudshield.policy.policy import Outcome
from fraudshield.scoring.response import Entry
from fraudshield.transaction.built_in import BuiltInTransaction

MOVES = "TRANSFER"  # takes the money from the victim; what follows only cashes it


@dataclass(frozen=True, slots=True)
class LabelledTransaction:
    """A transaction and what the file says it truly was."""

    transaction: BuiltInTransaction
    fraud: bool


@dataclass(frozen=True, slots=True)
class Scored:
    """A transaction with its entry in the response."""

    sent: LabelledTransaction
    entry: Entry

    @property
    def outcome(self) -> Outcome:
        """What was decided."""
        return Outcome(self.entry["decision"] or "")

    @property
    def risk(self) -> float:
        """The calibrated probability of fraud."""
        return self.entry["risk"] or 0.0

    @property
    def flagged(self) -> bool:
        """Whether it was not approved."""
        return self.outcome is not Outcome.APPROVE


@dataclass(frozen=True, slots=True)
class Theft:
    """The payments of one theft that the file holds, in its order."""

    payments: Sequence[Scored]

    @property
    def first(self) -> Scored:
        """The payment that took the money, or the first that is seen of it."""
        return self.payments[0]

    @property
    def amount(self) -> Decimal:
        """The money that it was about."""
        return self.first.sent.transaction.amount

    @property
    def caught(self) -> bool:
        """Whether any of its payments was flagged."""
        return any(payment.flagged for payment in self.payments)

    @property
    def in_time(self) -> bool:
        """Whether the payment that takes the money was flagged, so that nothing had left the victim's account."""
        return self.begins_here and self.first.flagged

    @property
    def begins_here(self) -> bool:
        """Whether the file holds the transfer that took the money; a cash-out alone may follow one, or be the theft."""
        return self.first.sent.transaction.type == MOVES


def thefts(scored: Iterable[Scored]) -> list[Theft]:
    """The thefts in a file's order; a payment belongs to the one whose transfer went to the account that it is from."""
    found: list[list[Scored]] = []
    by_receiver: dict[str, list[Scored]] = {}
    for one in scored:
        if one.sent.fraud:
            transaction = one.sent.transaction
            before = by_receiver.get(transaction.nameOrig)
            if before is None:
                before = []
                found.append(before)
            before.append(one)
            if transaction.type == MOVES:
                by_receiver[transaction.nameDest] = before
    return [Theft(tuple(payments)) for payments in found]


def amount_of(found: Iterable[Theft]) -> Decimal:
    """The money of several thefts."""
    return sum((theft.amount for theft in found), Decimal(0))
