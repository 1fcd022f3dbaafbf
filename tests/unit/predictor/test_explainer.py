import json
from collections.abc import Sequence
from hashlib import sha256
from itertools import combinations
from math import factorial, nan
from pathlib import Path
from random import Random

import pytest

from fraudshield.predictor.artifact import load
from fraudshield.predictor.explainer import Explainer
from fraudshield.predictor.forest import Forest, Tree, margin
from fraudshield.predictor.reason import reasons
from tests.model.feature import FEATURE_NAMES

ROOT = Path(__file__).parents[3]
MODEL = load(ROOT / "model" / "artifact" / "model")
SHAP = json.loads((ROOT / "tests" / "data" / "shap_200.json").read_text())
WIDTH = len(FEATURE_NAMES)
NOTHING = (0.0,) * len(FEATURE_NAMES)
PLAIN = (4.0, 980.0, 1000.0, 0.0, 0.98, -1.0, 20.0, 0.0)


def random_row(random: Random) -> tuple[float, ...]:
    amount, origin, destination = (round(random.lognormvariate(11, 2), 2) for _ in range(3))
    share = amount / destination
    return (float(random.randrange(5)), amount, origin, destination, amount / origin, share, origin - amount, 0.0)


def random_tree(random: Random, depth: int, covers: list[int]) -> Tree:
    if depth == 0 or random.random() < 0.1:
        covers.append(random.randrange(1, 50))
        return random.uniform(-1, 1)
    feature, threshold = random.randrange(len(FEATURE_NAMES)), float(random.randrange(5))
    left = random_tree(random, depth - 1, covers)
    right = random_tree(random, depth - 1, covers)
    return (feature, threshold, left, right, random.random() < 0.5)


def expectation(tree: Tree, covers: list[int], known: frozenset[int], row: Sequence[float]) -> tuple[float, int]:
    """The tree's value where only the `known` features are looked at, and its rows; takes them from `covers`."""
    if not isinstance(tree, tuple):
        return tree, covers.pop(0)
    feature, threshold, left, right, missing_left = tree
    on_left, left_rows = expectation(left, covers, known, row)
    on_right, right_rows = expectation(right, covers, known, row)
    rows = left_rows + right_rows
    if feature in known:
        goes_left = row[feature] <= threshold or (row[feature] != row[feature] and missing_left)
        return (on_left if goes_left else on_right), rows
    return (on_left * left_rows + on_right * right_rows) / rows, rows


def shapley_by_definition(forest: Forest, row: Sequence[float]) -> list[float]:
    """The weighted mean, over all coalitions of the other features, of what knowing a feature changes."""

    def worth(known: tuple[int, ...]) -> float:
        pairs = zip(forest.trees, forest.covers, strict=True)
        return sum(expectation(tree, list(covers), frozenset(known), row)[0] for tree, covers in pairs)

    n = len(FEATURE_NAMES)
    values = []
    for feature in range(n):
        others = [f for f in range(n) if f != feature]
        total = 0.0
        for size in range(n):
            weight = factorial(size) * factorial(n - 1 - size) / factorial(n)
            total += weight * sum(worth((*s, feature)) - worth(s) for s in combinations(others, size))
        values.append(total)
    return values


@pytest.mark.parametrize("seed", range(6))
def test_contributions_are_the_shapley_values_of_the_definition(seed: int) -> None:
    random = Random(seed)
    covers: list[list[int]] = [[], [], []]
    trees = tuple(random_tree(random, 6, each) for each in covers)
    forest = Forest(0.5, trees, tuple(map(tuple, covers)))
    row = tuple(random.choice([0.0, 1.0, 2.0, 2.5, 4.0, nan]) for _ in FEATURE_NAMES)
    assert Explainer(forest, WIDTH).contributions(row) == pytest.approx(shapley_by_definition(forest, row), abs=1e-12)


def test_the_base_and_the_contributions_add_up_to_the_margin() -> None:
    explainer, random = Explainer(MODEL.forest, WIDTH), Random(1)
    for row in (random_row(random) for _ in range(1000)):
        assert abs(explainer.base + sum(explainer.contributions(row)) - margin(MODEL.forest, row)) < 1e-9


def test_the_reference_values_belong_to_the_committed_model() -> None:
    assert SHAP["model_json_sha256"] == MODEL.sha256, "run tests/model/make_shap_200.py, its docstring says how"
    assert len(SHAP["rows"]) == 200


def test_contributions_are_those_of_the_shap_package() -> None:
    explainer = Explainer(MODEL.forest, WIDTH)
    assert explainer.base == pytest.approx(SHAP["base"], abs=1e-6)
    for row in SHAP["rows"]:
        features = [nan if value is None else value for value in row["features"]]
        assert explainer.contributions(features) == pytest.approx(row["contributions"], abs=1e-6)


