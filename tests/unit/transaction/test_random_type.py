"""Any event type and any payment of it: read, stored, queued, shown and asked about, and nothing of it is lost."""

import csv
import io
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isnan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudshield.aggregate.aggregate import aggregates_of
from fraudshield.aggregate.dynamo_item import AGGREGATES, aggregates_in, aggregates_map
from fraudshield.aggregate.value import NOT_READ, exactly, unread
from fraudshield.batch.own.inline import own_csv
from fraudshield.batch.own.row import OwnLayout
from fraudshield.erasure.dynamo_thing import ThingForgetting
from fraudshield.erasure.thing import Thing
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.event_type.check import faults_of_document, read_document
from fraudshield.event_type.entity import entity_key, with_slots
from fraudshield.event_type.environment import environment
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.field import NUMBERS, EventField
from fraudshield.expression.column import column
from fraudshield.expression.expression import feature
from fraudshield.expression.matrix import matrix
from fraudshield.expression.vector import Component, vector
from fraudshield.history.export import transactions_csv
from fraudshield.history.listing import ListRow, Page
from fraudshield.history.record import StoredRecord, transaction_response
from fraudshield.notification.alert import decision_alert
from fraudshield.notification.threshold import AlertThresholds
from fraudshield.policy.checked_rules import checked_change
from fraudshield.policy.judgement import Facts, judge
from fraudshield.policy.policy import Outcome, Policy, Thresholds, read_policy_change
from fraudshield.policy.rule import as_rule
from fraudshield.scoring.decision import ScoredTransaction, decide
from fraudshield.text import strict_json
from fraudshield.text.json_text import json_text
from fraudshield.transaction.dynamo import transaction_of, undecided_item
from fraudshield.transaction.field_value import field_value, written_value
from fraudshield.transaction.parser import parser_of
from fraudshield.transaction.queued import QueuedTransaction, message, read_message
from fraudshield.transaction.value import values_of
from tests.event_types import version_of
from tests.fake_event_types import FakeEventTypeStore
from tests.fakes import NOW

KINDS = ("text", "number", "money", "integer", "boolean", "instant", "category")
ROLES = {"id": "text", "time": "instant", "amount": "money", "sender": "text", "receiver": "text"}
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,6}_[a-z0-9]{1,6}", fullmatch=True)  # no reserved name is of two such words
TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=20).filter(
    lambda text: text.strip() not in {"", ".", ".."}
)
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
    slots = 4
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
        if kind == "text" and role is None and draw(st.booleans()):
            busy = draw(st.booleans())
            entity = draw(st.sampled_from([True, "thing", "other_thing"])) if busy or slots else None
            slots -= 0 if busy or entity is None else 1
            field |= {"entity": entity} if entity else {}
            field |= {"busy": True, "personal": False} if busy else {}
        value = draw(VALUES[kind])
        if kind == "text":
            value = f"{'canary' if field['personal'] else 'text'} {name} {value}"
        value = abs(value) if role == "amount" else value
        if kind in NUMBERS and draw(st.booleans()):
            field |= {"minimum": value if role != "amount" else 0, "maximum": value}
        if kind == "category" and draw(st.booleans()):
            field["values"] = [value]
        fields[name] = field
        if required or draw(st.booleans()):
            (sent.setdefault("inner", {}) if name in nested else sent)[name] = value
    found = {"name": "any_type", "fields": fields, "unknown": draw(st.sampled_from(["refuse", "keep"]))}
    shown = [name for name in names if draw(st.booleans())][:8]
    over = [name for name, field in fields.items() if "entity" in field or field.get("role") in {"sender", "receiver"}]
    aggregates = {f"count_of_{at}": {"count": True, "over": name, "within": "24h"} for at, name in enumerate(over)}
    return Case(found | {"shown": shown, "aggregates": aggregates}, sent)


def walked(case: Case) -> None:
    """From what is sent to what a decision says of it."""
    document = read_document(strict_json.parse(json_text(case.document).encode()))
    assert faults_of_document(document, None) == []
    unplaced = version_of(strict_json.parse(json_text(case.document).encode()))  # type: ignore[arg-type]
    event_type = unplaced.model_copy(update={"slots": with_slots({}, [unplaced.all_fields])})
    one = parser_of(event_type).read(strict_json.parse(json_text(case.sent).encode()), "")
    assert transaction_of(undecided_item(one, one.occurred_at or NOW, NOW)) == one
    queued = read_message(message(QueuedTransaction(one, NOW, "r")))
    assert (queued.transaction, queued.transaction.content_hash()) == (one, one.content_hash())
    _is_shown(case, one)
    _holds_for_each(case, one, event_type)
    _is_found(case, one)
    _is_read_again(one, event_type, event_type.by_role().get("id") in {None, *_flat(case)})
    _is_asked(case, one, event_type)
    _is_erased(case, one)
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
    policy = _policy(conditions, event_type)
    found = judge(policy.asked(NOW), Facts(one, one.occurred_at or NOW, {}))
    states = {finding.rule.code: "not_evaluated" if finding.missing else "held" for finding in found}
    sent = _flat(case)
    assert states == {f"c{at}": "held" if name in sent else "not_evaluated" for at, name in enumerate(asked)}
    decision = decide(one, None, policy, NOW, NOW + timedelta(seconds=1), (), (), {}, {})
    assert decision.outcome is (Outcome.REVIEW if sent else Outcome.APPROVE)


