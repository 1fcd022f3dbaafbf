"""A stored decision computed again: the same, another one, or a refusal that says why it cannot be."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.errors import InvalidInput, Malformed, ModelRefused, NotFound, StoreUnavailable
from fraudshield.policy.active import ActivePolicies
from fraudshield.policy.clause import Clause
from fraudshield.policy.in_force import ActivePolicy
from fraudshield.policy.owner import PAYMENT, Owners
from fraudshield.policy.policy import Outcome, Policy, Thresholds, first_policy
from fraudshield.policy.rule import Rule
from fraudshield.policy.velocity import Movement
from fraudshield.predictor.port import Predictor
from fraudshield.predictor.prediction import Reason
from fraudshield.predictor.predictor import RULES_VERSION, RulePredictor
from fraudshield.predictor.published import AmbiguousVersion
from fraudshield.predictor.reason import with_float
from fraudshield.predictor.without_model import OnePredictor
from fraudshield.scoring.decision import FIRST_FORM, NEWEST_FORM, VELOCITY_UNREAD
from fraudshield.scoring.replay import NotReplayable, Replayer, ReplayResponse, read_replay_request, replay_response
from fraudshield.scoring.replays import replays_response
from fraudshield.scoring.response import entry
from fraudshield.scoring.scoring import EXPLAINED_AT_ONCE, Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.quality import quality_flags_again
from model.feature import FEATURES
from tests.content import built_in
from tests.fake_policies import FakePolicyStore
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore
from tests.model.feature import features
from tests.rates.fake import FakeRates

Make = Callable[..., BuiltInTransaction]
FIRST = first_policy(Thresholds(review=0.5, block=0.9))
BUSY = Rule(code="busy", outcome=Outcome.REVIEW, when=(Clause(field="origin_count_1h", at_least=Decimal(1)),))
TO_HIM = Rule(code="to_him", outcome=Outcome.BLOCK, when=(Clause(field="nameDest", any_of=("M987654321",)),))
PSEUDONYM = f"M-erased-{'0123456789abcdef' * 2}"


def version(number: int, *conditions: Rule, review: float = 0.5) -> Policy:
    return Policy(version=number, thresholds=Thresholds(review=review, block=0.9), rules=conditions)


@dataclass
class Bench:
    """Scores by a policy, and computes again what was stored."""

    policy: Policy = FIRST
    predictor: Any = field(default_factory=lambda: FakePredictor(0.7))
    accounts: FakeAccounts = field(default_factory=lambda: FakeAccounts(Movement(NOW, Decimal(1), "C1")))
    store: FakeStore = field(default_factory=FakeStore)
    policies: FakePolicyStore = field(default_factory=FakePolicyStore)

    def score(self, *transactions: BuiltInTransaction) -> None:
        if self.policy is not FIRST:
            self.policies.stored[self.policy.version] = self.policy
        policies = FakePolicies(self.policy)
        Scorer(OnePredictor(self.predictor), policies, self.store, FakeParking(), self.accounts, lambda: NOW).score(
            transactions, 0.0
        )

    def change(self, name: str = "test_123", **changes: Any) -> None:
        """Plants another value in the stored decision."""
        kept = self.store.kept[name]
        self.store.kept[name] = replace(kept, decision=replace(kept.decision, **changes))

    def replay(self, name: str = "test_123", *more: Any) -> ReplayResponse:
        predictors = {one.facts.model_version: one for one in (self.predictor, *more)}
        policies = ActivePolicies(lambda _: ActivePolicy(self.policies, FIRST))
        return replay_response(Replayer(self.store, policies, lambda _: predictors, FakeRates()).replay(name), "r-1")

    def why_not(self) -> str:
        with pytest.raises(NotReplayable) as refused:
            self.replay()
        assert refused.value.code == "not_replayable"
        [fault] = refused.value.faults
        assert fault.detail in str(refused.value)
        return fault.code


@pytest.mark.parametrize("risk", [0.0, 0.7, 0.95])
@pytest.mark.parametrize("policy", [FIRST, version(3, BUSY), version(4, TO_HIM)], ids=str)
def test_what_was_decided_comes_out_the_same(transaction: Make, risk: float, policy: Policy) -> None:
    bench = Bench(policy, FakePredictor(risk))
    bench.score(transaction())
    found = bench.replay()
    assert found["same"]
    assert found["stored"] == found["computed"] == entry(bench.store.kept["test_123"].decision, persisted=True)
    assert found["not_compared"] == []


@pytest.mark.parametrize(
    ("planted", "differs"),
    [
        ({"risk": 0.7001}, ("risk", "confidence")),
        ({"outcome": Outcome.BLOCK}, ("decision",)),
        ({"prediction": 0}, ("prediction", "confidence")),
        ({"reasons": ()}, ("reasons",)),
        ({"quality": ("self_transfer",)}, ("quality",)),
        ({"source": "rules"}, ("decision_source",)),
        ({"rule_threshold": 0.9}, ("confidence",)),
    ],
    ids=str,
)
def test_every_part_that_is_computed_is_compared(transaction: Make, planted: Any, differs: tuple[str, ...]) -> None:
    bench = Bench()
    bench.score(transaction())
    bench.change(**planted)
    found = bench.replay()
    assert not found["same"]
    assert {name for name, value in found["stored"].items() if found["computed"].get(name) != value} == {*differs}


def test_the_policy_is_the_one_that_decided_and_not_the_newest(transaction: Make) -> None:
    bench = Bench(version(3, BUSY))
    bench.score(transaction())
    bench.policies.stored[4] = version(4, review=0.8)
    assert bench.replay()["same"]
    bench.change(policy_version=4)
    found = bench.replay()
    assert (found["same"], found["stored"]["decision"], found["computed"]["decision"]) == (False, "review", "approve")


def test_version_1_is_the_products_own_until_another_was_stored(transaction: Make) -> None:
    bench = Bench()
    bench.score(transaction())
    assert bench.replay()["same"]
    bench.policies.stored[1] = version(1, review=0.8)
    assert not bench.replay()["same"]


def test_velocity_is_as_it_was_then(transaction: Make) -> None:
    bench = Bench(version(3, BUSY), FakePredictor(0.0))
    bench.score(transaction())
    assert bench.replay()["computed"]["velocity"] == {"origin_count_1h": 1}
    bench.change(velocity={"origin_count_1h": Decimal(0)})
    found = bench.replay()
    assert (found["same"], found["computed"]["decision"]) == (False, "approve")


def test_what_could_not_be_read_then_is_not_read_now(transaction: Make) -> None:
    bench = Bench(version(3, BUSY), FakePredictor(0.0), FakeAccounts(late=True))
    bench.score(transaction())
    found = bench.replay()
    assert (found["same"], found["computed"]["degraded"]) == (True, [VELOCITY_UNREAD])


def test_reasons_that_no_entry_has_yet_are_not_compared(transaction: Make) -> None:
    bench = Bench()
    bench.score(*[transaction(transaction_id=f"t-{number}") for number in range(EXPLAINED_AT_ONCE + 1)])
    [pending] = [name for name, one in bench.store.kept.items() if one.decision.reasons_pending]
    found = bench.replay(pending)
    assert (found["same"], found["not_compared"], found["computed"]["reasons_pending"]) == (True, ["reasons"], True)
    bench.change(pending, risk=0.7001)
    assert not bench.replay(pending)["same"]


def test_what_rules_decided_is_computed_by_rules_whatever_model_is_there(transaction: Make) -> None:
    bench = Bench(predictor=RulePredictor(NOW))
    bench.score(transaction(type="TRANSFER", amount=5000.0))
    bench.predictor = FakePredictor(0.7)
    found = bench.replay("test_123", RulePredictor(NOW))
    assert (found["same"], found["computed"]["decision"], found["computed"]["risk"]) == (True, "block", 0.9)


def test_the_first_form_predicts_what_the_thresholds_alone_say(transaction: Make) -> None:
    bench = Bench(version(3, TO_HIM), FakePredictor(0.0))
    bench.score(transaction())
    bench.change(form=FIRST_FORM, prediction=0, rule_threshold=0.0, rules=())
    found = bench.replay()
    assert (found["same"], found["computed"]["decision"], found["computed"]["prediction"]) == (True, "block", 0)
    assert found["computed"]["confidence"] == 1.0
    bench.change(form=NEWEST_FORM)
    assert not bench.replay()["same"]


def test_the_first_form_keeps_its_confidence_and_its_float64s(transaction: Make) -> None:
    bench = Bench(version(3, review=0.2), FakePredictor(0.3))
    bench.score(transaction())
    bench.change(form=FIRST_FORM)
    found = bench.replay()
    assert (found["same"], found["computed"]["prediction"], found["computed"]["confidence"]) == (True, 1, 0.7)
    left = Reason("sender_balance_left", "The sender has 0.20 left after it", "origin_balance_left", Decimal("0.2"))
    sent = features(transaction(amount=0.1, oldbalanceOrg=0.3))
    assert with_float(left, FEATURES, sent) == replace(left, value=0.19999999999999998)


@pytest.mark.parametrize(
    ("planted", "why"),
    [
        ({"model_version": "fake-0"}, "another_model"),
        ({"model_version": RULES_VERSION, "source": "rules"}, "another_model"),
        ({"source": "rules", "form": FIRST_FORM}, "another_rules"),
        ({"form": NEWEST_FORM + 1}, "another_form"),
        ({"policy_version": 2}, "policy_missing"),
        ({"velocity": {}}, "velocity_missing"),
    ],
    ids=str,
)
def test_what_this_process_cannot_compute_is_refused_and_never_called_another(
    transaction: Make, planted: Any, why: str
) -> None:
    bench = Bench(version(3, BUSY))
    bench.score(transaction())
    bench.change(**planted)
    assert bench.why_not() == why


@pytest.mark.parametrize(("condition", "refused"), [(TO_HIM, True), (BUSY, False)], ids=["reads it", "does not"])
def test_a_condition_cannot_read_the_name_of_an_erased_account(
    transaction: Make, condition: Rule, refused: bool
) -> None:
    bench = Bench(version(3, condition))
    bench.score(transaction())
    kept = bench.store.kept["test_123"]
    hidden = built_in(kept.transaction).model_copy(update={"nameDest": PSEUDONYM})
    bench.store.kept["test_123"] = replace(kept, transaction=hidden)
    if refused:
        assert bench.why_not() == "account_erased"
    else:
        assert bench.replay()["same"]


@pytest.mark.parametrize(
    ("published", "why"),
    [
        (NotFound("It is not there"), "another_model"),
        (AmbiguousVersion("Two were published"), "another_model"),
        (ModelRefused("it is damaged"), "model_unfit"),
        (FakePredictor(0.7), ""),
    ],
    ids=["gone", "two", "damaged", "published"],
)
def test_a_model_that_is_published_computes_what_it_decided(transaction: Make, published: Any, why: str) -> None:
    bench = Bench()
    bench.score(transaction())

    def find(owners: Owners, version: str) -> Predictor:
        assert (owners, version) == (PAYMENT, bench.predictor.facts.model_version)
        if isinstance(published, Exception):
            raise published
        found: Predictor = published
        return found

    policies = ActivePolicies(lambda _: ActivePolicy(bench.policies, FIRST))
    replayer = Replayer(bench.store, policies, lambda _: {}, FakeRates(), find)
    [found, nobody] = replays_response(replayer, ["test_123", "nobody"], "r-1")["results"]
    assert (found["result"], found.get("code", "")) == ("not_replayable" if why else "same", why)
    assert (found["model_version"], nobody["result"]) == (bench.predictor.facts.model_version, "not_decided")


def test_flags_of_the_receipt_stay_as_said_and_all_others_are_worked_out(transaction: Make) -> None:
    late = transaction(occurred_at=(NOW - timedelta(days=31)).isoformat(), amount=0.0, newbalanceOrig=5000.0)
    assert quality_flags_again(late, NOW, ()) == ("zero_amount",)
    assert quality_flags_again(late, NOW, ("stale", "overdraft")) == ("stale", "zero_amount")


def test_an_id_without_a_decision_is_not_found_and_a_store_that_is_gone_is_said() -> None:
    bench = Bench()
    with pytest.raises(NotFound):
        bench.replay()
    bench.store.down = True
    with pytest.raises(StoreUnavailable):
        bench.replay()


def test_without_the_policies_nothing_is_said_of_the_decision(transaction: Make) -> None:
    bench = Bench()
    bench.score(transaction())
    bench.policies.down = True
    with pytest.raises(StoreUnavailable):
        bench.replay()


@pytest.mark.parametrize("body", [None, [], "t-1"])
def test_a_body_that_is_no_object_is_malformed(body: object) -> None:
    with pytest.raises(Malformed):
        read_replay_request(body)


@pytest.mark.parametrize("body", [{}, {"transaction_id": ""}, {"transaction_id": 7}, {"transaction_id": "a", "b": 1}])
def test_a_body_with_faults_is_refused_with_them(body: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_replay_request(body)
    assert len(refused.value.faults) == 1
