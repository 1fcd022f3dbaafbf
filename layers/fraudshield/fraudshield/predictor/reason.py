"""Why a risk is high, in words: the features that added most to the margin."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from fraudshield.predictor.prediction import Reason
from fraudshield.text.json_text import narrowed
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.features import FEATURE_NAMES, NO_SHARE, TYPE_RANK

LIMIT = 3
Value = float | Decimal


def reasons(contributions: Sequence[float], features: Sequence[Value], limit: int = LIMIT) -> tuple[Reason, ...]:
    """The features that raised the risk, largest contribution first, none that rounds to 0; ties in feature order."""
    found = []
    for feature, value, contribution in zip(FEATURE_NAMES, features, contributions, strict=True):
        if (rounded := round(contribution, 4)) > 0:
            code, text = WORDS[feature]
            found.append(Reason(code, text(value), feature, value, rounded))
    return tuple(sorted(found, key=lambda reason: -reason.contribution)[:limit])


def shown_values(transaction: BuiltInTransaction, features: Sequence[float]) -> tuple[Value, ...]:
    """The features as people read them: an amount is the number that was sent, and not the nearest float64."""
    origin, amount = transaction.oldbalanceOrg, transaction.amount
    sent = {
        "amount": amount,
        "origin_balance": origin,
        "destination_balance": transaction.oldbalanceDest,
        "origin_balance_left": origin - amount,
    }
    named = zip(FEATURE_NAMES, features, strict=True)
    return tuple([narrowed(sent[name]) if name in sent else value for name, value in named])


def with_float(reason: Reason, features: Sequence[float]) -> Reason:
    """A reason as it was while amounts were shown as the nearest float64, which is how the model reads them."""
    if reason.feature is None:
        return reason
    value = features[FEATURE_NAMES.index(reason.feature)]
    _, text = WORDS[reason.feature]
    return replace(reason, value=value, text=text(value))


def _share(value: Value, whose: str) -> str:
    if value == NO_SHARE:
        return f"The {whose}'s balance is empty or overdrawn"
    if value < 10:
        percent = round(100 * float(value), 1)
        return f"The amount is {percent if value >= 1 else min(percent, 99.9):g} % of the {whose}'s balance"
    return f"The amount is {value:,.0f} times the {whose}'s balance"


def _left(value: Value) -> str:
    if value < 0:
        return f"The amount is {-value:,.2f} more than the sender's balance"
    return f"The sender has {value:,.2f} left after it"


TYPES = {rank: name for name, rank in TYPE_RANK.items()}
WORDS: dict[str, tuple[str, Callable[[Value], str]]] = {
    "type": ("transaction_type", lambda value: f"The type is {TYPES[float(value)]}"),
    "amount": ("amount", lambda value: f"The amount is {value:,.2f}"),
    "origin_balance": ("sender_balance", lambda value: f"The sender's balance is {value:,.2f}"),
    "destination_balance": ("receiver_balance", lambda value: f"The receiver's balance is {value:,.2f}"),
    "share_of_origin_balance": ("share_of_sender_balance", lambda value: _share(value, "sender")),
    "share_of_destination_balance": ("share_of_receiver_balance", lambda value: _share(value, "receiver")),
    "origin_balance_left": ("sender_balance_left", _left),
    "destination_is_merchant": (
        "receiver_kind",
        lambda value: f"The receiver is {'a merchant' if value else 'not a merchant'}",
    ),
}
