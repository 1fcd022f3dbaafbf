"""The body of a storing call: one transaction, to be kept as it came."""

from pydantic import BaseModel, ConfigDict

from fraudshield.errors import Malformed
from fraudshield.fault import kind
from fraudshield.score_call import read_transaction
from fraudshield.transaction import Transaction


class StoreRequest(BaseModel):
    """A transaction to keep; older clients send it bare."""

    model_config = ConfigDict(extra="forbid")

    transaction: Transaction


def read_stored(body: object) -> Transaction:
    """The transaction to store: `{"transaction": {...}}`, or the bare object.

    Raises:
        Malformed: not an object.
        InvalidInput: with a fault per field.
    """
    if not isinstance(body, dict):
        raise Malformed(f"Expected an object with a transaction, found {kind(body)}")
    wrapped = body.keys() == {"transaction"}
    return read_transaction(body["transaction"] if wrapped else body, "/transaction" if wrapped else "")
