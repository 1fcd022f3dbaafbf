"""A scored transaction as a DynamoDB item, and back: exact both ways, so that a replay is byte-identical.

Kept under 1 KB for an approved transaction (one write unit): nothing that is empty is written, and the
indexed attributes are those that the lists show.
"""

import json
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fraudshield.aggregate.dynamo_item import AGGREGATES, aggregates_in, aggregates_map
from fraudshield.policy.order import STEPS, RuleState, Step
from fraudshield.policy.policy import Outcome
from fraudshield.predictor.prediction import Reason
from fraudshield.scoring.decision import FIRST_FORM, Decision, ScoredTransaction, expected_loss
from fraudshield.text.json_text import json_text
from fraudshield.text.stored_number import number_attribute, number_in, stored_float, stored_number
from fraudshield.text.timestamp import instant
from fraudshield.transaction.dynamo import received_at, transaction_of, undecided_item
from fraudshield.transaction.dynamo_money import RATES_VERSION
from fraudshield.transaction.dynamo_own import event_type_in
from fraudshield.transaction.source import Source
from fraudshield.value_list.dynamo_record import LISTS, answers_in, answers_map

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

HELD_TO = "held_to"  # of a payment that was blocked, or would have been: the rules that are held to a limit for it
USUAL_STEP: Step = "thresholds"  # which is not written: most decisions are theirs


def to_item(scored: ScoredTransaction, source: Source, retention_days: int = 0) -> "Item":
    """Every attribute of the stored transaction; `expires_at` only where something is to age out."""
    sent = undecided_item(scored.transaction, scored.occurred_at, scored.received_at, retention_days)
    decided = _decided(scored) | _by_rules(scored.decision) | _sometimes(scored)
    return sent | {"source": {"S": source}} | decided


def from_item(item: "Item") -> ScoredTransaction:
    """What `to_item` was given."""
    features = tuple(map(number_in, item["features"]["L"])) if "risk" in item else ()
    occurred_at = datetime.fromisoformat(item["occurred_at"]["S"])
    return ScoredTransaction(transaction_of(item), occurred_at, received_at(item), features, decision_of(item))


def decision_of(item: "Item") -> Decision:
    """The decision of a transaction's item, or of a decision that is stored beside it."""
    return Decision(
        transaction_id=item["transaction_id"]["S"],
        risk=float(item["risk"]["N"]) if "risk" in item else None,
        prediction=int(item["prediction"]["N"]),
        outcome=Outcome(item["outcome"]["S"]),
        model_version=item["model_version"]["S"] if "risk" in item else None,
        policy_version=int(item["policy_version"]["N"]),
        source="rules" if item["decision_source"]["S"] == "rules" else "model",
        decided_at=datetime.fromisoformat(item["decided_at"]["S"]),
        reasons=_reasons(item),
        reasons_pending="reasons_pending" in item,
        degraded=_texts(item, "degraded"),
        quality=_texts(item, "quality"),
        velocity=_velocity(item),
        aggregates=aggregates_in(item),
        lists=answers_in(item),
        rule_threshold=float(item["rule_threshold"]["N"]) if "rule_threshold" in item else 0.0,
        form=int(item["form"]["N"]) if "form" in item else FIRST_FORM,
        event_type=event_type_in(item),
        rules=_rules(item),
        decided_by=_decided_by(item),
        rates_version=int(item[RATES_VERSION]["N"]) if RATES_VERSION in item else 0,
        control_share=float(item["control_share"]["N"]) if "control_share" in item else None,
        held_to=_texts(item, HELD_TO) if HELD_TO in item else None,
    )


def _decided(scored: ScoredTransaction) -> "Item":
    decision = scored.decision
    item: Item = {
        "decided_at": {"S": instant(decision.decided_at)},
        "prediction": {"N": str(decision.prediction)},
        "outcome": {"S": decision.outcome},
        "policy_version": {"N": str(decision.policy_version)},
        "decision_source": {"S": decision.source},
    }
    if decision.risk is not None and decision.model_version is not None:
        item["features"] = {"L": [number_attribute(value) for value in scored.features]}
        item["risk"] = {"N": repr(decision.risk)}
        item["model_version"] = {"S": decision.model_version}
    return item


