"""The order in which thresholds, rules and breakers decide: each step may change what stood before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from fraudshield.policy.judgement import RuleFinding
from fraudshield.policy.outcome import SEVERITY, Outcome, most_severe

State = Literal["held", "not_evaluated"]
# The step whose outcome stood in the end. `default`: without a model nothing is asked before the rules, so it approves.
Step = Literal["default", "thresholds", "stand_in_rules", "approve_rules", "rules", "breaker", "control"]
STEPS: tuple[Step, ...] = get_args(Step)


@dataclass(frozen=True, slots=True)
class OpenBreakers:
    """What may not block for now: the whole version, or rules by their codes. `limit: none` is exempt."""

    version: bool = False
    rules: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.version or bool(self.rules)


RAISING = (Outcome.REVIEW, Outcome.BLOCK)
CLOSED = OpenBreakers()
ALL_OPEN = OpenBreakers(version=True)


@dataclass(frozen=True, slots=True)
class RuleState:
    """A rule that held, or that was not evaluated; `why` says what was missing then.

    `overruled`: it held, and something milder or more severe was decided against it. `counted`: the outcome that it
    gave all the same, though it was not evaluated.
    """

    code: str
    outcome: Outcome
    state: State
    why: str = ""
    overruled: bool = False
    counted: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the steps come to. `given` is the most severe outcome that rules gave, `raised` those that gave one.

    `limited` says that a breaker made a review of a block. `held_to` are the codes of rules that gave a block which
    breakers can hold back; empty where the first step alone did, None where nothing did, or a rule that none limits.
    """

    outcome: Outcome
    decided_by: Step
    given: Outcome
    raised: tuple[RuleFinding, ...]
    limited: bool = False
    held_to: tuple[str, ...] | None = None


def in_order(
    first: Outcome, first_step: Step, findings: Sequence[RuleFinding], breakers: OpenBreakers = CLOSED
) -> Ruling:
    """Lowers the first outcome by approve rules, raises it by the others, and keeps open breakers from blocking.

    An approve rule lowers a block only with `overrides_block`. A block stands while one that gave it may block.
    """
    if not findings and not breakers:
        given = first if first_step == "stand_in_rules" else Outcome.APPROVE
        return Ruling(first, first_step, given, (), held_to=() if first is Outcome.BLOCK else None)
    lowered, step = _lowered(first, first_step, findings)
    raised = tuple(one for one in findings if one.outcome in RAISING)
    most = most_severe(one.outcome for one in raised if one.outcome)
    outcome = most_severe([lowered, most])
    if outcome is not lowered:
        step = "rules"
    given = most_severe([most, lowered if first_step == "stand_in_rules" else Outcome.APPROVE])
    held_to = _held_to(raised) if outcome is Outcome.BLOCK else None
    if held_to is not None and breakers and not _stands(lowered, held_to, breakers):
        return Ruling(Outcome.REVIEW, "breaker", given, raised, limited=True, held_to=held_to)
    return Ruling(outcome, step, given, raised, held_to=held_to)


def states(findings: Sequence[RuleFinding], outcome: Outcome) -> tuple[RuleState, ...]:
    """What is said of rules in a decision with this outcome."""
    return tuple(_state(one, outcome) for one in findings)


def _lowered(first: Outcome, step: Step, findings: Sequence[RuleFinding]) -> tuple[Outcome, Step]:
    approving = [one.rule for one in findings if one.outcome is Outcome.APPROVE]
    if first is Outcome.APPROVE or not approving:
        return first, step
    if first is Outcome.BLOCK and not any(rule.overrides_block for rule in approving):
        return first, step
    return Outcome.APPROVE, "approve_rules"


def _held_to(raised: Sequence[RuleFinding]) -> tuple[str, ...] | None:
    blocking = [one.rule for one in raised if one.outcome is Outcome.BLOCK]
    return None if any(rule.limit for rule in blocking) else tuple(rule.code for rule in blocking)


def _stands(lowered: Outcome, held_to: Sequence[str], breakers: OpenBreakers) -> bool:
    if breakers.version:
        return False
    return lowered is Outcome.BLOCK or any(code not in breakers.rules for code in held_to)


def _state(found: RuleFinding, outcome: Outcome) -> RuleState:
    rule = found.rule
    if found.missing is not None:
        return RuleState(rule.code, rule.outcome, "not_evaluated", found.missing.detail, counted=found.outcome)
    approves = rule.outcome is Outcome.APPROVE
    overruled = outcome is not rule.outcome if approves else SEVERITY[outcome] < SEVERITY[rule.outcome]
    return RuleState(rule.code, rule.outcome, "held", overruled=overruled)
