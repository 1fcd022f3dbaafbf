"""A chunk of a file: every row is scored as online, or refused with its line, its field and its reason."""

import random
from collections.abc import Iterable, Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudshield.batch.block_scorer import ColumnScorer
from fraudshield.batch.chunk import ChunkScorer
from fraudshield.batch.tally import Tally, added
from fraudshield.policy.clause import Clause
from fraudshield.policy.policy import Outcome, Policy, Thresholds, first_policy
from fraudshield.policy.rule import Rule
from fraudshield.predictor.without_model import OnePredictor
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.chunk import DRAINED, GOOD, HEADER, judge, predictor, row, score
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakeStore


def online(rows: Sequence[dict[str, str]], policy: Policy | None = None) -> list[ScoredTransaction]:
    """Scores the same rows by the online path."""
    transactions = [
        BuiltInTransaction.model_validate(
            {
                name: int(cell) if name == "step" else Decimal(cell) if name in NUMBERS else cell
                for name, cell in one.items()
                if name in BuiltInTransaction.model_fields and cell
            }
        )
        for one in rows
    ]
    policies = FakePolicies(policy or first_policy(predictor().model.thresholds))
    scorer = Scorer(OnePredictor(predictor()), policies, FakeStore(), FakeParking(), FakeAccounts(), lambda: NOW)
    return [scorer.decide([one], [NOW])[0] for one in transactions]


NUMBERS = {"amount", "oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest"}


def assert_as_online(found: list[dict[str, str]], expected: list[ScoredTransaction]) -> None:
    decisions = [one.decision for one in expected]
    assert [one["risk"] for one in found] == [str(one.risk) for one in decisions]
    assert [one["prediction"] for one in found] == [str(one.prediction) for one in decisions]
    assert [one["decision"] for one in found] == [one.outcome.value for one in decisions]
    assert [one["reasons"] for one in found] == ["; ".join(r.text for r in one.reasons) for one in decisions]


def test_a_row_comes_back_as_it_stood_with_its_risk_and_decision_behind_it() -> None:
    made = score(HEADER + row())
    assert made.scored.splitlines()[1] == row().strip() + ",0.0,0,approve,,2026.12.1,1,,"
    assert made.refused == []


def test_a_flagged_row_has_reasons_and_is_kept_under_its_id() -> None:
    made = score(HEADER + row() + row(transaction_id="t2", **DRAINED))
    [flagged] = made.kept
    assert flagged.transaction.transaction_id == made.rows[1]["stored_as"] == "t2"
    assert made.rows[1]["decision"] == flagged.decision.outcome.value != "approve"
    assert made.rows[1]["reasons"] == "; ".join(reason.text for reason in flagged.decision.reasons) != ""
    assert made.rows[0]["stored_as"] == ""


def test_what_is_kept_equals_the_online_decision_in_everything() -> None:
    made = score(HEADER + row(**DRAINED))
    assert made.kept == online([GOOD | DRAINED])


AMOUNTS = st.decimals(min_value=0, max_value=10**7, places=2).map(lambda amount: format(amount, "f"))
BALANCES = st.decimals(min_value=-100, max_value=10**7, places=2).map(lambda amount: format(amount, "f"))
ROWS = st.fixed_dictionaries(
    {
        "step": st.integers(0, 10**9).map(str),
        "type": st.sampled_from(["PAYMENT", "TRANSFER", "CASH_OUT", "CASH_IN", "DEBIT"]),
        "amount": AMOUNTS,
        "nameOrig": st.just("C1"),
        "oldbalanceOrg": BALANCES,
        "newbalanceOrig": BALANCES,
        "nameDest": st.sampled_from(["M1", "C2", "m3"]),
        "oldbalanceDest": BALANCES,
        "newbalanceDest": BALANCES,
    }
)


@settings(max_examples=60)
@given(st.lists(ROWS, min_size=1, max_size=40))
def test_every_row_gets_risk_decision_and_reasons_of_the_online_path(rows: list[dict[str, str]]) -> None:
    text = HEADER + "".join(row(transaction_id=f"t{i}", **one) for i, one in enumerate(rows))
    assert_as_online(score(text).rows, online([{"transaction_id": "t", **one} for one in rows]))


SPELLED = ["1e3", "1E+3", "-0", "-0.00", "0.1", "100000000000000000000000000", "0." + "1" * 20, "999999999999999.9999"]


@pytest.mark.parametrize("spelled", SPELLED)
def test_an_odd_spelling_that_the_online_path_takes_gets_the_same_risk(spelled: str) -> None:
    change = {"oldbalanceDest": spelled} | DRAINED
    try:
        expected = online([GOOD | change])
    except ValueError:
        assert score(HEADER + row(**change)).codes
        return
    assert_as_online(score(HEADER + row(**change)).rows, expected)


