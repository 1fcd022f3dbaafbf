"""Any event type and any payment of it: read, stored, queued, shown and asked about, and nothing of it is lost."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isnan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudshield.event_type.check import faults_of_document, read_document
from fraudshield.event_type.environment import environment
from fraudshield.event_type.field import NUMBERS
from fraudshield.expression.column import column
from fraudshield.expression.expression import feature
from fraudshield.expression.matrix import matrix
from fraudshield.expression.vector import Component, vector
from fraudshield.history.record import StoredRecord, transaction_response
from fraudshield.policy.in_force import checked_names
from fraudshield.policy.judgement import Facts, judge
from fraudshield.policy.policy import Outcome, Policy, Thresholds, read_policy_change
from fraudshield.scoring.decision import decide
from fraudshield.text import strict_json
from fraudshield.text.json_text import json_text
from fraudshield.transaction.dynamo import transaction_of, undecided_item
from fraudshield.transaction.parser import parser_of
from fraudshield.transaction.queued import QueuedTransaction, message, read_message
from fraudshield.transaction.value import values_of
from tests.event_types import version_of
from tests.fakes import NOW

KINDS = ("text", "number", "money", "integer", "boolean", "instant", "category")
ROLES = {"id": "text", "time": "instant", "amount": "money", "sender": "text", "receiver": "text"}
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,6}_[a-z0-9]{1,6}", fullmatch=True)  # no reserved name is of two such words
TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=20).filter(str.strip)
EXACT = st.decimals(Decimal("-1e9"), Decimal("1e9"), places=3)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
VALUES: Mapping[str, Any] = {
    "text": TEXTS,
    "category": TEXTS,
    "number": EXACT,
    "money": EXACT,
    "integer": st.integers(-(10**9), 10**9),
    "boolean": st.booleans(),
    "instant": INSTANTS.map(datetime.isoformat),
}
THRESHOLDS = {"review": 0.5, "block": 0.9}


@dataclass(frozen=True)
class Case:
    """A type's document, and a payment of it as it is sent."""

    document: Mapping[str, Any]
    sent: Mapping[str, Any]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    names = draw(st.lists(NAMES, min_size=5, max_size=12, unique=True))
    roles = dict(zip(names, draw(st.permutations([*ROLES])), strict=False))
    fields: dict[str, Any] = {}
    sent: dict[str, Any] = {}
    nested = draw(st.sets(st.sampled_from(names)))
    for name in names:
        role = roles.get(name)
        if role not in {None, "amount"} and draw(st.booleans()):
            role = None
        kind = ROLES[role] if role else draw(st.sampled_from(KINDS))
        required = role == "amount" or draw(st.booleans())
        field: dict[str, Any] = {"kind": kind, "required": required, "personal": draw(st.booleans())}
        field |= {"role": role} if role else {}
        field |= {"from": f"/inner/{name}"} if name in nested else {}
        if role == "amount" and draw(st.booleans()):
            field |= {"unit": "minor", "currency": draw(st.sampled_from(["EUR", "JPY", "KWD"]))}
        value = draw(VALUES[kind])
        value = abs(value) if role == "amount" else value
        if kind in NUMBERS and draw(st.booleans()):
            field |= {"minimum": value if role != "amount" else 0, "maximum": value}
        if kind == "category" and draw(st.booleans()):
            field["values"] = [value]
        fields[name] = field
        if required or draw(st.booleans()):
            (sent.setdefault("inner", {}) if name in nested else sent)[name] = value
    return Case({"name": "any_type", "fields": fields, "unknown": draw(st.sampled_from(["refuse", "keep"]))}, sent)


def walked(case: Case) -> None:
    """From what is sent to what a decision says of it."""
    document = read_document(strict_json.parse(json_text(case.document).encode()))
    assert faults_of_document(document, None) == []
    event_type = version_of(strict_json.parse(json_text(case.document).encode()))  # type: ignore[arg-type]
    one = parser_of(event_type).read(strict_json.parse(json_text(case.sent).encode()), "")
    assert transaction_of(undecided_item(one, one.occurred_at or NOW, NOW)) == one
    queued = read_message(message(QueuedTransaction(one, NOW, "r")))
    assert (queued.transaction, queued.transaction.content_hash()) == (one, one.content_hash())
    _is_shown(case, one)
    _holds_for_each(case, one, event_type)
    _gives_features(case, one, event_type)
    if one.receiver is not None and one.own is not None:
        hidden = one.sent_to("C-erased")
        assert hidden.own is not None
        assert one.receiver not in hidden.own.fields.values()
        assert not hidden.has_content(one.content_hash())


