"""Event types that are no good: each is refused with the place and what to do, and the good ones are not."""

from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.errors import InvalidInput, Malformed
from fraudshield.event_type.check import checked, read_document
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.event_type.reserved import is_reserved
from tests.event_types import CARD, WITH_DEVICE, version_of

Change = Callable[[Any], object]
MANY = {f"field_{number}": {"kind": "text"} for number in range(1000)}


def checked_like_the_api(document: Any, base: EventType | None = None) -> None:
    read = read_document(document)
    checked(read, BUILT_IN if read.extends == "payment" else base)


def field(**changes: object) -> Change:
    """Sets these of the card type's field device_id."""
    return lambda document: document["fields"]["device_id"].update(changes)


def amount(**changes: object) -> Change:
    return lambda document: document["fields"]["amount_minor"].update(changes)


def named(name: str, **spec: object) -> Change:
    return lambda document: document["fields"].update({name: {"kind": "text", **spec}})


def total(**aggregate: object) -> Change:
    return lambda document: document.update(aggregates={"total": aggregate})


def shown(name: str, **aggregate: object) -> Change:
    return lambda document: document.update(aggregates={"total": aggregate}, shown=[name])


def told_later(**more: Any) -> Change:
    """Two fields that are told later, and more."""

    def change(document: dict[str, Any]) -> None:
        later = {"declined": {"kind": "boolean", "later": True}, "refunded": {"kind": "money", "later": True}}
        document["fields"] = document["fields"] | later
        document.update(more)

    return change