RAISED = Policy(
    version=2,
    thresholds=Thresholds(review=0.2, block=0.6),
    rules=(Rule(code="odd", outcome=Outcome.BLOCK, when=(Clause(field="amount", at_least=Decimal(1000)),)),),
)


def test_a_row_that_a_condition_raised_is_predicted_as_fraud_and_counted_so() -> None:
    rows = [GOOD, GOOD | {"amount": "999.99"}]
    made = score(HEADER + row() + row(transaction_id="t2", amount="999.99"), judge(RAISED))
    assert [(one["decision"], one["prediction"]) for one in made.rows] == [("block", "1"), ("approve", "0")]
    assert made.kept == online(rows, RAISED)[:1]
    assert (made.kept[0].decision.risk, made.kept[0].decision.confidence) == (0.0, 0.6)
    [day] = made.tally.days.values()
    assert day["predicted_fraud"] == 1


def test_columns_may_come_in_any_order_and_others_are_passed_through() -> None:
    names = ["note", *reversed(GOOD)]
    cells = {"note": "a b", **GOOD, **DRAINED}
    made = score(",".join(names) + "\n" + ",".join(cells[name] for name in names) + "\n")
    assert_as_online(made.rows, online([GOOD | DRAINED]))
    assert made.rows[0]["note"] == "a b"


def test_a_column_called_like_ours_is_kept_beside_ours() -> None:
    made = score(HEADER.replace("\n", ",risk,isFraud\n") + row().replace("\n", ",high,1\n"))
    assert made.rows[0]["input_risk"] == "high"
    assert made.rows[0]["risk"] == "0.0"
    assert made.rows[0]["isFraud"] == "1"


def test_a_row_without_an_id_is_called_after_the_file_and_its_byte() -> None:
    header, text = HEADER.partition(",")[2], row(**DRAINED).partition(",")[2]
    [one, other] = score(header + text + text).kept
    assert one.transaction.transaction_id == f"file-1-{len(header)}"
    assert other.transaction.transaction_id == f"file-1-{len(header) + len(text)}"
    [empty] = score(HEADER + row(transaction_id="", **DRAINED)).kept
    assert empty.transaction.transaction_id == f"file-1-{len(HEADER)}"


def test_a_time_of_the_file_is_kept_and_a_row_without_one_happened_when_it_arrived() -> None:
    header = HEADER.replace("\n", ",occurred_at\n")
    made = score(
        header
        + row(**DRAINED).replace("\n", ",2026-11-20T10:00:00+02:00\n")
        + row(transaction_id="t2", **DRAINED).replace("\n", ",\n")
        + row(transaction_id="t3").replace("\n", ",yesterday\n")
        + row(transaction_id="t4").replace("\n", ",1969-12-31T23:59:59Z\n")
        + row(transaction_id="t5").replace("\n", ",2027-01-01T00:00:00Z\n")
    )
    assert [one.occurred_at.isoformat() for one in made.kept] == ["2026-11-20T08:00:00+00:00", NOW.isoformat()]
    assert [(line, field) for line, field, _, _ in made.refused] == [(3, "occurred_at"), (4, "occurred_at")]
    assert list(made.tally.days) == ["2026-11-20", "2026-11-24", "2027-01-01"]
    assert made.tally.days["2027-01-01"]["quality.clock_skew"] == 1
    assert (made.tally.earliest, made.tally.latest) == (
        made.kept[0].occurred_at,
        made.kept[0].occurred_at.replace(2027, 1, 1, 0),
    )


RAISING = Policy.model_validate(
    {
        "version": 3,
        "thresholds": {"review": 0.5, "block": 0.9},
        "conditions": [
            {"code": "large", "outcome": "review", "when": [{"field": "amount", "at_least": 2000}]},
            {"code": "small", "outcome": "block", "when": [{"field": "newbalanceDest", "at_most": Decimal("-0.1")}]},
            {"code": "listed", "outcome": "block", "when": [{"field": "nameDest", "any_of": ["C7"]}]},
        ],
    }
)


EXPRESSED = Policy.model_validate(
    {
        "version": 3,
        "thresholds": {"review": 0.5, "block": 0.9},
        "conditions": [
            {"code": "large", "outcome": "review", "when": "amount >= 2000"},
            {"code": "small", "outcome": "block", "when": "newbalanceDest <= -0.1 && step == 1"},
            {"code": "listed", "outcome": "block", "when": 'nameDest == "C7" && hour(occurred_at) == 10 && risk < 0.5'},
            {"code": "named", "outcome": "block", "when": 'transaction_id.startsWith("t9")'},
            {"code": "unread", "outcome": "block", "when": "origin_count_1h > 0"},
        ],
        "names": {
            "fields": {
                "amount": "money", "newbalanceDest": "money", "step": "integer", "nameDest": "text",
                "occurred_at": "instant", "transaction_id": "text",
            }
        },
    }
)  # fmt: skip