def _flat(case: Case) -> dict[str, Any]:
    flat = {**case.sent, **case.sent.get("inner", {})}
    flat.pop("inner", None)
    return flat


def _is_shown(case: Case, one: Any) -> None:
    record = StoredRecord(one, one.occurred_at or NOW, NOW, "store", None, None)
    shown: Any = transaction_response(record, [], ())["transaction"]
    for name, value in _flat(case).items():
        kind = case.document["fields"][name]["kind"]
        assert (datetime.fromisoformat(shown[name]) if kind == "instant" else shown[name]) == (
            datetime.fromisoformat(value) if kind == "instant" else value
        )


def _holds_for_each(case: Case, one: Any, event_type: Any) -> None:
    """A condition on each field: it holds for what was sent, and is not evaluated for what was not."""
    asked = {name: _test_of(name, field, _flat(case)) for name, field in case.document["fields"].items()}
    conditions = [{"code": f"c{at}", "outcome": "review", "when": when} for at, when in enumerate(asked.values())]
    read = read_policy_change({"based_on": 1, "thresholds": THRESHOLDS, "conditions": conditions})
    policy = Policy(
        version=2,
        thresholds=Thresholds(review=0.5, block=0.9),
        conditions=read.conditions,
        names=checked_names(read, event_type),
    )
    states = {state.code: state.state for state in judge(policy, Facts(one, one.occurred_at or NOW, {})).states}
    sent = _flat(case)
    assert states == {f"c{at}": "held" if name in sent else "not_evaluated" for at, name in enumerate(asked)}
    decision = decide(one, None, policy, NOW, NOW + timedelta(seconds=1), (), (), {}, {})
    assert decision.outcome is (Outcome.REVIEW if sent else Outcome.APPROVE)


def _gives_features(case: Case, one: Any, event_type: Any) -> None:
    """A feature of each field: of one payment and over columns it is the same, and missing where the field is."""
    each = [_feature_of(name, field) for name, field in case.document["fields"].items()]
    written = {f"f{at}": {"value": text, "says": "It is {value}"} for at, text in enumerate(each)}
    assert faults_of_document(read_document({**case.document, "features": written}), None) == []
    names = environment(event_type, event_type.all_fields)
    sent = values_of(one, one.occurred_at or NOW, names.fields)
    ranks = {text: 7.0 for text in sent.values() if isinstance(text, str)}
    components = [Component(feature(text, names), ranks) for text in each]
    together = vector(components)(sent)
    missing, table = {**dict.fromkeys(sent)}, {}
    for name, kind in names.fields.items():
        table[name] = column(kind, [sent.get(name), missing.get(name)])
    whole, nothing = matrix(components, table, 2).tolist()
    assert list(map(pack_bits, together)) == list(map(pack_bits, whole))
    assert list(map(pack_bits, vector(components)(missing))) == list(map(pack_bits, nothing))
    there = _flat(case)
    for number, (name, field) in zip(together, case.document["fields"].items(), strict=True):
        assert isnan(number) == (name not in there and field.get("role") not in ("id", "time"))


def pack_bits(number: float) -> bytes:
    """A number so that 0.0 and -0.0 are different."""
    return struct.pack("d", number)


def _feature_of(name: str, field: Mapping[str, Any]) -> str:
    if field.get("role") == "id":
        return "size(transaction_id) + 0.5"
    if field.get("role") == "time":
        return 'hour(occurred_at, "Asia/Tokyo")'
    texts = {
        "boolean": name,
        "category": name,
        "text": f'size({name}) / 3 + ({name}.startsWith("a") ? 1 : 0)',
        "instant": f'(occurred_at - {name}) / duration("1h")',
    }
    return texts.get(field["kind"], f"{name} > 10 ? {name} / 3 : -{name} * 0.1")


def _test_of(name: str, field: Mapping[str, Any], sent: Mapping[str, Any]) -> str:
    kind, value = field["kind"], sent.get(name)
    if kind == "boolean":
        return f"{name} == {'false' if value is False else 'true'}"
    if kind in NUMBERS:
        return f"{name} >= {format(Decimal(value or 0), 'f')}" if (value or 0) >= 0 else f"{name} < 0"
    if kind == "instant":
        return f"hour({name}) < 24"
    return f"size({name}) > 0"


@given(cases())
@settings(max_examples=50)
def test_nothing_of_a_payment_is_lost_whatever_its_type(case: Case) -> None:
    walked(case)


@pytest.mark.long
@given(cases())
@settings(max_examples=2000)
def test_nothing_of_a_payment_is_lost_in_two_thousand_types(case: Case) -> None:
    walked(case)