def test_two_contributions_exchanged_would_be_noticed() -> None:
    row = SHAP["rows"][0]
    first, second, *rest = Explainer(MODEL.forest, WIDTH).contributions(row["features"])
    assert (second, first, *rest) != pytest.approx(row["contributions"], abs=1e-6)


def test_a_contribution_does_not_depend_on_what_was_explained_before() -> None:
    fresh, used, random = Explainer(MODEL.forest, WIDTH), Explainer(MODEL.forest, WIDTH), Random(2)
    for _ in range(50):
        used.contributions(random_row(random))
    assert used.contributions(PLAIN) == fresh.contributions(PLAIN)


def test_a_forest_without_tests_is_explained_by_its_base_alone() -> None:
    explainer = Explainer(Forest(1.0, (0.25,), ((9,),)), WIDTH)
    assert (explainer.base, explainer.contributions(PLAIN)) == (1.25, NOTHING)


def test_reasons_are_the_three_largest_that_raised_the_risk() -> None:
    found = reasons(MODEL.features, (0.1, 0.4, -2.0, 0.3, 0.2, 0.0, 0.0, 0.0), PLAIN)
    assert [(r.feature, r.contribution) for r in found] == [
        ("amount", 0.4),
        ("destination_balance", 0.3),
        ("share_of_origin_balance", 0.2),
    ]


def test_equal_contributions_stand_in_the_order_of_the_features() -> None:
    assert [r.code for r in reasons(MODEL.features, (0.5,) * 8, PLAIN)] == [
        "transaction_type",
        "amount",
        "sender_balance",
    ]


def test_fewer_reasons_are_given_when_asked() -> None:
    assert len(reasons(MODEL.features, (0.5,) * 8, PLAIN, limit=1)) == 1


@pytest.mark.parametrize(("contribution", "count"), [(0.00004, 0), (0.00006, 1), (0.0, 0), (-1.0, 0)])
def test_what_rounds_to_nothing_is_no_reason(contribution: float, count: int) -> None:
    assert len(reasons(MODEL.features, (contribution, *NOTHING[1:]), PLAIN)) == count


@pytest.mark.parametrize(
    ("feature", "value", "code", "text"),
    [
        ("type", 4.0, "transaction_type", "The type is TRANSFER"),
        ("amount", 1234567.5, "amount", "The amount is 1,234,567.50"),
        ("origin_balance", -5.0, "sender_balance", "The sender's balance is -5.00"),
        ("destination_balance", 0.0, "receiver_balance", "The receiver's balance is 0.00"),
        ("share_of_origin_balance", 0.98, "share_of_sender_balance", "The amount is 98 % of the sender's balance"),
        ("share_of_origin_balance", 0.9996, "share_of_sender_balance", "The amount is 99.9 % of the sender's balance"),
        ("share_of_origin_balance", 1.0, "share_of_sender_balance", "The amount is 100 % of the sender's balance"),
        ("share_of_origin_balance", 9.99, "share_of_sender_balance", "The amount is 999 % of the sender's balance"),
        ("share_of_origin_balance", 10.0, "share_of_sender_balance", "The amount is 10 times the sender's balance"),
        ("share_of_origin_balance", -1.0, "share_of_sender_balance", "The sender's balance is empty or overdrawn"),
        (
            "share_of_destination_balance",
            0.5,
            "share_of_receiver_balance",
            "The amount is 50 % of the receiver's balance",
        ),
        (
            "share_of_destination_balance",
            -1.0,
            "share_of_receiver_balance",
            "The receiver's balance is empty or overdrawn",
        ),
        ("origin_balance_left", 20.0, "sender_balance_left", "The sender has 20.00 left after it"),
        ("origin_balance_left", -20.0, "sender_balance_left", "The amount is 20.00 more than the sender's balance"),
        ("destination_is_merchant", 0.0, "receiver_kind", "The receiver is not a merchant"),
        ("destination_is_merchant", 1.0, "receiver_kind", "The receiver is a merchant"),
    ],
)
def test_a_reason_says_what_was_found(feature: str, value: float, code: str, text: str) -> None:
    at = FEATURE_NAMES.index(feature)
    features = (*PLAIN[:at], value, *PLAIN[at + 1 :])
    contributions = (*NOTHING[:at], 1.0, *NOTHING[at + 1 :])
    [reason] = reasons(MODEL.features, contributions, features)
    assert (reason.code, reason.feature, reason.value, reason.text) == (code, feature, value, text)


def test_the_digest_of_the_reference_values_is_of_the_file_that_is_served() -> None:
    raw = (ROOT / "model" / "artifact" / "model" / "model.json").read_bytes()
    assert sha256(raw).hexdigest() == SHAP["model_json_sha256"]
