"""Examples of rules: payments with the outcome that the whole version should give them, tried at every change."""

from collections.abc import Iterator
from datetime import datetime

from fraudshield.errors import Fault, InvalidInput
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import NAME
from fraudshield.policy.judgement import Facts, judge
from fraudshield.policy.named_field import NamedFields
from fraudshield.policy.order import Ruling, Step, in_order
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.policy import Policy
from fraudshield.policy.rule import RuleExample
from fraudshield.rate.rate import NO_RATES
from fraudshield.transaction.parser import parser_of, read_transaction
from fraudshield.transaction.pricing import priced
from fraudshield.transaction.transaction import Transaction


def check_examples(policy: Policy, event_type: EventType, at: datetime) -> None:
    """Raises InvalidInput: with a fault for each example that cannot be read, or gets another outcome."""
    faults = [fault for fault in _faults(policy, event_type, at) if fault]
    if faults:
        raise InvalidInput("The policy is not valid", faults, code="invalid_policy")


def _faults(policy: Policy, event_type: EventType, at: datetime) -> Iterator[Fault]:
    for number, rule in enumerate(policy.rules):
        if not rule.is_asked(at):
            continue
        for place, example in enumerate(rule.examples):
            pointer = f"/rules/{number}/examples/{place}"
            try:
                found = outcome_of(example, policy, event_type, at)
            except InvalidInput as exc:
                yield from (Fault(pointer + fault.pointer, fault.detail, fault.code) for fault in exc.faults)
                continue
            if found.outcome is not example.outcome:
                says = f"This example of the rule {rule.code} should be {example.outcome}, and is {_said(found)}"
                yield Fault(pointer, says, "example")


def outcome_of(example: RuleExample, policy: Policy, event_type: EventType, at: datetime) -> Ruling:
    """What a version gives an example. Raises InvalidInput: its transaction is none of the event type."""
    facts = facts_of(example, policy.names, event_type, at)
    first: tuple[Outcome, Step] = (Outcome.APPROVE, "default")
    if facts.risk is not None:
        first = policy.thresholds_of(facts.transaction).outcome(facts.risk), "thresholds"
    return in_order(*first, judge(policy.asked(at), facts))


def facts_of(example: RuleExample, names: NamedFields, event_type: EventType, at: datetime) -> Facts:
    """What rules read of an example. Lists that it does not fill are empty.

    Raises InvalidInput: its transaction is none of the event type.
    """
    sent = _read(example, event_type)
    occurred_at = sent.occurred_at or at
    held = {name: frozenset(example.lists.get(name, ())) for name in {*names.lists, *example.lists}}
    return Facts(
        priced(sent, occurred_at, lambda: NO_RATES),
        occurred_at,
        velocity=example.values,
        risk=None if example.risk is None else float(example.risk),
        aggregates=example.values,
        lists=held,
    )


def _read(example: RuleExample, event_type: EventType) -> Transaction:
    if event_type.name == NAME:
        return read_transaction(example.transaction, "/transaction")
    return parser_of(event_type).read(example.transaction, "/transaction")


def _said(found: Ruling) -> str:
    rules = ", ".join(one.rule.code for one in found.raised)
    return f"{found.outcome} by {rules}" if rules else f"{found.outcome} ({found.decided_by})"