def _is_found(case: Case, one: Any) -> None:
    """By its entities, each under the key of its value, and by what its type shows, asked in the words of a query."""
    fields, sent, item = case.document["fields"], _flat(case), undecided_item(one, NOW, NOW)
    named = {name: field for name, field in fields.items() if "entity" in field and name in sent}
    keys = {name: entity_key(_entity(name, field), sent[name]) for name, field in named.items()}
    in_slots = sorted(key for name, key in keys.items() if not fields[name].get("busy"))
    assert sorted(value["S"] for name, value in item.items() if name.startswith("entity_")) == in_slots
    assert {*one.own.busy} == {key for name, key in keys.items() if fields[name].get("busy")}
    for name in case.document["shown"]:
        if name in sent and "role" not in fields[name]:
            field = EventField.model_validate(fields[name])
            asked = field_value(name, field, written_value(field, _as_query(sent[name])), "")
            assert one.own.shown[name] == asked


def _entity(name: str, field: Mapping[str, Any]) -> str:
    return name if field["entity"] is True else field["entity"]


def _as_query(value: Any) -> str:
    return json_text(value) if isinstance(value, bool | Decimal | int) else value


def _is_read_again(one: Any, event_type: EventType, has_id: bool) -> None:
    """What a file or an export says of it reads back to the same payment; an id that was not sent is there by now."""
    head, *rows = csv.reader(io.StringIO(own_csv(event_type, [one]).decode(), newline=""))
    again = OwnLayout.of(event_type, head, "a.csv").read(rows[0], "none")
    assert again.transaction_id == one.transaction_id
    assert not has_id or (again, again.content_hash()) == (one, one.content_hash())
    shown = ListRow(one.transaction_id, one.occurred_at or NOW, None, one.amount, None, None, "api", None, None)
    exported = transactions_csv(
        Page([replace(shown, own=one.own)], None), ActiveEventTypes(FakeEventTypeStore(event_type))
    )
    head, *rows = csv.reader(io.StringIO(exported, newline=""))
    imported = OwnLayout.of(event_type, head, "a.csv").read(rows[0], "none")
    marked = any(isinstance(value, str) and value.startswith("'") for value in one.own.fields.values())
    assert not has_id or marked or imported.own == one.own
    assert not has_id or imported.transaction_id == one.transaction_id


def _is_asked(case: Case, one: Any, event_type: EventType) -> None:
    """Its aggregates decide by what was read of them, and are kept with the decision as they were read."""
    found = {
        name: [exactly(3), exactly(2, at_least=True), exactly(1), NOT_READ][at % 4]
        for at, name in enumerate(case.document["aggregates"])
    }
    if not found:
        return
    assert [(own.name, own.over) for own in aggregates_of(event_type).asked(found)] == [
        (name, document["over"]) for name, document in case.document["aggregates"].items()
    ]
    conditions = [{"code": f"c{name}", "outcome": "block", "when": f"{name} >= 2"} for name in found]
    decision = decide(one, None, _policy(conditions, event_type), NOW, NOW, (), unread(found), {}, found)
    states = {state.code: state.state for state in decision.rules}
    expected = ["held", "held", "", "not_evaluated"]
    assert states == {f"c{name}": expected[at % 4] for at, name in enumerate(found) if expected[at % 4]}
    assert aggregates_in({AGGREGATES: aggregates_map(decision.aggregates)}) == found
    alert = decision_alert(ScoredTransaction(one, NOW, NOW, (), decision), AlertThresholds())
    assert alert is not None
    assert "canary" not in f"{alert.title} {alert.why}"


def _is_erased(case: Case, one: Any) -> None:
    """Each personal entity by its value: what is stored, and what is still on its way."""
    item = undecided_item(one, one.occurred_at or NOW, NOW)
    for name, field in case.document["fields"].items():
        value = _flat(case).get(name)
        if "entity" not in field or field.get("busy") or value is None:
            continue
        thing = Thing(_entity(name, field), value, (1, 2, 3, 4))
        made = ThingForgetting("table", thing, "C-erased-1", NOW).renamed(item)
        assert made is not None
        assert json_text(value)[1:-1] not in json.dumps(made, ensure_ascii=False)
        assert made["content_hash"]["S"] == transaction_of(made).content_hash() != one.content_hash()
        assert one.own.without(thing.key, lambda _: "C-erased-1") == transaction_of(made).own


def _policy(conditions: list[dict[str, str]], event_type: EventType) -> Policy:
    read = read_policy_change({"based_on": 1, "thresholds": THRESHOLDS, "conditions": conditions})
    return Policy(
        version=2,
        thresholds=Thresholds(review=0.5, block=0.9),
        rules=tuple(map(as_rule, read.conditions)),
        names=checked_change(read, event_type),
    )


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
