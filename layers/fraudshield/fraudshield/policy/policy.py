"""The policy, as versioned data: which risk is reviewed or blocked, and which rules lower or raise an outcome."""

from bisect import bisect_right
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)

from fraudshield.audit.audit import digest
from fraudshield.policy.clause import Text
from fraudshield.policy.named_field import NamedFields
from fraudshield.policy.outcome import SEVERITY, Outcome, OutcomeName, most_severe
from fraudshield.policy.rule import Code, Condition, Rule, as_rule
from fraudshield.policy.rule_set import RuleSet
from fraudshield.policy.threshold import CategoryThresholds, Share, Thresholds
from fraudshield.text.fault import cross_fault, read_object
from fraudshield.text.json_text import NumberSchema
from fraudshield.text.number import WHOLE, exact
from fraudshield.text.pattern import DURATION
from fraudshield.transaction.pricing import as_rules_read
from fraudshield.transaction.transaction import Transaction

# What the policy is made of is found here too.
__all__ = [
    "SEVERITY",
    "Actor",
    "Code",
    "Condition",
    "Instant",
    "Outcome",
    "OutcomeName",
    "Policy",
    "PolicyChange",
    "Share",
    "Thresholds",
    "first_policy",
    "most_severe",
    "read_policy_change",
]

Instant = Annotated[datetime, PlainSerializer(lambda at: at.isoformat().replace("+00:00", "Z"), return_type=str)]
Actor = Annotated[str, Field(exclude_if=lambda name: not name)]  # who the bearer of the key said to be; often nobody
UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
Within = Annotated[str, StringConstraints(strict=True, pattern=DURATION)]


class Limits(BaseModel):
    """`block_share`: the most of its payments that the version may block, in place of what its test on history says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    block_share: Share


class Control(BaseModel):
    """The share of blocks that is let through to review, up to an amount, so that looser policies can be judged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: Share
    max_amount: Annotated[Decimal, BeforeValidator(exact), Field(gt=0, lt=10**15), NumberSchema()]


MOST_RULES = 200
MOST_CONDITIONS = 20  # of a client that knows no rules


class PolicyRules(BaseModel):
    """What a policy's author writes. `review_within` is the time in which a payment held for review is decided.

    `review_budget` is the share of payments that people can review: thresholds are proposed for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    thresholds: Thresholds
    rules: Annotated[tuple[Rule, ...], Field(max_length=MOST_RULES)] = ()
    by: Annotated[CategoryThresholds | None, Field(exclude_if=lambda by: by is None)] = None
    limits: Annotated[Limits | None, Field(exclude_if=lambda limits: limits is None)] = None
    control: Annotated[Control | None, Field(exclude_if=lambda control: control is None)] = None
    note: Text = ""
    review_within: Annotated[Within | None, Field(exclude_if=lambda within: within is None)] = None
    review_budget: Annotated[Share | None, Field(exclude_if=lambda budget: budget is None)] = None

    @property
    def decided_within(self) -> timedelta | None:
        """`review_within` as a length of time; None where reviews may take as long as they do."""
        if self.review_within is None:
            return None
        return timedelta(seconds=int(self.review_within[:-1]) * UNIT_S[self.review_within[-1]])

    @property
    def content(self) -> dict[str, Any]:
        """All that its author wrote, by name, for another version."""
        return {name: getattr(self, name) for name in PolicyRules.model_fields}

    @property
    def conditions(self) -> tuple[Rule, ...]:
        """The rules that can be said as conditions, for clients that know no rules."""
        return tuple(rule for rule in self.rules if rule.is_condition)


class PolicyChange(BaseModel):
    """The next version, and the one that its author had read.

    Without `rules` it replaces thresholds and those rules that can be said as conditions, and keeps all else of the
    version it is based on. With `force` thresholds are taken that would flag far more of what came lately than those
    in force. Without `review_within` it stays as it was; null ends it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    thresholds: Thresholds
    conditions: Annotated[tuple[Condition, ...], Field(max_length=MOST_CONDITIONS)] = ()
    rules: Annotated[tuple[Rule, ...] | None, Field(max_length=MOST_RULES)] = None
    note: Text = ""
    review_within: Within | None = None
    based_on: Annotated[int, Field(strict=True, ge=1), WHOLE]
    force: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.rules is not None and self.conditions:
            raise cross_fault("conditions_and_rules", "conditions or rules should be given, not both", "conditions")
        return self

    def of(self, before: "Policy") -> PolicyRules:
        """What the version says that follows on `before`."""
        kept = [rule for rule in before.rules if not rule.is_condition]
        rules = (*map(as_rule, self.conditions), *kept) if self.rules is None else self.rules
        content = before.content
        content |= {name: getattr(self, name) for name in ("note", "review_within") if name in self.model_fields_set}
        content |= {"thresholds": self.thresholds, "rules": rules}
        return PolicyRules(**content)


