"""Erasure: an account that is to be forgotten, and what may still be kept of a transaction that came before that."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from fraudshield.budget import FUNCTION_S
from fraudshield.erasure.port import Erasures
from fraudshield.errors import InvalidInput
from fraudshield.text import signature
from fraudshield.text.fault import faults_of
from fraudshield.transaction.features import MERCHANT_PREFIX
from fraudshield.transaction.own import keys_of, without_values
from fraudshield.transaction.transaction import Name, Transaction

# How long after its mark an erasure must sweep once more: a call that was under way then may have stored until its
# function's time-out, and an index shows that some moments later.
SETTLE = timedelta(seconds=FUNCTION_S + 5)
NAME: TypeAdapter[str] = TypeAdapter(Name)
PSEUDONYM = re.compile(f"[{MERCHANT_PREFIX}C]-erased-[0-9a-f]{{32}}")


@dataclass(frozen=True, slots=True)
class Received:
    """A transaction that is still to be stored, and when we took it."""

    transaction: Transaction
    received_at: datetime


def keepable(received: Sequence[Received], erasures: Erasures) -> list[Transaction | None]:
    """Returns each as it may be stored, in order: as it came, with a pseudonym for an erased recipient, or None.

    None where the sender was erased after we had received it: the transaction is the sender's own. One that was
    received later than that is kept; its sender came back. Raises StoreUnavailable.
    """
    names = {name for one in received for name in (one.transaction.nameOrig, one.transaction.nameDest)}
    names |= {key for one in received for key in keys_of(one.transaction)}
    erased_at = erasures.erased_at(names)
    if not erased_at:
        return [one.transaction for one in received]

    def gone(name: str, at: datetime) -> bool:
        return name in erased_at and at <= erased_at[name]

    def kept(one: Received) -> Transaction:
        keys = [key for key in keys_of(one.transaction) if gone(key, one.received_at)]
        return without_values(one.transaction, keys, erasures.pseudonym)

    return [
        None
        if gone(one.transaction.nameOrig, one.received_at)
        else _pseudonymised(kept(one), erasures)
        if gone(one.transaction.nameDest, one.received_at)
        else kept(one)
        for one in received
    ]


def read_account(name: str) -> str:
    """Reads a name that an account can have. Raises InvalidInput."""
    try:
        return NAME.validate_python(name)
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
    return transaction.model_copy(update={"nameDest": erasures.pseudonym(transaction.nameDest)})