BROKEN: list[tuple[str, Change, str, str]] = [
    ("it has no name", lambda d: d.pop("name"), "/name", "missing"),
    ("its name has a blank", lambda d: d.update(name="card payment"), "/name", "string_pattern_mismatch"),
    ("its name is the built-in one", lambda d: d.update(name="payment"), "/name", "reserved_name"),
    ("it extends itself", lambda d: d.update(extends="card_payment"), "/extends", "cycle"),
    ("it extends what there is not", lambda d: d.update(extends="nothing"), "/extends", "unknown_event_type"),
    ("it has no fields", lambda d: d.update(fields={}), "/fields", "incomplete"),
    ("its fields are a list", lambda d: d.update(fields=["amount"]), "/fields", "dict_type"),
    ("it has a thousand fields", lambda d: d["fields"].update(MANY), "/fields", "too_long"),
    ("it has a part that there is not", lambda d: d.update(colour="red"), "/colour", "extra_forbidden"),
    ("unknown is a word of none", lambda d: d.update(unknown="ignore"), "/unknown", "literal_error"),
    ("it shows nine fields", lambda d: d.update(shown=["currency"] * 9), "/shown", "too_long"),
    ("it shows what is no field", lambda d: d.update(shown=["colour"]), "/shown/0", "unknown_field"),
    ("its labels are said nothing of", lambda d: d.update(label={}), "/label", "incomplete"),
    ("labels come after they are settled", lambda d: d.update(label={"later": "9d", "genuine_after": "7d"}),
     "/label/later", "bounds_order"),
    ("a field's name starts with a digit", named("3ds"), "/fields/3ds", "string_pattern_mismatch"),
    ("a field's name has a dot", named("card.brand"), "/fields/card.brand", "string_pattern_mismatch"),
    ("a list's parameter is a field", named("limit"), "/fields/limit", "reserved_name"),
    ("what an answer has is a field", named("risk"), "/fields/risk", "reserved_name"),
    ("what an item has is a field", named("expires_at"), "/fields/expires_at", "reserved_name"),
    ("a word of rules is a field", named("in"), "/fields/in", "reserved_name"),
    ("amount is another field", named("amount"), "/fields/amount", "reserved_name"),
    ("a kind is unknown", field(kind="email"), "/fields/device_id/kind", "literal_error"),
    ("a field has no kind", lambda d: d["fields"]["device_id"].pop("kind"), "/fields/device_id/kind", "missing"),
    ("required is a text", field(required="yes"), "/fields/device_id/required", "bool_type"),
    ("a role is unknown", field(role="payer"), "/fields/device_id/role", "literal_error"),
    ("two fields have the role amount",
     named("total", kind="money", role="amount", required=True), "/fields/total/role", "role_twice"),
    ("no field has the role amount", amount(role=None), "/fields", "no_amount"),
    ("the amount is optional", amount(required=False), "/fields/amount_minor/required", "not_required"),
    ("the amount is a number", amount(kind="number"), "/fields/amount_minor/kind", "wrong_kind"),
    ("the amount may be negative", amount(minimum=-1), "/fields/amount_minor/minimum", "out_of_range"),
    ("the sender is a boolean",
     lambda d: d["fields"]["card"].update(kind="boolean"), "/fields/card/kind", "wrong_kind"),
    ("busy without entity", field(entity=None, busy=True), "/fields/device_id/busy", "no_entity"),
    ("a busy entity is a person", field(entity=True, busy=True, personal=True), "/fields/device_id/busy", "busy"),
    ("a category is an entity",
     lambda d: d["fields"]["currency"].update(entity=True), "/fields/currency/entity", "wrong_kind"),
    ("a boolean is an entity",
     lambda d: d["fields"]["is_recurring"].update(entity="flag"), "/fields/is_recurring/entity", "wrong_kind"),
    ("the sender is another entity",
     lambda d: d["fields"]["card"].update(entity=True), "/fields/card/entity", "role_entity"),
    ("a text has bounds", field(minimum=3), "/fields/device_id/minimum", "wrong_kind"),
    ("a number has values", lambda d: d["fields"]["score"].update(values=["1"]), "/fields/score/values", "wrong_kind"),
    ("a bound is a text", lambda d: d["fields"]["score"].update(minimum="0"), "/fields/score/minimum", "money_type"),
    ("bounds are the wrong way round",
     lambda d: d["fields"]["score"].update(minimum=2), "/fields/score/minimum", "bounds_order"),
    ("an integer's bound is none",
     lambda d: d["fields"]["attempts"].update(maximum=Decimal("1.5")), "/fields/attempts/maximum", "wrong_kind"),
    ("a category has no value",
     lambda d: d["fields"]["currency"].update(values=[]), "/fields/currency/values", "too_short"),
    ("a value stands twice",
     lambda d: d["fields"]["currency"].update(values=["EUR", "EUR"]), "/fields/currency/values", "value_twice"),
    ("a text has a unit", field(unit="minor"), "/fields/device_id/unit", "wrong_kind"),
    ("a currency is no field", amount(currency="valuta"), "/fields/amount_minor/currency", "unknown_field"),
    ("a currency's code is none", amount(currency="EUX"), "/fields/amount_minor/currency", "unknown_field"),
    ("a currency is a number", amount(currency="score"), "/fields/amount_minor/currency", "wrong_kind"),
    ("minor units of no currency", amount(currency=None), "/fields/amount_minor/currency", "incomplete"),
    ("a pointer ends in a slash", field(**{"from": "/card/"}), "/fields/device_id/from", "pointer_syntax"),
    ("a pointer has a bare tilde", field(**{"from": "/a~b"}), "/fields/device_id/from", "pointer_syntax"),
    ("two fields are read from one place", field(**{"from": "/merchant"}), "/fields/device_id/from", "place_twice"),
    ("a zone is of another form",
     lambda d: d["fields"]["first_seen"].update(zone="UTC+1!"), "/fields/first_seen/zone", "unknown_zone"),
    ("a field that is told later is required", field(later=True, required=True), "/fields/device_id/required", "later"),
    ("an aggregate has two measures", total(count=True, sum="score", over="card"), "/aggregates/total", "measure"),
    ("an aggregate has none", total(over="card"), "/aggregates/total", "measure"),
    ("an aggregate's measure is unknown", total(of="median", over="card"), "/aggregates/total/of", "literal_error"),
    ("a sum is of no field", total(of="sum", over="card"), "/aggregates/total/field", "incomplete"),
    ("a count is of a field", total(of="count", field="score", over="card"), "/aggregates/total/field", "measure"),
    ("a sum is of what there is not", total(sum="colour", over="card"), "/aggregates/total/sum", "unknown_field"),
    ("a sum is of what is not shown", total(sum="score", over="card"), "/aggregates/total/sum", "not_shown"),
    ("a sum is of minor units", total(sum="amount_minor", over="card"), "/aggregates/total/sum", "not_shown"),
    ("a sum is of texts", shown("currency", sum="currency", over="card"), "/aggregates/total/sum", "wrong_kind"),
    ("an aggregate is over nothing", total(count=True), "/aggregates/total/over", "missing"),
    ("it is over what there is not", total(count=True, over="colour"), "/aggregates/total/over", "unknown_field"),
    ("it is over a field that names nothing", total(count=True, over="currency"), "/aggregates/total/over",
     "no_entity"),
    ("it is over sender or receiver", total(count=True, over="account"), "/aggregates/total/over", "ambiguous"),
    ("its window has no unit", total(count=True, over="card", within="72"), "/aggregates/total/within",
     "string_pattern_mismatch"),
    ("a prior is of a count", total(count=True, over="card", prior=Decimal("0.1")), "/aggregates/total/prior",
     "measure"),
    ("labels are late where none is asked", total(count=True, over="card", labels_later="7d"),
     "/aggregates/total/labels_later", "measure"),
    ("it counts by what is not shown", total(count=True, over="card", where="score > 0.5"), "/aggregates/total/where",
     "unknown_name"),
    ("its condition cannot be read", total(count=True, over="card", where="amount >"), "/aggregates/total/where",
     "unexpected_end"),
    ("its condition is a number", total(count=True, over="card", where="amount + 1"), "/aggregates/total/where",
     "result"),
    ("it has a field's name", lambda d: d.update(aggregates={"score": {"count": True, "over": "card"}}),
     "/aggregates/score", "name_taken"),
    ("it has an answer's name", lambda d: d.update(aggregates={"risk": {"count": True, "over": "card"}}),
     "/aggregates/risk", "name_taken"),
    ("a busy entity counts differing ones", shown("currency", distinct="currency", over="terminal", within="24h"),
     "/aggregates/total/distinct", "busy"),
    ("a busy entity has an age", total(of="age", over="terminal", within="24h"), "/aggregates/total/of", "busy"),
    ("a busy entity adds up what is no amount", shown("score", sum="score", over="terminal", within="24h"),
     "/aggregates/total/sum", "busy"),
    ("a busy entity counts some", total(count=True, over="terminal", within="24h", where="amount > 5"),
     "/aggregates/total/where", "busy"),
    ("a busy entity counts for ever", total(count=True, over="terminal"), "/aggregates/total/within", "incomplete"),
    ("a busy entity counts by the minute", total(count=True, over="terminal", within="30m"),
     "/aggregates/total/within", "busy"),
    ("a feature is of what there is not", lambda d: d.update(features={"x": {"value": "colour * 2"}}),
     "/features/x/value", "unknown_name"),
    ("a feature is an instant", lambda d: d.update(features={"x": {"value": "created"}}), "/features/x/value",
     "result"),
    ("a feature has no value", lambda d: d.update(features={"x": {"says": "why"}}), "/features/x/value", "missing"),
    ("a feature is a free text", lambda d: d.update(features={"x": {"value": "device_id"}}), "/features/x/value",
     "result"),
    ("a feature may be a free text", lambda d: d.update(features={"x": {"value": 'attempts > 1 ? device_id : "none"'}}),
     "/features/x/value", "result"),
    ("a feature asks a list", lambda d: d.update(features={"x": {"value": "device_id in lists.stolen"}}),
     "/features/x/value", "unknown_list"),
    ("a feature asks for the risk", lambda d: d.update(features={"x": {"value": "risk * 2"}}), "/features/x/value",
     "risk_not_allowed"),
    ("a feature is told later", told_later(features={"x": {"value": "attempts + (declined ? 1 : 0)"}}),
     "/features/x/value", "later"),
    ("an aggregate adds up what is told later",
     told_later(shown=("refunded",), aggregates={"total": {"sum": "refunded", "over": "card"}}),
     "/aggregates/total/sum", "later"),
    ("an aggregate adds up what is told later and not shown",
     told_later(aggregates={"total": {"of": "sum", "field": "refunded", "over": "card"}}),
     "/aggregates/total/field", "later"),
    ("an aggregate counts by what is told later",
     told_later(shown=("declined",), aggregates={"total": {"count": True, "over": "card", "where": "declined"}}),
     "/aggregates/total/where", "later"),
    ("a sentence has a place for nothing", lambda d: d.update(features={"x": {"value": "score", "says": "{share}"}}),
     "/features/x/says", "unknown_place"),
    ("a sentence counts a category",
     lambda d: d.update(features={"x": {"value": "currency", "says": "{money} of it"}}), "/features/x/says",
     "unknown_place"),
    ("a case is no condition",
     lambda d: d.update(features={"x": {"value": "score", "cases": [{"when": "value + 1", "says": "much"}]}}),
     "/features/x/cases/0/when", "result"),
    ("a case is about something else",
     lambda d: d.update(features={"x": {"value": "score", "cases": [{"when": "score > 1", "says": "much"}]}}),
     "/features/x/cases/0/when", "unknown_name"),
    ("a case's sentence has a place for nothing",
     lambda d: d.update(features={"x": {"value": "score", "cases": [{"when": "value > 1", "says": "{x}"}]}}),
     "/features/x/cases/0/says", "unknown_place"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "breaks", "pointer", "code"), BROKEN, ids=[one[0] for one in BROKEN])