def _by_rules(decision: Decision) -> "Item":
    item: Item = {}
    if decision.rules:
        item["rules"] = {"S": json_text([_said(state) for state in decision.rules])}
    if decision.decided_by != USUAL_STEP:
        item["decided_by"] = {"S": decision.decided_by}
    if decision.control_share is not None:
        item["control_share"] = {"N": stored_float(decision.control_share)}
    if decision.held_to is not None:
        item[HELD_TO] = {"L": [{"S": code} for code in decision.held_to]}
    return item


def _sometimes(scored: ScoredTransaction) -> "Item":
    decision = scored.decision
    item: Item = {}
    if decision.form != FIRST_FORM:
        item["form"] = {"N": str(decision.form)}
    if decision.rule_threshold:
        item["rule_threshold"] = {"N": stored_float(decision.rule_threshold)}
    if decision.reasons:
        item["reasons"] = {"S": json_text([asdict(reason) for reason in decision.reasons])}
    if decision.reasons_pending:
        item["reasons_pending"] = {"BOOL": True}
    if decision.degraded:
        item["degraded"] = {"L": [{"S": what} for what in decision.degraded]}
    if decision.quality:
        item["quality"] = {"L": [{"S": flag} for flag in decision.quality]}
    if decision.velocity:
        item["velocity"] = {"M": {name: {"N": stored_number(value)} for name, value in decision.velocity.items()}}
    if decision.aggregates:
        item[AGGREGATES] = aggregates_map(decision.aggregates)
    if decision.lists:
        item[LISTS] = answers_map(decision.lists)
    if decision.rates_version:
        item[RATES_VERSION] = {"N": str(decision.rates_version)}
    if decision.outcome is not Outcome.APPROVE:
        item["review_queue"] = {"S": decision.outcome}
        if codes := codes_of(decision):
            item["codes"] = {"L": [{"S": code} for code in codes]}
        item["expected_loss"] = {"N": format(expected_loss(scored), "f")}
    return item


def codes_of(decision: Decision) -> list[str]:
    """What a decision is found by: the codes of its reasons, and of rules also `rule:` and the code."""
    reasons = {reason.code for reason in decision.reasons}
    return sorted(reasons | {f"rule:{reason.code}" for reason in decision.reasons if reason.feature is None})


def _reasons(item: "Item") -> tuple[Reason, ...]:
    stored = json.loads(item["reasons"]["S"], parse_float=_as_written) if "reasons" in item else ()
    return tuple(Reason(**reason) for reason in stored)


def _rules(item: "Item") -> tuple[RuleState, ...]:
    stored = json.loads(item["rules"]["S"]) if "rules" in item else ()
    return tuple(map(_state, stored))


def _state(stored: dict[str, Any]) -> RuleState:
    outcomes: dict[str, Any] = {name: Outcome(stored[name]) for name in ("outcome", "counted") if name in stored}
    return RuleState(**stored | outcomes)


def _said(state: RuleState) -> dict[str, object]:
    """A rule's state without what it does not say, so that the release before can read most of them."""
    return {name: value for name, value in asdict(state).items() if value or name not in ("overruled", "counted")}


def _decided_by(item: "Item") -> Step:
    named = item["decided_by"]["S"] if "decided_by" in item else USUAL_STEP
    return next(step for step in STEPS if step == named)


def _as_written(text: str) -> float | Decimal:
    """The number that is written so again: a float64 where it is spelled as one."""
    near = float(text)
    return near if repr(near) == text else Decimal(text)


def _velocity(item: "Item") -> dict[str, Decimal]:
    stored = item["velocity"]["M"] if "velocity" in item else {}
    return {name: Decimal(value["N"]) for name, value in sorted(stored.items())}


def _texts(item: "Item", name: str) -> tuple[str, ...]:
    return tuple(text["S"] for text in item[name]["L"]) if name in item else ()
