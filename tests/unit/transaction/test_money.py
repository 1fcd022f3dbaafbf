"""Money in the currency that a type reports in: read, converted, stored, queued, and read by rules."""

from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.expression.reading import Unread
from fraudshield.rate.rate import NO_RATES, Rates
from fraudshield.transaction.dynamo import transaction_of, undecided_item
from fraudshield.transaction.dynamo_money import sent_in
from fraudshield.transaction.extended import ExtendedTransaction
from fraudshield.transaction.own import OwnTransaction
from fraudshield.transaction.parser import parser_of
from fraudshield.transaction.pricing import as_rules_read, needs_rates, priced, reported_amount
from fraudshield.transaction.quality import quality_flags
from fraudshield.transaction.queued import QueuedTransaction, message, read_message
from tests.conftest import README_TRANSACTION
from tests.event_types import CARD, ORDER, WITH_DEVICE, version_of
from tests.fakes import NOW
from tests.rates.fake import YEN

SENT: Mapping[str, Any] = {"order_id": "o-1", "total": 1099, "currency": "EUR", "card": "c-1"}


def read(rates: Rates | None = YEN, document: Mapping[str, Any] = ORDER, **changes: Any) -> OwnTransaction:
    one = parser_of(version_of(document)).read({**SENT, **changes}, "")
    assert isinstance(one, OwnTransaction)
    found = one if rates is None else priced(one, NOW, lambda: rates)
    assert isinstance(found, OwnTransaction)
    return found


@pytest.mark.parametrize(
    ("currency", "amount", "euros"),
    [
        ("EUR", "10.99", "10.99"),
        ("eur", "10.99", "10.99"),
        ("JPY", "1099", "6.59"),
        ("KWD", "1.099", "3.31"),
        ("USD", "10.99", "10.11"),
        ("GBP", "10.99", None),
        ("???", None, None),
    ],
)
def test_the_amount_is_as_it_was_sent_and_beside_it_in_euros(
    currency: str, amount: str | None, euros: str | None
) -> None:
    one = read(currency=currency)
    assert one.amount == (None if amount is None else Decimal(amount))
    assert reported_amount(one) == (None if euros is None else Decimal(euros))
    expected = [] if euros else ["no_rate"] if amount else ["no_amount"]
    assert [flag for flag in quality_flags(one, NOW) if flag in ("no_rate", "no_amount")] == expected


def test_rates_are_asked_only_where_money_is_in_another_currency() -> None:
    def never() -> Rates:
        raise AssertionError("nobody needs a rate")

    home, told = read(None), read(None, currency="GBP", settled=Decimal("12.5"))
    assert not needs_rates(home)
    assert not needs_rates(told)
    assert priced(home, NOW, never) is home
    assert priced(told, NOW, never) is told
    assert needs_rates(read(None, currency="JPY"))


def test_what_the_sender_says_it_is_in_euros_goes_before_any_rate() -> None:
    told = read(currency="JPY", settled=Decimal("7.01"))
    assert reported_amount(told) == Decimal("7.01")
    assert as_rules_read(told)["total"] == Decimal(701)
    assert reported_amount(read(currency="EUR", settled=Decimal("7.01"))) == Decimal("10.99")


def test_rules_read_money_in_euros_and_in_the_unit_that_it_was_sent_in() -> None:
    yen = as_rules_read(read(currency="JPY", fee=100))
    assert [yen[name] for name in ("amount", "total", "fee")] == [Decimal("6.59"), Decimal(659), Decimal("0.60")]
    home = as_rules_read(read(fee=Decimal("0.5")))
    assert [home[name] for name in ("amount", "total", "fee")] == [Decimal("10.99"), Decimal(1099), Decimal("0.5")]
    pounds = as_rules_read(read(currency="GBP", fee=1))
    assert [getattr(pounds[name], "code", None) for name in ("amount", "total", "fee")] == ["no_rate"] * 3
    assert all(isinstance(pounds[name], Unread) for name in ("amount", "total", "fee"))


def test_a_fee_without_a_rate_is_said_though_the_amount_has_one() -> None:
    of_its_own = deepcopy(dict(ORDER))
    of_its_own["fields"]["fee"]["currency"] = "GBP"
    one = read(document=of_its_own, fee=1)
    assert reported_amount(one) == Decimal("10.99")
    assert "no_rate" in quality_flags(one, NOW)


