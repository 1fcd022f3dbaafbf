"""A payment's money in a stored transaction: `amount` is in the reporting currency, and beside it is what was sent.

So whatever adds amounts up, ranks or narrows by them finds the reported one under the name that it always had. Indexes
carry what was sent in `shown`, under a key that no field can have; what else a decision was made from is in `money`.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fraudshield.text.stored_number import stored_number
from fraudshield.transaction.money import ForeignField, Money, SentAmount

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

AMOUNT, SHOWN, MONEY, RATES_VERSION = "amount", "shown", "money", "rates_version"
SENT = "#sent"  # in `shown`


def sent_attribute(money: Money) -> "Item":
    """What indexes carry of it: nothing twice that the payment's `amount` says already."""
    item: Item = {"reporting": {"S": money.reporting}} if money.currency != money.reporting else {}
    item |= {} if money.currency is None else {"currency": {"S": money.currency}}
    if money.sent != money.reported:
        item["amount"] = {"NULL": True} if money.sent is None else {"N": stored_number(money.sent)}
    return item


def sent_in(item: "Item") -> SentAmount | None:
    """What was sent, from an item or from an index's copy of it; None where its type reports in no currency."""
    shown: Mapping[str, Any] = item[SHOWN]["M"] if SHOWN in item else {}
    if SENT not in shown:
        return None
    held = shown[SENT]["M"]
    currency = held["currency"]["S"] if "currency" in held else None
    reported = Decimal(item[AMOUNT]["N"]) if AMOUNT in item else None
    sent = reported
    if AMOUNT in held:
        sent = Decimal(held[AMOUNT]["N"]) if "N" in held[AMOUNT] else None
    return SentAmount(sent, currency, reported, held["reporting"]["S"] if "reporting" in held else currency or "")


def money_attributes(money: Money) -> "Item":
    """What a decision was made from, where some of its money is in another currency."""
    if not money.foreign:
        return {}
    foreign: Any = {one.name: {"M": _foreign(one)} for one in money.foreign}
    held: Item = {"foreign": {"M": foreign}, "amount_field": {"S": money.amount_field}}
    return {MONEY: {"M": held | ({"told": {"BOOL": True}} if money.told else {})}}


def money_in(item: "Item") -> Money | None:
    """The payment's money as it is stored; None where its type reports in no currency."""
    sent = sent_in(item)
    if sent is None:
        return None
    held: Any = item[MONEY]["M"] if MONEY in item else {}
    foreign = held["foreign"]["M"].items() if held else ()
    return Money(
        reporting=sent.reporting,
        currency=sent.currency,
        sent=sent.amount,
        reported=sent.reported,
        told="told" in held,
        amount_field=held["amount_field"]["S"] if held else "",
        foreign=tuple(ForeignField(name, _text(one["M"], "currency"), "minor" in one["M"]) for name, one in foreign),
        rates_version=int(item[RATES_VERSION]["N"]) if RATES_VERSION in item else 0,
    )


def _foreign(one: ForeignField) -> "Item":
    minor: Item = {"minor": {"BOOL": True}} if one.minor else {}
    return minor | ({} if one.currency is None else {"currency": {"S": one.currency}})


def _text(item: "Item", name: str) -> str | None:
    return item[name]["S"] if name in item else None
