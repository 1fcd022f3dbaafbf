"""What a draft's control share may lose, said before it counts."""

from decimal import Decimal

from fraudshield.backtest.tally import Totals
from fraudshield.policy.versioning.control_loss import ControlLoss

DECIMALS = 6
CENT = Decimal("0.01")


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