@pytest.mark.parametrize("policy", [RAISING, EXPRESSED], ids=["clauses", "expressions"])
@pytest.mark.parametrize(
    "change",
    [
        {"amount": "2000"},
        {"amount": "2e3"},
        {"transaction_id": "t99"},
        {"amount": "1999.99"},
        {"amount": "1999.9999999999999999999"},  # whose nearest float is 2000
        {"newbalanceDest": "-0.1"},
        {"newbalanceDest": "-0.09999999999999999999"},
        {"nameDest": "C7"},
        {"nameDest": "C70"},
    ],
)
def test_conditions_of_the_policy_hold_as_online_to_the_last_digit(change: dict[str, str], policy: Policy) -> None:
    assert_as_online(score(HEADER + row(**change), judge(policy)).rows, online([GOOD | change], policy))


def test_conditions_on_velocity_do_not_hold_and_every_row_says_why() -> None:
    burst = {"code": "burst", "outcome": "block", "when": [{"field": "origin_count_1h", "at_least": 0}]}
    policy = Policy.model_validate({"version": 2, "thresholds": {"review": 0.5, "block": 0.9}, "conditions": [burst]})
    made = score(HEADER + row(), judge(policy))
    assert (made.rows[0]["decision"], made.rows[0]["degraded"]) == ("approve", "velocity_unread")


@pytest.mark.parametrize(("store", "kept"), [("flagged", ["t2"]), ("all", ["t1", "t2"]), ("none", [])])
def test_which_rows_are_stored_is_the_jobs_choice(store: str, kept: list[str]) -> None:
    made = score(HEADER + row() + row(transaction_id="t2", **DRAINED), judge(store=store))
    assert [one.transaction.transaction_id for one in made.kept] == kept
    assert [one["decision"] == "approve" for one in made.rows] == [True, False]


def test_the_counts_are_exact() -> None:
    made = score(
        HEADER
        + row(amount="0.1")
        + row(transaction_id="t2", amount="0.2")
        + row(transaction_id="t3", **DRAINED)
        + "x\n"
    )
    tally = made.tally
    assert (tally.lines, tally.rows, tally.scored, tally.rejected, tally.stored) == (4, 4, 3, 1, 1)
    assert tally.total["amount"] == Decimal("900000.3")
    assert tally.total["type.PAYMENT"] == 2
    assert tally.total["decisions"] == tally.total["transactions"] == 3
    assert tally.total["outcome.approve"] == 2
    assert tally.total["risk"] == sum(Decimal(one["risk"]) for one in made.rows)
    assert (tally.least, tally.most) == (Decimal("0.1"), Decimal("900000.00"))
    assert sum(tally.bands.values()) == 3
    assert Tally.model_validate_json(tally.model_dump_json()) == tally


def many(rows: int, seed: int) -> str:
    """Makes several blocks of rows, some flagged and some refused."""
    rng = random.Random(seed)
    kinds = rng.choices([{}, DRAINED, {"amount": "x"}, {"oldbalanceOrg": "-5.00"}], [300, 1, 1, 1], k=rows)
    return HEADER + "".join(row(transaction_id=f"{i:0100}", **kind) for i, kind in enumerate(kinds))


def test_how_the_bytes_arrive_changes_nothing() -> None:
    text = many(15_000, 1)  # two blocks

    def torn(whole: bytes) -> Iterable[bytes]:
        rng, at = random.Random(2), 0
        while at < len(whole):
            size = rng.randrange(1, 400_000)
            yield whole[at : at + size]
            at += size

    one, other = score(text), score(text, streamed=torn)
    assert (one.scored, one.rejects, one.tally, one.kept) == (other.scored, other.rejects, other.tally, other.kept)
    assert one.tally.rows == 15_000 == one.tally.scored + one.tally.rejected


def test_a_chunk_scored_in_parts_adds_up_to_the_whole() -> None:
    text = many(400, 3)
    lines = text.splitlines(keepends=True)[1:]
    whole = score(text)
    parts = [score(HEADER + "".join(lines[at : at + 130])) for at in range(0, 400, 130)]
    assert added(part.tally for part in parts) == whole.tally
    assert "".join(part.scored.partition("\n")[2] for part in parts) == whole.scored.partition("\n")[2]


def test_a_chunk_without_time_left_stops_before_the_next_block() -> None:
    class NoTime(Exception):
        pass

    def late() -> None:
        raise NoTime

    from fraudshield.batch.format import detect_format
    from fraudshield.batch.result import Parts

    whole = (HEADER + row()).encode()
    put: list[bytes] = []
    parts = Parts(lambda _, part: put.append(part))
    columns = ColumnScorer(detect_format(whole, "x"), judge(), "f")
    with pytest.raises(NoTime):
        ChunkScorer(b"\n", columns, lambda _: Tally(), late).score([whole], 0, parts, parts)
    assert put == []
