"""The rules that stand in for the model."""

from collections.abc import Callable

import pytest

from fraudshield.policy.policy import Outcome, first_policy
from fraudshield.predictor.prediction import Prediction
from fraudshield.predictor.predictor import NO_RULE_RISK, RULES, RULES_VERSION, RulePredictor
from fraudshield.scoring.decision import Decision, decide
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.fakes import NOW
from tests.model.feature import features

Make = Callable[..., BuiltInTransaction]
PREDICTOR = RulePredictor(NOW)


def predict(transaction: BuiltInTransaction) -> Prediction:
    return PREDICTOR.predict(transaction, features(transaction))


def by_default(transaction: BuiltInTransaction) -> Decision:
    return decide(transaction, predict(transaction), first_policy(), NOW, NOW, (), (), {}, {})


def test_what_no_rule_knows_has_the_smallest_risk(transaction: Make) -> None:
    assert predict(transaction()) == Prediction(NO_RULE_RISK, RULES_VERSION, "rules", Outcome.APPROVE)


@pytest.mark.parametrize("kind", ["TRANSFER", "CASH_OUT"])
@pytest.mark.parametrize(
    ("amount", "balance", "codes", "outcome"),
    [
        (4999.99, 5000, [], Outcome.APPROVE),
        (5000, 5000, ["account_emptied"], Outcome.BLOCK),
        (5000.01, 5000, ["amount_over_balance"], Outcome.REVIEW),
        (0, 0, [], Outcome.APPROVE),
        (199_999.99, 10**6, [], Outcome.APPROVE),
        (200_000, 10**6, ["large_amount"], Outcome.REVIEW),
        (200_000, 200_000, ["account_emptied", "large_amount"], Outcome.BLOCK),
        (1, -1, ["amount_over_balance"], Outcome.REVIEW),
    ],
)
def test_money_that_leaves_is_judged_by_amount_and_balance(
    transaction: Make, kind: str, amount: float, balance: float, codes: list[str], outcome: Outcome
) -> None:
    sent = transaction(type=kind, amount=amount, oldbalanceOrg=balance)
    assert [reason.code for reason in PREDICTOR.explain(sent, features(sent)).reasons] == codes
    assert by_default(sent).outcome is outcome


@pytest.mark.parametrize("kind", ["PAYMENT", "CASH_IN", "DEBIT"])
def test_no_rule_stops_the_other_types(transaction: Make, kind: str) -> None:
    assert by_default(transaction(type=kind, amount=10**6, oldbalanceOrg=10**6)).outcome is Outcome.APPROVE


def test_the_highest_risk_that_fired_is_answered(transaction: Make) -> None:
    everything = transaction(type="TRANSFER", amount=200_000, oldbalanceOrg=200_000)
    assert predict(everything).risk == max(rule.risk for rule in RULES)


def test_the_most_severe_outcome_that_fired_is_given(transaction: Make) -> None:
    everything = transaction(type="TRANSFER", amount=200_000, oldbalanceOrg=200_000)
    assert predict(everything).outcome is Outcome.BLOCK


def test_rules_have_no_margin_to_explain(transaction: Make) -> None:
    sent = transaction()
    why = PREDICTOR.explain(sent, features(sent))
    assert (why.base, why.margin, why.contributions) == (None, None, ())


def test_rules_say_that_they_are_not_the_model() -> None:
    assert PREDICTOR.degraded == ("model_refused",)
    assert (PREDICTOR.facts.model_type, PREDICTOR.facts.model_version) == ("rules", RULES_VERSION)
