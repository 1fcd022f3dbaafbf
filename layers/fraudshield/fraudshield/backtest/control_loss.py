"""What a draft's control share may lose, said before it counts."""

from decimal import Decimal

from typing_extensions import TypedDict

from fraudshield.backtest.tally import Totals
from fraudshield.text.json_text import Number

DECIMALS = 6
CENT = Decimal("0.01")


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


def control_loss(totals: Totals, share: float) -> ControlLoss:
    """Of the blocks that were counted: `share` of them."""
    of = Decimal(repr(share))
    return {
        "share": share,
        "blocks": totals.counts["control"],
        "payments": round(share * totals.counts["control"], DECIMALS),
        "money": (of * totals.money.get("control", Decimal(0))).quantize(CENT),
        "fraud_money": (of * totals.money.get("control.fraud", Decimal(0))).quantize(CENT),
    }
