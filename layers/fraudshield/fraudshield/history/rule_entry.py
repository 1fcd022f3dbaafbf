"""The rules of a stored decision in words: the text of each with the values that it read then."""

from collections.abc import Mapping

from fraudshield.event_type.event_type import EventType
from fraudshield.history.record import StoredRecord
from fraudshield.policy.judgement import Facts
from fraudshield.policy.policy import Policy
from fraudshield.policy.rule_text import texts_with_values
from fraudshield.rate.rate import Rates
from fraudshield.scoring.decision import VELOCITY_UNREAD, Decision
from fraudshield.scoring.response import Entry, RuleEntry
from fraudshield.transaction.pricing import priced


def with_texts(shown: Entry | None, texts: Mapping[str, str]) -> Entry | None:
    """A decision's entry with the text of each rule that has one."""
    if shown is None or "rules" not in shown:
        return shown
    rules: list[RuleEntry] = [
        {**one, "text_with_values": texts[one["code"]]} if one["code"] in texts else one for one in shown["rules"]
    ]
    return {**shown, "rules": rules}


def rule_texts(
    stored: StoredRecord, decision: Decision, policy: Policy, event_type: EventType, rates: Rates, *, mask: bool
) -> dict[str, str]:
    """The text of each rule that was asked, by code; with `mask` personal fields show no value."""
    facts = Facts(
        priced(stored.transaction, stored.occurred_at, lambda: rates),
        stored.occurred_at,
        decision.velocity,
        decision.risk if decision.source == "model" else None,
        VELOCITY_UNREAD in decision.degraded,
        {name: one.reading for name, one in decision.aggregates.items()},
    )
    personal = [name for name, field in event_type.all_fields.items() if field.personal]
    return texts_with_values(policy.asked(decision.decided_at), facts, personal if mask else ())
