"""The body of a storing call: one transaction, to be kept as it came."""

from pydantic import BaseModel, ConfigDict

from fraudshield.json_object import json_object
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
    sent = json_object(body, "a transaction")
    wrapped = sent.keys() == {"transaction"}
    return read_transaction(sent["transaction"] if wrapped else sent, "/transaction" if wrapped else "")
