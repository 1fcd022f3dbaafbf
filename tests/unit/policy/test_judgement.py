"""Conditions as expressions: three states over the fields of whichever type, and what a policy keeps to read them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.errors import InvalidInput
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.expression.reading import AtLeast
from fraudshield.policy.checked_rules import checked_change
from fraudshield.policy.judgement import Facts, RuleFinding, judge
from fraudshield.policy.order import RuleState, states
from fraudshield.policy.policy import Outcome, Policy, PolicyChange, Thresholds, read_policy_change
from fraudshield.policy.rule import as_rule
from fraudshield.transaction.parser import parser_of
from fraudshield.transaction.transaction import Transaction
from tests.event_types import CARD, WITH_DEVICE, version_of
from tests.fakes import NOW

THRESHOLDS = Thresholds(review=0.5, block=0.9)
SENT: Mapping[str, Any] = {
    "id": "ch_1", "created": "2026-11-24T22:30:00Z", "amount": Decimal(1099), "currency": "EUR",
    "card": {"fingerprint": "fp_1"}, "merchant": "m_7", "attempts": Decimal(3), "first_seen": "2026-11-23T22:30:00Z",
}  # fmt: skip
BERLIN = {**CARD, "fields": {**CARD["fields"], "created": {**CARD["fields"]["created"], "zone": "Europe/Berlin"}}}
FACTS = Facts(parser_of(version_of(CARD)).read(SENT, ""), NOW, {})


def policy(*texts: str, document: Any = CARD) -> Policy:
    conditions = [{"code": f"c{at}", "outcome": "review", "when": text} for at, text in enumerate(texts)]
    read = read_policy_change({"based_on": 1, "thresholds": {"review": 0.5, "block": 0.9}, "conditions": conditions})
    names = checked_change(read, version_of(document) if document else BUILT_IN)
    made = Policy(version=2, thresholds=THRESHOLDS, rules=tuple(map(as_rule, read.conditions)), names=names)
    return Policy.model_validate(made.model_dump())  # as it is stored and read


def judged(text: str, facts: Facts = FACTS, document: Any = CARD) -> tuple[RuleFinding, ...]:
    return judge(policy(text, document=document).asked(NOW), facts)


def state(text: str, facts: Facts = FACTS, document: Any = CARD) -> tuple[str, str]:
    found_states = states(judged(text, facts, document), Outcome.REVIEW)
    [found] = found_states or [RuleState("c0", Outcome.REVIEW, "held", "not held")]
    return found.state, found.why


@pytest.mark.parametrize(
    "text",
    [
        "attempts > 2",
        "amount == 10.99 && amount_minor == 1099",
        'card == "fp_1" && merchant.startsWith("m_")',
        'created - first_seen == duration("24h")',
        "!has(device_id)",
        'transaction_id == "ch_1" && hour(created) == 22',
    ],
)
def test_an_expression_holds_over_a_types_own_fields(text: str) -> None:
    assert [one.outcome for one in judged(text)] == [Outcome.REVIEW]
    assert state(text) == ("held", "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('device_id == "d-1"', "device_id is missing"),
        ("risk > 0.5", "risk is missing"),
        ("origin_count_1h > 0", "origin_count_1h is missing"),
        ("1 / (attempts - 3) > 0", "a division by zero"),
    ],
)
def test_what_cannot_be_evaluated_does_not_hold_and_is_named(text: str, why: str) -> None:
    assert [one.outcome for one in judged(text)] == [None]
    assert state(text) == ("not_evaluated", why)
    assert judged(f"{text} && attempts > 3") == ()  # that decides by itself


def test_a_velocity_that_was_not_read_in_time_is_not_missing() -> None:
    assert state("origin_count_1h > 0", replace(FACTS, unread=True))[1] == "origin_count_1h could not be read"
    known = replace(FACTS, velocity={"origin_count_1h": Decimal(1)})
    assert state("origin_count_1h > 0", known)[0] == "held"
    assert policy("origin_count_1h > 0").asked(NOW).velocities == {"origin_count_1h"}


def test_the_time_is_when_it_happened_in_the_types_zone() -> None:
    unsent = replace(FACTS.transaction, occurred_at=None)  # type: ignore[type-var]
    assert state("occurred_at == created", replace(FACTS, transaction=unsent))[1] == "not held"
    parsed = replace(FACTS, occurred_at=FACTS.transaction.occurred_at or NOW)
    assert state("hour(occurred_at) == 23", parsed, BERLIN)[0] == "held"


def test_a_policy_keeps_the_kinds_of_what_it_names_and_one_of_before_says_no_more() -> None:
    kept = policy("attempts > 2", 'currency == "EUR"').model_dump()["names"]
    assert kept == {"fields": {"attempts": "integer", "currency": "category"}, "aggregates": {}, "zone": "UTC"}
    assert "names" not in Policy(version=1, thresholds=THRESHOLDS).model_dump()


def test_fields_of_payments_and_of_what_extends_them(transaction: Any) -> None:
    one: Transaction = transaction(type="TRANSFER")
    facts = Facts(one, NOW, {}, risk=0.7)
    assert state("amount >= oldbalanceOrg / 5 && risk > 0.6", facts, None)[0] == "held"
    sent = {name: value for name, value in one.values.items() if value is not None}
    web = parser_of(version_of(WITH_DEVICE)).read({**sent, "device_id": "d-1"}, "")
    assert state('device_id == "d-1" && type == "TRANSFER"', replace(facts, transaction=web), WITH_DEVICE)[0] == "held"


@pytest.mark.parametrize("text", ["nothing > 1", "amount", "amount >", "amount > 1 &&", "device_id in lists.stolen"])
def test_an_expression_that_does_not_go_with_the_type_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        policy(text)
    assert {one.pointer for one in refused.value.faults} == {"/conditions/0/when"}
    assert "At character" in refused.value.faults[0].detail


def test_an_expression_is_compiled_once() -> None:
    made = policy("attempts > 2")
    assert made.asked(NOW).tests is made.asked(NOW + timedelta(days=1)).tests


def test_a_change_with_clauses_reads_as_before() -> None:
    read = read_policy_change(
        {
            "based_on": 1,
            "thresholds": {"review": 0.5, "block": 0.9},
            "conditions": [{"code": "a", "outcome": "block", "when": [{"field": "amount", "at_least": 5}]}],
        }
    )
    assert isinstance(read, PolicyChange)
    assert isinstance(read.conditions[0].when, tuple)


def test_an_aggregate_of_the_type_is_asked_for_and_read() -> None:
    counting = {**CARD, "aggregates": {"charges": {"count": True, "over": "card"}}}
    assert policy("charges > 2", document=counting).asked(NOW).aggregates == {"charges"}
    known = replace(FACTS, aggregates={"charges": AtLeast(Decimal(1000))})
    assert state("charges > 2", known, counting) == ("held", "")
    assert state("charges > 2000", known, counting)[0] == "not_evaluated"
    assert policy("charges > 2", document=counting).asked(NOW).velocities == frozenset()
