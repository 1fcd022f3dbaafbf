"""The control share: a few blocks, drawn at random, that are let through to review, so that it is known what they were.

A draw is the HMAC of the payment's id under a key that lies beside what is in force and nowhere else: a payment that is
sent again is drawn again, and nobody can find out beforehand which ids are.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from secrets import token_hex

from fraudshield.policy.order import Ruling
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.policy import Control
from fraudshield.text import signature

KEY_BYTES = 32
DRAW_BYTES = 8


@dataclass(frozen=True, slots=True)
class ControlDraw:
    """The key of a version's draws, in hex. An empty one draws nothing: files have none."""

    key: str = ""

    def share_of(self, control: Control | None, transaction_id: str) -> float | None:
        """The share of payments that are drawn, where this is one of them."""
        if control is None or not self.key:
            return None
        drawn = signature.digest(bytes.fromhex(self.key), transaction_id.encode())[:DRAW_BYTES]
        share = float(control.share)
        return share if int.from_bytes(drawn) < share * 2 ** (8 * DRAW_BYTES) else None


def new_key(control: Control | None) -> str | None:
    """A key for the draws of a version that is put in force; None where it has no control share."""
    return None if control is None else token_hex(KEY_BYTES)


def may_be_let_through(ruling: Ruling, control: Control | None, amount: Decimal | None) -> bool:
    """Whether a payment of this amount is a block that may be drawn."""
    if not is_covered(control, amount) or ruling.outcome is not Outcome.BLOCK:
        return False
    return all(one.rule.control for one in ruling.raised if one.outcome is Outcome.BLOCK)


def is_covered(control: Control | None, amount: Decimal | None) -> bool:
    """Whether a block of this amount, in the reporting currency, is small enough. One that is not known is not."""
    return control is not None and amount is not None and amount <= control.max_amount


def let_through(ruling: Ruling) -> Ruling:
    """The same, with a review in place of its block."""
    return replace(ruling, outcome=Outcome.REVIEW, decided_by="control")
