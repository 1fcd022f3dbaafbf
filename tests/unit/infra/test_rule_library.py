"""The library of rules: each goes with its event type, and its two examples come out as it says."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fraudshield.errors import InvalidInput
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.policy.checked_rules import checked_rules
from fraudshield.policy.judgement import Facts, judge
from fraudshield.policy.order import in_order
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.policy import Policy, Thresholds
from fraudshield.policy.rule import Rule, RuleExample
from fraudshield.rate.rate import NO_RATES
from fraudshield.text import strict_json
from fraudshield.transaction.occurrence import Occurrence
from fraudshield.transaction.parser import parser_of, read_transaction
from fraudshield.transaction.pricing import priced
from infra import rule_library
from infra.rule_library import LIBRARY, event_type_of, read, sources

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
THRESHOLDS = Thresholds(review=0.05, block=0.5)


def rule_of(entry: dict[str, Any]) -> Rule:
    """As the API reads it."""
    return Rule.model_validate(strict_json.parse(json.dumps(entry["rule"]).encode()))


def outcome(entry: dict[str, Any], rule: Rule, example: RuleExample) -> Outcome:
    """What a version with this rule alone gives an example."""
    event_type = event_type_of(entry["event_type"])
    names = checked_rules({"/rules": [rule]}, event_type, entry["lists"])
    policy = Policy(version=2, thresholds=THRESHOLDS, rules=(rule,), names=names)
    parse = read_transaction if event_type is BUILT_IN else parser_of(event_type).read
    sent = parse(example.transaction, "/transaction")
    at = sent.occurred_at or NOW
    found = Occurrence(priced(sent, at, lambda: NO_RATES), at)
    lists = {name: frozenset(example.lists.get(name, ())) for name in names.lists}
    risk = None if example.risk is None else float(example.risk)
    facts = Facts(found.transaction, at, example.values, risk, aggregates=example.values, lists=lists)
    first = Outcome.APPROVE if risk is None else THRESHOLDS.outcome(risk)
    return in_order(first, "thresholds", judge(policy.asked(NOW), facts)).outcome


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.stem)
def test_a_rule_holds_for_its_first_example_and_not_for_its_second(path: Path) -> None:
    entry = read(path)
    rule = rule_of(entry)
    assert rule.code == path.stem
    holds, does_not = rule.examples
    assert outcome(entry, rule, holds) is holds.outcome is rule.outcome
    assert outcome(entry, rule, does_not) is does_not.outcome is not rule.outcome


def test_an_example_that_comes_out_otherwise_is_noticed() -> None:
    entry = read(rule_library.RULES / "structuring.yaml")
    rule = rule_of(entry)
    planted = rule.model_copy(update={"when": str(rule.when).replace("9000", "9600")})
    assert outcome(entry, planted, rule.examples[0]) is not rule.outcome


def test_a_rule_that_does_not_go_with_its_type_is_refused(tmp_path: Path) -> None:
    source = (rule_library.RULES / "mule_account.yaml").read_text(encoding="utf-8")
    for planted in (
        source.replace("nameDest in", "payee in"),
        source.replace("lists:\n  mule_accounts: account\n", ""),
    ):
        path = tmp_path / "mule_account.yaml"
        path.write_text(planted, encoding="utf-8")
        with pytest.raises(InvalidInput):
            read(path)


def test_what_is_served_is_what_the_files_say() -> None:
    assert LIBRARY.read_text(encoding="utf-8") == rule_library.text(), "run `python -m infra.rule_library`"


def test_there_are_rules_for_both_types_and_each_says_what_it_reads() -> None:
    served = rule_library.library()
    assert len(served) >= 15
    assert {one["event_type"] for one in served} == {"payment", "card_payment"}
    reads = {one["rule"]["code"]: one["reads"] for one in served}
    assert reads["account_emptied"] == {"queries": 0, "look_ups": 0}
    assert reads["card_far_above_usual"] == {"queries": 1, "look_ups": 0}
    assert reads["stolen_card"] == {"queries": 0, "look_ups": 1}