def test_it_is_refused_where_it_is_wrong(what: str, breaks: Change, pointer: str, code: str) -> None:
    document = deepcopy(dict(CARD))
    breaks(document)
    with pytest.raises(InvalidInput) as refused:
        checked_like_the_api(document)
    assert (pointer, code) in [(fault.pointer, fault.code) for fault in refused.value.faults]
    assert all(fault.detail for fault in refused.value.faults)


def test_a_fault_of_an_expression_says_where_it_is_and_what_was_meant() -> None:
    document = deepcopy(dict(CARD))
    told_later(features={"x": {"value": "score + 2 * atempts"}, "y": {"value": "score + (declined ? 1 : 0)"}})(document)
    with pytest.raises(InvalidInput) as refused:
        checked_like_the_api(document)
    unknown, later = (fault.detail for fault in refused.value.faults)
    assert unknown.startswith("At character 13: ")
    assert unknown.endswith("; did you mean attempts?")
    assert later == "At character 10: declined is told later: it is not known when a payment is scored"


@pytest.mark.parametrize("value", ["score * 2", "is_recurring", "currency", 'score > 0 ? "high" : "low"', "has(score)"])
def test_a_number_a_condition_or_a_category_is_a_feature(value: str) -> None:
    document = deepcopy(dict(CARD))
    document["features"] = {"x": {"value": value, "says": "It is {value}", "code": "x_code"}}
    checked_like_the_api(document)


