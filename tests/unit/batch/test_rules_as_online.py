"""Random policies over random payments: a file's rows get the outcomes, texts and rule states of the online path."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fraudshield.batch.lists.table import DigestTable
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.policy.checked_rules import checked_rules
from fraudshield.policy.policy import Policy
from fraudshield.policy.rule import Rule
from fraudshield.predictor.without_model import OnePredictor
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.value_list.reader import ListReader
from fraudshield.value_list.value_list import digest_of
from tests.chunk import DRAINED, GOOD, HEADER, judge, predictor, row, score
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakeStore
from tests.value_lists.fake import FakeEntries

WHENS: list[Any] = [
    "amount >= 2000",
    "amount > 999.99 && amount < 1000.01",
    'type == "TRANSFER" && oldbalanceOrg - amount < 1',
    "amount / oldbalanceDest > 2",
    "risk >= 0.3",
    'nameDest.startsWith("M") || step % 2 == 0',
    "origin_count_1h > 0 && amount > 1500",
    "has(occurred_at) && hour(occurred_at) == 10",
    "nameDest in lists.mules",
    "nameOrig.lowerAscii() in lists.small && amount >= 1000",
    "!(nameDest in lists.nobody)",
    [{"field": "amount", "at_least": 1500}, {"field": "type", "any_of": ["TRANSFER", "CASH_OUT"]}],
    [{"field": "origin_count_1h", "at_least": 1}, {"field": "amount", "at_least": 500}],
]
LISTS = {"mules": ["C2"], "small": ["c1", GOOD["nameOrig"].lower()], "nobody": []}
TABLES = {name: DigestTable(b"".join(sorted(map(digest_of, values)))) for name, values in LISTS.items()}
OF_OUTCOME: dict[str, list[dict[str, Any]]] = {
    "approve": [{}, {"overrides_block": True}],
    "review": [{}, {"otherwise": "review"}, {"text": "Looked at"}, {"expires_at": "2026-11-24T09:00:00Z"}],
    "block": [{}, {"otherwise": "review"}, {"limit": "none", "limit_reason": "stolen"}],
}
SHARES = st.sampled_from([0.0001, 0.001, 0.02, 0.3, 0.6, 0.95])
THRESHOLDS = st.tuples(SHARES, SHARES).map(lambda pair: {"review": min(pair), "block": max(pair)})
BY = st.fixed_dictionaries({"TRANSFER": THRESHOLDS}, optional={"PAYMENT": THRESHOLDS, "DEBIT": THRESHOLDS})
AMOUNTS = st.sampled_from(["0", "500", "999.995", "1000", "1999.9999999999999999999", "2000", "900000"])
ROWS = st.fixed_dictionaries(
    {
        "step": st.integers(0, 9).map(str),
        "type": st.sampled_from(["PAYMENT", "TRANSFER", "CASH_OUT", "DEBIT"]),
        "amount": AMOUNTS,
        "oldbalanceOrg": AMOUNTS,
        "nameDest": st.sampled_from(["M1", "C2"]),
        "oldbalanceDest": AMOUNTS,
    }
)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    outcome = draw(st.sampled_from(list(OF_OUTCOME)))
    return {"outcome": outcome, "when": draw(st.sampled_from(WHENS)), **draw(st.sampled_from(OF_OUTCOME[outcome]))}


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    sent = [{"code": f"r{at}", **one} for at, one in enumerate(draw(st.lists(rules(), max_size=6)))]
    read = tuple(map(Rule.model_validate, sent))
    by = {"field": "type", "thresholds": draw(BY)} if draw(st.booleans()) else None
    names = checked_rules({"/rules": read}, BUILT_IN, LISTS)
    return Policy(version=2, thresholds=draw(THRESHOLDS), rules=read, by=by, names=names)


def online(rows: list[dict[str, str]], policy: Policy) -> list[ScoredTransaction]:
    """What the online path decides where velocities cannot be read, as for a file."""
    lists = ListReader(FakeEntries(**LISTS))
    return decided(
        rows,
        Scorer(
            OnePredictor(predictor()),
            FakePolicies(policy),
            FakeStore(),
            FakeParking(),
            FakeAccounts(late=True),
            lambda: NOW,
            lists=lists,
        ),
    )


def decided(rows: list[dict[str, str]], scorer: Scorer) -> list[ScoredTransaction]:
    """What it decides on each, one after the other."""
    numbers = {"amount", "oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest"}
    sent = [
        {
            name: int(cell) if name == "step" else Decimal(cell) if name in numbers else cell
            for name, cell in one.items()
        }
        for one in rows
    ]
    return [scorer.decide([BuiltInTransaction.model_validate(one)], [NOW])[0] for one in sent]


def assert_as_online(policy: Policy, changes: list[dict[str, str]]) -> None:
    rows = [GOOD | one | {"transaction_id": f"t{at}"} for at, one in enumerate(changes)]
    made = score(HEADER + "".join(row(**one) for one in rows), judge(policy, store="all", lists=TABLES))
    decided = online(rows, policy)
    assert made.kept == decided
    reasons = ["; ".join(reason.text for reason in one.decision.reasons) for one in decided]
    assert [(one["decision"], one["reasons"]) for one in made.rows] == [
        (one.decision.outcome.value, said) for one, said in zip(decided, reasons, strict=True)
    ]
    flagged = score(HEADER + "".join(row(**one) for one in rows), judge(policy, lists=TABLES)).kept
    assert flagged == [one for one in decided if one.decision.prediction]


@settings(max_examples=20, phases=[Phase.generate])
@given(policies(), st.lists(ROWS, min_size=1, max_size=8))
def test_a_file_is_decided_as_the_online_path_decides(policy: Policy, rows: list[dict[str, str]]) -> None:
    assert_as_online(policy, rows)


@pytest.mark.long
@settings(max_examples=2000)
@given(policies(), st.lists(ROWS, min_size=1, max_size=40))
def test_many_policies_decide_files_as_the_online_path_does(policy: Policy, rows: list[dict[str, str]]) -> None:
    assert_as_online(policy, rows)


def test_what_a_category_or_an_unread_velocity_holds_up_is_not_passed_over() -> None:
    """Such rows are below the thresholds for all, and no expression holds for them."""
    rule = Rule.model_validate({"code": "r", "outcome": "block", "when": "origin_count_1h > 0", "otherwise": "review"})
    by: Any = {"field": "type", "thresholds": {"TRANSFER": {"review": 0.0001, "block": 0.0002}}}
    names = checked_rules({"/rules": (rule,)}, BUILT_IN)
    high: Any = {"review": 1.0, "block": 1.0}
    strict = Policy(version=2, thresholds=high, by=by)
    assert [
        one["decision"] for one in score(HEADER + row(**DRAINED) + row(transaction_id="t2"), judge(strict)).rows
    ] == [
        "block",
        "approve",
    ]
    unread = Policy(version=2, thresholds=high, rules=(rule,), names=names)
    assert [one["decision"] for one in score(HEADER + row(), judge(unread)).rows] == ["review"]