class Policy(PolicyRules):
    """One version of the policy. Version 1 is `first_policy`; every change makes the next one.

    `names` are the fields that its expressions name, as the event type had them when it was stored.
    """

    version: Annotated[int, Field(ge=1)]
    names: Annotated[NamedFields, Field(exclude_if=lambda names: names == NamedFields())] = NamedFields()
    created_at: Instant | None = None
    created_by: str = ""
    actor: Actor = ""
    based_on: Annotated[int | None, Field(exclude_if=lambda version: version is None)] = None
    activated_at: Annotated[Instant | None, Field(exclude_if=lambda at: at is None)] = None
    activated_by: Actor = ""

    @model_validator(mode="wrap")
    @classmethod
    def _with_conditions_as_rules(cls, stored: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        """Versions of before there were rules have conditions, which are rules."""
        if isinstance(stored, dict) and "conditions" in stored:
            conditions = stored["conditions"]
            stored = {name: value for name, value in stored.items() if name != "conditions"} | {"rules": conditions}
        return read(stored)

    @model_serializer(mode="wrap")
    def _as_stored(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Where conditions say it all it is written so: the release before can read it, should it come back."""
        written: dict[str, Any] = write(self)
        if len(self.conditions) == len(self.rules) <= MOST_CONDITIONS:
            at = list(written).index("rules")
            members = list(written.items())
            return dict([*members[:at], ("conditions", written["rules"]), *members[at + 1 :]])
        return written

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that it decides by: not of its number, its note, and who made it when of what."""
        return digest(self.model_dump(include={*PolicyRules.model_fields, "names"} - {"note"}))

    def asked(self, at: datetime) -> RuleSet:
        """Its rules but those that have expired by then."""
        if not self._ends:
            return self._rule_set
        passed = bisect_right(self._ends, at)
        if passed not in self._rule_sets:
            self._rule_sets[passed] = RuleSet(tuple(rule for rule in self.rules if rule.is_asked(at)), self.names)
        return self._rule_sets[passed]

    def thresholds_of(self, transaction: Transaction) -> Thresholds:
        """The thresholds for a payment: those of its category, where there are such."""
        if self.by is None:
            return self.thresholds
        value = as_rules_read(transaction).get(self.by.field)
        return self.by.thresholds.get(value, self.thresholds) if isinstance(value, str) else self.thresholds

    @cached_property
    def _ends(self) -> list[datetime]:
        return sorted(rule.expires_at for rule in self.rules if rule.expires_at)

    @cached_property
    def _rule_set(self) -> RuleSet:
        return RuleSet(self.rules, self.names)

    @cached_property
    def _rule_sets(self) -> dict[int, RuleSet]:
        return {}


# What the first model proposed. They are the product's own and not those of the model that a process has loaded: a
# decision by version 1 was made by these, whichever model or rules it was made with.
FIRST_THRESHOLDS = Thresholds(review=0.0279, block=0.3923)


def first_policy(thresholds: Thresholds = FIRST_THRESHOLDS) -> Policy:
    """Version 1: in force until somebody stores another."""
    return Policy(version=1, thresholds=thresholds, note="what FraudShield comes with")


def read_policy_change(body: object) -> PolicyChange:
    """A change as it was sent.

    Raises:
        Malformed: not an object.
        InvalidInput: with a fault per field.
    """
    return read_object(body, PolicyChange, "thresholds and based_on", "The policy is not valid", "invalid_policy")