def test_a_fault_of_a_name_is_the_answers_code() -> None:
    document = deepcopy(dict(CARD))
    named("limit")(document)
    with pytest.raises(InvalidInput) as refused:
        checked_like_the_api(document)
    assert refused.value.code == "reserved_name"


@pytest.mark.parametrize("document", [CARD, WITH_DEVICE])
def test_a_good_one_passes(document: Any) -> None:
    checked_like_the_api(deepcopy(dict(document)))


def test_what_is_no_object_is_malformed() -> None:
    with pytest.raises(Malformed):
        read_document(["name"])


def test_a_field_of_the_base_is_not_written_anew() -> None:
    document = deepcopy(dict(WITH_DEVICE))
    document["fields"]["nameOrig"] = {"kind": "text"}
    with pytest.raises(InvalidInput, match="nameOrig is a field of payment"):
        checked_like_the_api(document)


def test_a_cycle_over_others_is_found() -> None:
    first = version_of(WITH_DEVICE)
    second = version_of({"name": "second", "extends": "web_payment", "fields": {}}, base=first)
    with pytest.raises(InvalidInput, match="web_payment would extend itself"):
        checked_like_the_api({**WITH_DEVICE, "extends": "second"}, second)


@pytest.mark.parametrize(("name", "role"), [("transaction_id", "id"), ("occurred_at", "time"), ("amount", "amount")])
def test_the_names_of_roles_are_for_those_roles(name: str, role: str) -> None:
    assert not is_reserved(name, role)
    assert is_reserved(name, None)
    assert is_reserved(name, "sender")
