"""Erasure: an account that is to be forgotten, and what may still be kept of a transaction that came before that."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from fraudshield.budget import FUNCTION_S
from fraudshield.erasure.port import Erasures
from fraudshield.errors import InvalidInput
from fraudshield.event_type.payment import MERCHANT_PREFIX
from fraudshield.text import signature
from fraudshield.text.fault import faults_of
from fraudshield.transaction.extended import ExtendedTransaction
from fraudshield.transaction.own import OwnContent, OwnTransaction
from fraudshield.transaction.transaction import Account, Transaction

# How long after its mark an erasure must sweep once more: a call that was under way then may have stored until its
# function's time-out, and an index shows that some moments later.
SETTLE = timedelta(seconds=FUNCTION_S + 5)
ACCOUNT: TypeAdapter[str] = TypeAdapter(Account)
PSEUDONYM = re.compile(f"[{MERCHANT_PREFIX}C]-erased-[0-9a-f]{{32}}")


@dataclass(frozen=True, slots=True)
class Received:
    """A transaction that is still to be stored, and when we took it."""

    transaction: Transaction
    received_at: datetime


def keepable(received: Sequence[Received], erasures: Erasures) -> list[Transaction | None]:
    """Returns each as it may be stored, in order: as it came, with a pseudonym for an erased recipient, or None.

    None where the sender was erased after we had received it: the transaction is the sender's own. One that was
    received later than that is kept; its sender came back. A payment without a sender is erased by its own id.

    Raises StoreUnavailable.
    """
    sides = (side for one in received for side in (_owner(one.transaction), one.transaction.receiver))
    keys = (key for one in received for key in _keys(one.transaction))
    erased_at = erasures.erased_at({name for name in (*sides, *keys) if name is not None})
    if not erased_at:
        return [one.transaction for one in received]

    def gone(name: str | None, at: datetime) -> bool:
        return name is not None and name in erased_at and at <= erased_at[name]

    def kept(one: Received) -> Transaction:
        own = one.transaction.own
        for key in _keys(one.transaction):
            if own is not None and gone(key, one.received_at):
                own = own.without(key, erasures.pseudonym)
        return one.transaction if own is None or own is one.transaction.own else _holding(one.transaction, own)

    return [
        None
        if gone(_owner(one.transaction), one.received_at)
        else _pseudonymised(kept(one), erasures)
        if gone(one.transaction.receiver, one.received_at)
        else kept(one)
        for one in received
    ]


def read_account(name: str) -> str:
    """Reads a name that an account can have. Raises InvalidInput."""
    try:
        return ACCOUNT.validate_python(name)
    except ValidationError as exc:
        raise InvalidInput("No account can have this name", faults_of(exc, sent=name), code="invalid_account") from exc


def pseudonym(of_erasures: bytes, account: str) -> str:
    """Returns the pseudonym of an erased account in the transactions of others, always the same one.

    Its first letter is kept where a feature reads it, so that such a transaction still gets the same risk.
    """
    initial = MERCHANT_PREFIX if account.startswith(MERCHANT_PREFIX) else "C"
    return f"{initial}-erased-{signature.digest(of_erasures, b'pseudonym ' + account.encode()).hex()[:32]}"


def is_pseudonym(account: str) -> bool:
    """Whether the name is such a pseudonym, by its look."""
    return PSEUDONYM.fullmatch(account) is not None


def _pseudonymised(transaction: Transaction, erasures: Erasures) -> Transaction:
    return transaction.sent_to(erasures.pseudonym(transaction.receiver or ""))


def payment_key(transaction_id: str) -> str:
    """What the erasure of a payment without a sender is marked under: no account can have this name."""
    return f"\x1fpayment#{transaction_id}"


def _owner(transaction: Transaction) -> str:
    """With whose erasure the payment goes: its sender's, else its own."""
    return payment_key(transaction.transaction_id) if transaction.sender is None else transaction.sender


def _keys(transaction: Transaction) -> Collection[str]:
    """The keys by which entities find it."""
    return transaction.own.slots.values() if transaction.own is not None else ()


def _holding(transaction: Transaction, own: OwnContent) -> Transaction:
    """The transaction with other content of its type's own."""
    if isinstance(transaction, OwnTransaction):
        return replace(transaction, own=own)
    assert isinstance(transaction, ExtendedTransaction)  # noqa: S101 nothing else has content of its own
    return transaction.model_copy(update={"content": own})
