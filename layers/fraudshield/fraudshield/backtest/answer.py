"""The answer of a test on history, from the totals and sums of all its parts."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from typing_extensions import TypedDict

from fraudshield.backtest.account_sums import Accounts
from fraudshield.backtest.control_loss import control_loss
from fraudshield.backtest.paired import Circumstances, PairedDifference, paired_differences, sampled_entities
from fraudshield.backtest.sign_test import SignTest, sign_tests
from fraudshield.backtest.tally import Totals
from fraudshield.label.truth import KNOWN_GENUINE, LabelKind
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.versioning.control_loss import ControlLoss
from fraudshield.text.json_text import Number

LABELS: tuple[LabelKind, ...] = ("fraud", "genuine_said", "genuine_by_age", "young", "blocked")
DECIMALS = 6


class ComparedOutcomes(TypedDict):
    """How many payments have each outcome."""

    approve: int
    review: int
    block: int


class OutcomeMoney(TypedDict):
    """The money of payments with each outcome."""

    approve: Number
    review: Number
    block: Number


class NowAndThen(TypedDict):
    """As it was decided, and as the draft decides it."""

    now: ComparedOutcomes
    then: ComparedOutcomes


class FraudMoney(TypedDict):
    """The money of frauds: all of it, and that of those that were not approved."""

    all: Number
    stopped_now: Number
    stopped_then: Number


class ComparedMoney(TypedDict):
    """Money by outcome as it was decided and as the draft decides it, and the money of frauds."""

    now: OutcomeMoney
    then: OutcomeMoney
    fraud: FraudMoney


class ComparedLabels(TypedDict):
    """Compared payments by what is known of them: see the label's kinds."""

    fraud: int
    genuine_said: int
    genuine_by_age: int
    young: int
    blocked: int


class ComparedRule(TypedDict):
    """What one rule of the draft does: its hits, those that no other rule has, and what they turned out to be.

    `precision` is of the hits whose truth is known; null where it is of none.
    """

    code: str
    hits: int
    alone: int
    amount: Number
    fraud: int
    genuine: int
    precision: float | None
    not_evaluated: int


class ComparedDifference(TypedDict):
    """The draft's measure less that of what was decided, with its interval at 95 %; null where there is none."""

    difference: float | None
    low: float | None
    high: float | None
    entity: str
    accounts: int
    enough: bool
    why_not: str | None
    days_more: int | None


class ComparedSigns(TypedDict):
    """How many accounts are better and worse off, and how likely that is by chance; null with too few of them."""

    better: int
    worse: int
    p: float | None
    entity: str


class UnknowableShare(TypedDict):
    """Of what differs the part that was blocked and has no label: what it was, nobody will know.

    What a control share let through of the like stands for as many.
    """

    payments: float
    money: float


class HistoryAnswer(TypedDict, total=False):
    """What a draft would have decided on stored payments: all of it once that is known.

    `not_kept_share` is of the payments with which something was not kept that the draft's rules read.
    """

    control: ControlLoss
    compared: int
    differs: int
    outcomes: NowAndThen
    money: ComparedMoney
    labels: ComparedLabels
    rules: list[ComparedRule]
    paired: dict[str, ComparedDifference]
    sign_test: dict[str, ComparedSigns]
    enough: bool
    unknowable_share: UnknowableShare
    not_kept_share: float
    drafts_tried: int


def history_answer(
    totals: Totals,
    entities: Mapping[str, Accounts],
    rules: Sequence[str],
    days: float,
    drafts_tried: int,
    control: float | None = None,
) -> HistoryAnswer:
    """`rules` are the codes of the draft's rules, `days` how many were compared, `control` its control share."""
    unknowable = _unknowable(totals)
    at = Circumstances(days, drafts_tried, max(unknowable["payments"], unknowable["money"]))
    paired = {name: _difference(one) for name, one in paired_differences(entities, at).items()}
    tests = sign_tests(sampled_entities(entities), drafts_tried)
    answer: HistoryAnswer = {
        "compared": totals.counts["compared"],
        "differs": totals.counts["differs"],
        "outcomes": {"now": _counted(totals, "now"), "then": _counted(totals, "then")},
        "money": {"now": _summed(totals, "now"), "then": _summed(totals, "then"), "fraud": _fraud_money(totals)},
        "labels": {kind: totals.counts[f"label.{kind}"] for kind in LABELS},  # type: ignore[typeddict-item]
        "rules": [_rule(totals, code) for code in rules],
        "paired": paired,
        "sign_test": {"fraud": _signs(tests.fraud), "genuine": _signs(tests.genuine)},
        "enough": all(one["enough"] for one in paired.values()),
        "unknowable_share": unknowable,
        "not_kept_share": _share(totals.counts["not_kept"], totals.counts["compared"]),
        "drafts_tried": drafts_tried,
    }
    return answer if control is None else {"control": control_loss(totals, control), **answer}


def _counted(totals: Totals, when: str) -> ComparedOutcomes:
    approve, review, block = (totals.counts[f"{when}.{outcome}"] for outcome in Outcome)
    return {"approve": approve, "review": review, "block": block}


def _summed(totals: Totals, when: str) -> OutcomeMoney:
    approve, review, block = (_money(totals, f"{when}.{outcome}") for outcome in Outcome)
    return {"approve": approve, "review": review, "block": block}


def _fraud_money(totals: Totals) -> FraudMoney:
    return {
        "all": _money(totals, "label.fraud"),
        "stopped_now": _money(totals, "fraud.now"),
        "stopped_then": _money(totals, "fraud.then"),
    }


def _rule(totals: Totals, code: str) -> ComparedRule:
    counts = totals.counts
    fraud, genuine = counts[f"rule.{code}.fraud"], sum(counts[f"rule.{code}.{kind}"] for kind in sorted(KNOWN_GENUINE))
    return {
        "code": code,
        "hits": counts[f"rule.{code}.hits"],
        "alone": counts[f"rule.{code}.alone"],
        "amount": _money(totals, f"rule.{code}.hits"),
        "fraud": fraud,
        "genuine": genuine,
        "precision": round(fraud / (fraud + genuine), DECIMALS) if fraud + genuine else None,
        "not_evaluated": counts[f"rule.{code}.not_evaluated"],
    }


def _difference(one: PairedDifference) -> ComparedDifference:
    return {
        "difference": _rounded(one.difference),
        "low": _rounded(one.low),
        "high": _rounded(one.high),
        "entity": one.entity,
        "accounts": one.accounts,
        "enough": one.enough,
        "why_not": one.why_not,
        "days_more": one.days_more,
    }


def _signs(test: SignTest) -> ComparedSigns:
    return {"better": test.better, "worse": test.worse, "p": _rounded(test.p), "entity": test.entity}


def _unknowable(totals: Totals) -> UnknowableShare:
    counts = totals.counts
    nobody, stood_for = "differs.unknowable", "differs.stood_for"
    return {
        "payments": _share(max(0, counts[nobody] - counts[stood_for]), counts["differs"]),
        "money": _share(max(Decimal(0), _money(totals, nobody) - _money(totals, stood_for)), _money(totals, "differs")),
    }


def _share(part: int | Decimal, whole: int | Decimal) -> float:
    return round(float(part / whole), DECIMALS) if whole else 0.0


def _money(totals: Totals, name: str) -> Decimal:
    return totals.money.get(name, Decimal(0))


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, DECIMALS)