@pytest.mark.parametrize("rates", [YEN, NO_RATES])
@pytest.mark.parametrize(
    "changes",
    [{}, {"currency": "JPY"}, {"currency": "GBP", "fee": 3}, {"currency": "?"}, {"currency": "JPY", "settled": 7}],
)
def test_it_is_stored_and_queued_with_all_that_was_known(changes: Any, rates: Rates) -> None:
    one = read(rates, **changes)
    item = undecided_item(one, NOW, NOW)
    again = transaction_of(item)
    assert again == one
    assert reported_amount(again) == reported_amount(one)
    assert priced(again, NOW, lambda: rates).own == one.own
    assert str(as_rules_read(priced(again, NOW, lambda: rates))) == str(as_rules_read(one))
    held = sent_in(item)
    assert held is not None
    assert (held.amount, held.reported, held.reporting) == (one.amount, reported_amount(one), "EUR")
    queued = read_message(message(QueuedTransaction(one, NOW, "r"))).transaction
    assert queued == one
    assert queued.own is not None
    assert queued.own.money == one.own.money


def test_the_stored_amount_is_the_reported_one_so_that_every_sum_goes_by_it() -> None:
    assert undecided_item(read(currency="JPY"), NOW, NOW)["amount"] == {"N": "6.59"}
    assert "amount" not in undecided_item(read(currency="GBP"), NOW, NOW)


def test_the_same_payment_has_the_same_content_whatever_the_rates() -> None:
    assert read(YEN, currency="JPY").content_hash() == read(NO_RATES, currency="JPY").content_hash()


def test_a_type_whose_amounts_are_always_in_one_currency_reports_in_it() -> None:
    fixed = deepcopy(dict(CARD))
    fixed["fields"]["amount_minor"]["currency"] = "JPY"
    event_type = version_of(fixed)
    assert event_type.reporting == "JPY"
    sent = {"id": "a", "amount": 1099, "currency": "EUR", "card": {"fingerprint": "f"}, "merchant": "m"}
    one = parser_of(event_type).read(sent, "")
    assert (one.amount, reported_amount(one), needs_rates(one)) == (Decimal(1099), Decimal(1099), False)


WEB: Mapping[str, Any] = {**WITH_DEVICE, "amount_currency": "currency", "reporting_currency": "EUR"}
PAID = {name: Decimal(str(value)) if isinstance(value, float) else value for name, value in README_TRANSACTION.items()}


def web(rates: Rates = YEN, **changes: Any) -> ExtendedTransaction:
    one = priced(parser_of(version_of(WEB)).read({**PAID, "currency": "JPY", **changes}, ""), NOW, lambda: rates)
    assert isinstance(one, ExtendedTransaction)
    return one


def test_what_extends_payment_reports_its_amount_and_balances() -> None:
    one, read = web(), as_rules_read(web())
    assert (one.amount, reported_amount(one)) == (Decimal(1000), Decimal("6.00"))
    assert (read["amount"], read["oldbalanceOrg"], read["newbalanceOrig"]) == (6, 30, 24)
    assert reported_amount(web(currency="EUR")) == as_rules_read(web(currency="EUR"))["amount"] == 1000
    assert quality_flags(web(currency="USD", rates=NO_RATES), NOW) == ("no_rate",)
    assert web().content_hash() == web(NO_RATES).content_hash()


@pytest.mark.parametrize("one", [web(), web(NO_RATES), web(currency="EUR"), web(currency=None), web(oldbalanceOrg=-1)])
def test_what_extends_payment_is_stored_and_queued_with_all_that_was_known(one: ExtendedTransaction) -> None:
    item = undecided_item(one, NOW, NOW, retention_days=0)
    again = transaction_of(item)
    queued = read_message(message(QueuedTransaction(one, NOW, "r-1"))).transaction
    for other in (again, queued):
        assert other.values == one.values
        assert reported_amount(other) == reported_amount(one)
        assert other.content_hash() == one.content_hash()
    found = sent_in(item)
    assert found is not None
    assert (found.amount, found.reported, found.reporting) == (Decimal(1000), reported_amount(one), "EUR")
    assert ("amount" in item) is (reported_amount(one) is not None)


def test_a_type_that_reports_in_nothing_keeps_its_items_as_they_were() -> None:
    sent = {"id": "a", "amount": 1099, "currency": "JPY", "card": {"fingerprint": "f"}, "merchant": "m"}
    item = undecided_item(parser_of(version_of(CARD)).read(sent, ""), NOW, NOW)
    assert item["amount"] == {"N": "1099"}
    assert not {"shown", "money"} & item.keys()
