"""A closed review shows the amount as it was sent, with its currency, whatever sums go by."""

from decimal import Decimal
from typing import Any

import pytest

from fraudshield.review.closed import closed_object
from fraudshield.review.dynamo_item import closed_of, verdict_item
from fraudshield.review.review import ReviewVerdict, SaidVerdict
from fraudshield.transaction.dynamo import undecided_item
from fraudshield.transaction.parser import parser_of
from fraudshield.transaction.pricing import priced
from tests.event_types import CARD, ORDER, version_of
from tests.fakes import NOW
from tests.rates.fake import YEN

CHARGE = {"id": "a", "amount": 1099, "currency": "JPY", "card": {"fingerprint": "f"}, "merchant": "m"}


@pytest.mark.parametrize(
    ("document", "sent", "amount", "currency"),
    [
        (ORDER, {"order_id": "a", "total": 1099, "currency": "JPY", "card": "c"}, Decimal(1099), "JPY"),
        (ORDER, {"order_id": "a", "total": 1099, "currency": "GBP", "card": "c"}, Decimal("10.99"), "GBP"),
        (ORDER, {"order_id": "a", "total": 1099, "currency": "EUR", "card": "c"}, Decimal("10.99"), "EUR"),
        (CARD, CHARGE, Decimal(1099), None),  # it reports in no currency
        (CARD, CHARGE | {"currency": "?"}, None, None),
    ],
)
def test_it_is_shown_as_it_was_sent(document: Any, sent: Any, amount: Decimal | None, currency: str | None) -> None:
    item = undecided_item(priced(parser_of(version_of(document)).read(sent, ""), NOW, lambda: YEN), NOW, NOW)
    closed = closed_of(verdict_item(item, ReviewVerdict("v-1", SaidVerdict("release"), NOW, "key")))
    shown = closed_object(closed)
    assert (shown["amount"], shown.get("amount_currency")) == (amount, currency)
