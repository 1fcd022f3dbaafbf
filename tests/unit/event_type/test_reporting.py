"""The currency that a type reports in: what it must be, what it changes, and what stays as it is."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from fraudshield.errors import BreaksStored, InvalidInput
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.event_type.check import checked, read_document
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.event_type.response import event_type_response
from tests.authors import ADA
from tests.event_types import CARD, ORDER, WITH_DEVICE, version_of
from tests.fake_event_types import FakeEventTypeStore
from tests.fakes import NOW

Change = Callable[[dict[str, Any]], Any]
BAD: list[tuple[Change, str, str, str]] = [
    (lambda d: d.update(reporting_currency="euro"), "/reporting_currency", "unknown_currency", "no currency"),
    (lambda d: d.update(reporting_currency="eur"), "/reporting_currency", "unknown_currency", "did you mean EUR?"),
    (
        lambda d: d["fields"]["total"].update(currency="bank", unit="major"),
        "/fields/total/currency",
        "unknown_field",
        "",
    ),
    (lambda d: d["fields"]["settled"].update(currency="USD"), "/fields/settled/currency", "wrong_currency", "in EUR"),
    (lambda d: d.pop("reporting_currency"), "/fields/settled/role", "incomplete", "reporting_currency"),
    (lambda d: d["fields"]["settled"].update(kind="number"), "/fields/settled/kind", "wrong_kind", "kind money"),
    (lambda d: d["fields"]["fee"].update(role="reported_amount"), "/fields/fee/role", "role_twice", "settled has"),
    (lambda d: d["fields"].update(reported_amount={"kind": "money"}), "/fields/reported_amount", "reserved_name", ""),
    (lambda d: d["fields"]["created"].update(zone="Asia/Tokio"), "/fields/created/zone", "unknown_zone", "Asia/Tokyo?"),
    (lambda d: d["fields"]["created"].update(zone="localtime"), "/fields/created/zone", "unknown_zone", ""),
    (
        lambda d: d.update(shown=["fee"], aggregates={"a": {"sum": "fee", "over": "card", "within": "1h"}}),
        "/aggregates/a/sum",
        "several_currencies",
        "amount",
    ),
    (
        lambda d: d.update(shown=["fee"], aggregates={"a": {"count": True, "over": "card", "where": "fee > 3"}}),
        "/aggregates/a/where",
        "several_currencies",
        "fee comes in several currencies",
    ),
]


def order(change: Change = lambda _: None) -> dict[str, Any]:
    document = deepcopy(dict(ORDER))
    change(document)
    return document


@pytest.mark.parametrize(("change", "pointer", "code", "says"), BAD)
def test_a_document_that_means_nothing_is_refused_at_its_place(
    change: Change, pointer: str, code: str, says: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked(read_document(order(change)), None)
    fault = next(one for one in refused.value.faults if one.pointer == pointer)
    assert fault.code == code
    assert says in fault.detail


def test_what_extends_payment_reports_once_it_says_what_its_amount_is_in() -> None:
    with pytest.raises(InvalidInput) as refused:
        checked(read_document({**WITH_DEVICE, "reporting_currency": "EUR"}), BUILT_IN)
    assert refused.value.faults[0].pointer == "/reporting_currency"
    assert "amount_currency" in refused.value.faults[0].detail
    said = read_document({**WITH_DEVICE, "amount_currency": "currency", "reporting_currency": "EUR"})
    checked(said, BUILT_IN)
    assert version_of({**WITH_DEVICE, "amount_currency": "EUR"}).reporting == "EUR"


@pytest.mark.parametrize(("document", "code"), [
    ({**WITH_DEVICE, "amount_currency": "curency"}, "unknown_field"),
    ({**WITH_DEVICE, "amount_currency": "step"}, "wrong_kind"),
    ({**ORDER, "amount_currency": "currency"}, "inherited"),
])  # fmt: skip
def test_the_currency_of_inherited_money_is_a_code_or_a_text(document: Any, code: str) -> None:
    read = read_document(document)
    with pytest.raises(InvalidInput) as refused:
        checked(read, BUILT_IN if read.extends else None)
    assert ("/amount_currency", code) in [(one.pointer, one.code) for one in refused.value.faults]


def test_the_currency_of_inherited_money_stays_and_what_extends_the_type_has_it() -> None:
    types = ActiveEventTypes(FakeEventTypeStore(version_of(WITH_DEVICE)))
    said = {**WITH_DEVICE, "amount_currency": "currency", "reporting_currency": "EUR"}
    assert types.put(read_document(said), ADA, NOW).version == 2
    wider = types.put(read_document({"name": "wider", "extends": "web_payment"}), ADA, NOW)
    assert (wider.reporting, wider.all_fields["oldbalanceOrg"].currency) == ("EUR", "currency")
    for changed in ({**said, "amount_currency": "EUR"}, dict(WITH_DEVICE)):
        with pytest.raises(BreaksStored) as kept:
            types.put(read_document(changed), ADA, NOW)
        assert "/amount_currency" in [one.pointer for one in kept.value.faults]


def test_what_extends_a_type_reports_as_that_one_does() -> None:
    types = ActiveEventTypes(FakeEventTypeStore(version_of(ORDER)))
    wider = types.put(read_document({"name": "wider", "extends": "order_payment"}), ADA, NOW)
    assert (wider.reporting_currency, wider.reporting) == ("EUR", "EUR")
    assert types.put(read_document({"name": "wider", "extends": "order_payment"}), ADA, NOW).version == 1
    with pytest.raises(InvalidInput):
        types.put(read_document({"name": "other", "extends": "order_payment", "reporting_currency": "USD"}), ADA, NOW)


def test_the_currency_may_be_given_later_and_then_stays() -> None:
    types = ActiveEventTypes(FakeEventTypeStore(version_of(CARD)))
    reporting = types.put(read_document({**CARD, "reporting_currency": "EUR"}), ADA, NOW)
    assert (reporting.version, reporting.reporting) == (2, "EUR")
    for changed in ({**CARD, "reporting_currency": "USD"}, dict(CARD)):
        with pytest.raises(BreaksStored) as refused:
            types.put(read_document(changed), ADA, NOW)
        assert [one.pointer for one in refused.value.faults] == ["/reporting_currency"]


def test_the_answer_says_in_what_it_reports_and_that_its_zone_has_effect() -> None:
    shown = event_type_response(version_of(ORDER))
    assert (shown["reporting_currency"], shown["without_effect"]) == ("EUR", [])
    assert event_type_response(version_of(CARD))["reporting_currency"] is None
    two = event_type_response(
        version_of(order(lambda d: d["fields"].update(booked={"kind": "instant", "zone": "Europe/Rome"})))
    )
    assert two["without_effect"] == ["/fields/booked/zone"]
