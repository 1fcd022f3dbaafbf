"""What a control share may lose, as it is said before the version counts."""

from typing_extensions import TypedDict

from fraudshield.text.json_text import Number


class ControlLoss(TypedDict):
    """What the draft's control share would let through of these payments, on average: of all that it may draw from.

    `payments` and `money` are its `share` of the `blocks` that it may let through; all of that money may be lost.
    `fraud_money` is the part of it that is labelled fraud.
    """

    share: float
    blocks: int
    payments: float
    money: Number
    fraud_money: Number
