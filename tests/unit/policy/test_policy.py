"""The policy as data: what an author may write, and when a condition holds."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fraudshield.errors import Fault, InvalidInput, Malformed
from fraudshield.policy.clause import AMOUNTS, Clause
from fraudshield.policy.judgement import Facts, judge
from fraudshield.policy.policy import (
    FIRST_THRESHOLDS,
    Outcome,
    Policy,
    Thresholds,
    first_policy,
    read_policy_change,
)
from fraudshield.policy.rule import Rule
from fraudshield.text import strict_json
from fraudshield.text.json_text import json_text
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.fakes import NOW

Make = Callable[..., BuiltInTransaction]
AMENDED: dict[str, Any] = {"based_on": 1, "thresholds": {"review": Decimal("0.02"), "block": Decimal("0.4")}}


def change(**members: Any) -> dict[str, Any]:
    return AMENDED | members


def condition(*when: Any, code: object = "large", outcome: object = "review") -> dict[str, Any]:
    return {"code": code, "outcome": outcome, "when": list(when)}


def faults(body: Any) -> tuple[Fault, ...]:
    with pytest.raises(InvalidInput) as refused:
        read_policy_change(body)
    assert refused.value.code == "invalid_policy"
    return refused.value.faults


@pytest.mark.parametrize("body", [None, [], "policy", 1, True])
def test_a_change_is_an_object(body: object) -> None:
    with pytest.raises(Malformed, match="Expected an object"):
        read_policy_change(body)


def test_a_change_needs_thresholds_and_the_version_it_is_based_on() -> None:
    assert {fault.pointer for fault in faults({})} == {"/thresholds", "/based_on"}


@pytest.mark.parametrize("share", [0, Decimal("-0.1"), Decimal("1.0001"), True, "0.5", None, 10**400])
@pytest.mark.parametrize("which", ["review", "block"])
def test_a_threshold_is_over_0_and_at_most_1(which: str, share: object) -> None:
    [fault] = faults(change(thresholds=AMENDED["thresholds"] | {which: share}))
    assert fault.pointer == f"/thresholds/{which}"


def test_thresholds_may_meet_but_not_cross() -> None:
    assert Thresholds(review=0.5, block=0.5).block == 0.5
    [fault] = faults(change(thresholds={"review": Decimal("0.5"), "block": Decimal("0.4999")}))
    assert (fault.pointer, fault.code) == ("/thresholds/block", "thresholds_order")


@pytest.mark.parametrize("share", [float("nan"), float("inf")])
def test_a_threshold_is_a_finite_number(share: float) -> None:
    with pytest.raises(ValidationError):
        Thresholds(review=share, block=1)


@pytest.mark.parametrize("version", [0, True, Decimal("1.5"), "1", None])
def test_a_version_is_a_whole_number_from_1(version: object) -> None:
    [fault] = faults(change(based_on=version))
    assert fault.pointer == "/based_on"


@pytest.mark.parametrize(
    ("clause", "pointer"),
    [
        ({"field": "step", "at_least": 1}, "/field"),
        ({"field": "amount"}, "/at_least"),
        ({"field": "amount", "any_of": ["1"]}, "/field"),
        ({"field": "type", "at_least": 1}, "/field"),
        ({"field": "type", "any_of": ["TRANSFER"], "at_most": 1}, "/at_least"),
        ({"field": "type", "any_of": []}, "/any_of"),
        ({"field": "type", "any_of": [1]}, "/any_of/0"),
        ({"field": "nameOrig", "any_of": ["x" * 201]}, "/any_of/0"),
        ({"field": "nameOrig", "any_of": ["x"] * 1001}, "/any_of"),
        ({"field": "amount", "at_least": "1"}, "/at_least"),
        ({"field": "amount", "at_least": True}, "/at_least"),
        ({"field": "amount", "at_most": 10**15}, "/at_most"),
        ({"field": "amount", "at_least": 1, "more": 1}, "/more"),
    ],
)
def test_a_clause_that_makes_no_sense_is_refused_at_its_place(clause: object, pointer: str) -> None:
    [fault] = faults(change(conditions=[condition(clause)]))
    assert fault.pointer == f"/conditions/0/when/0{pointer}"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        (condition(), "/when"),
        (condition(*[{"field": "amount", "at_least": 1}] * 11), "/when"),
        (condition({"field": "amount", "at_least": 1}, outcome="approve"), "/outcome"),
        (condition({"field": "amount", "at_least": 1}, code="Large"), "/code"),
        (condition({"field": "amount", "at_least": 1}, code="x" * 64), "/code"),
        (condition({"field": "amount", "at_least": 1}, code=7), "/code"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused_at_its_place(wrong: object, pointer: str) -> None:
    [fault] = faults(change(conditions=[wrong]))
    assert fault.pointer == f"/conditions/0{pointer}"


def test_a_policy_has_at_most_fifty_conditions() -> None:
    one = condition({"field": "amount", "at_least": 1})
    assert len(read_policy_change(change(conditions=[one] * 20)).conditions) == 20
    [fault] = faults(change(conditions=[one] * 21))
    assert fault.pointer == "/conditions"


@pytest.mark.parametrize(
    ("bounds", "amount", "held"),
    [
        ({"at_least": 1000}, 999.99, False),
        ({"at_least": 1000}, 1000, True),
        ({"at_most": 1000}, 1000, True),
        ({"at_most": 1000}, 1000.01, False),
        ({"at_least": 10, "at_most": 20}, 9.99, False),
        ({"at_least": 10, "at_most": 20}, 15, True),
        ({"at_least": 10, "at_most": 20}, 20.01, False),
    ],
)
def test_bounds_are_inclusive(transaction: Make, bounds: dict[str, Any], amount: float, held: bool) -> None:
    assert Clause(field="amount", **bounds).holds(transaction(amount=amount), {}) is held


@pytest.mark.parametrize(("kind", "held"), [("TRANSFER", True), ("CASH_OUT", True), ("PAYMENT", False)])
def test_a_text_is_any_of_a_list(transaction: Make, kind: str, held: bool) -> None:
    assert Clause(field="type", any_of=("TRANSFER", "CASH_OUT")).holds(transaction(type=kind), {}) is held


@pytest.mark.parametrize("field", sorted(AMOUNTS))
def test_every_amount_and_balance_can_be_tested(transaction: Make, field: Any) -> None:
    clause = Clause(field=field, at_least=Decimal(77))
    assert clause.holds(transaction(**{field: 77}), {})
    assert not clause.holds(transaction(**{field: 76}), {})


def test_a_condition_holds_when_every_clause_does(transaction: Make) -> None:
    both = Rule(
        code="large_transfer",
        outcome=Outcome.REVIEW,
        when=(Clause(field="type", any_of=("TRANSFER",)), Clause(field="amount", at_least=Decimal(200))),
    )
    policy = Policy(version=2, thresholds=FIRST_THRESHOLDS, rules=(both,))

    def held(**sent: Any) -> tuple[Rule, ...]:
        return tuple(one.rule for one in judge(policy.asked(NOW), Facts(transaction(**sent), NOW, {})))

    assert held(type="TRANSFER", amount=200) == (both,)
    assert held(type="TRANSFER", amount=199) == held(type="PAYMENT", amount=200) == ()


def test_the_first_version_keeps_the_thresholds_that_the_first_model_proposed() -> None:
    assert first_policy().version == 1
    assert first_policy().thresholds == FIRST_THRESHOLDS == Thresholds(review=0.0279, block=0.3923)


bounds = st.decimals(min_value=-(10**9), max_value=10**9, places=4).map(Decimal.normalize)
shares = st.floats(min_value=1e-120, max_value=1) | st.decimals("1e-28", 1, places=28)


@given(first=shares, second=shares, least=bounds, note=st.text(max_size=200))
def test_a_policy_is_read_back_from_its_json_exactly(
    first: float | Decimal, second: float | Decimal, least: Decimal, note: str
) -> None:
    clauses = (Clause(field="amount", at_least=least), Clause(field="nameDest", any_of=(note,)))
    policy = Policy(
        version=2,
        thresholds=Thresholds(review=min(first, second), block=max(first, second)),
        rules=(Rule(code="c", outcome=Outcome.BLOCK, when=clauses),),
        note=note,
        created_at=datetime(2026, 11, 24, 10, 0, 0, 1, tzinfo=UTC),
        created_by="a-key",
    )
    stored = json_text(policy.model_dump(exclude_none=True))
    assert Policy.model_validate(strict_json.parse(stored.encode())) == policy


@pytest.mark.parametrize("bound", ["0.30000000000000004", "123456789012345.678901234", "1e-10"])
def test_a_bound_is_shown_and_stored_as_it_was_sent(bound: str) -> None:
    clause = Clause(field="amount", at_least=Decimal(bound))
    assert json_text(clause.model_dump(exclude_none=True)) == f'{{"field":"amount","at_least":{Decimal(bound):f}}}'
