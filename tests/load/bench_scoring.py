"""How fast one transaction is scored and explained, beside scikit-learn on the same rows."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import joblib
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from fraudshield.policy.policy import first_policy
from fraudshield.predictor import artifact
from fraudshield.predictor.artifact import Model
from fraudshield.predictor.explainer import Explainer
from fraudshield.predictor.forest import margin, risk
from fraudshield.predictor.predictor import ModelPredictor
from fraudshield.scoring.scoring import Scorer
from functions.model import app as function
from model import simulator
from model.classifier import ensure
from tests.caller import Context
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakeStore
from tests.load.conftest import alternate, measure, ratio, report
from tests.settings_classes import fields
from tests.stack import KEYS

ROOT = Path(__file__).parents[2]
NAMES = {name: "none" for name, field in fields().items() if field.is_required()}


@pytest.fixture(scope="module")
def trained() -> Model:
    return artifact.load(ROOT / "model/artifact/model")


@pytest.fixture(scope="module")
def rows() -> Iterator[tuple[float, ...]]:
    """Simulated features without end, so that no row is met twice in a hurry."""
    simulated = simulator.transactions(20_000, seed=7).dataset().features()
    return cycle([tuple(row) for row in simulated.tolist()])


@pytest.fixture
def handle(trained: Model, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, Any]], Any]]:
    """The real handler with the real model; store and queue are faked."""
    for name, value in (KEYS | NAMES).items():
        monkeypatch.setenv(name, value)
    scorer = Scorer(
        ModelPredictor(trained, NOW),
        FakePolicies(first_policy(trained.thresholds)),
        FakeStore(),
        FakeParking(),
        FakeAccounts(),
    )
    wired, function.app.state.scorer = function.app.state.scorer, lambda: scorer
    yield lambda event: function.lambda_handler(event, Context())
    function.app.state.scorer = wired


def event(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((ROOT / f"events/{name}.json").read_text())
    return read


def test_one_row_against_predict_proba(
    benchmark: BenchmarkFixture, trained: Model, rows: Iterator[tuple[float, ...]]
) -> None:
    classifier = joblib.load(ensure())

    def walk() -> float:
        return risk(trained.cuts, margin(trained.forest, next(rows)))

    def predict_proba() -> Any:
        return classifier.predict_proba(np.array([next(rows)]))

    ours, theirs = alternate([walk, predict_proba], rounds=60, repeats=50)
    measure(benchmark, walk, rounds=5000, warmup=100)
    times, low, high = ratio(theirs, ours)
    figure = f"{times:.0f} x ({ours.at(50) * 1000:.1f} us against {theirs.at(50) * 1000:.0f} us)"
    report(benchmark, "one row: walk and risk / predict_proba", figure, f"{low:.0f} - {high:.0f} x", ">= 20 x")


@pytest.mark.parametrize("case", ["approve", "flagged"])
def test_the_whole_handler(benchmark: BenchmarkFixture, handle: Callable[[dict[str, Any]], Any], case: str) -> None:
    frame = event("model_api_score" if case == "approve" else "model_api_score_flagged")
    response = json.loads(handle(frame)["body"])["results"][0]
    assert (response["decision"] == "approve") == (case == "approve")
    timing = measure(benchmark, lambda: handle(frame), rounds=3000, warmup=300)
    figure = f"p50 {timing.at(50):.3f} ms, p99 {timing.at(99):.3f} ms"
    goal = "p50 <= 0.4, p99 <= 1 ms" if case == "approve" else "beside it"
    report(benchmark, f"whole handler, {case}, store faked", figure, f"p10 {timing.at(10):.3f}", goal)


def test_one_explanation(benchmark: BenchmarkFixture, trained: Model, rows: Iterator[tuple[float, ...]]) -> None:
    explainer = Explainer(trained.forest, len(trained.features.names))
    start = perf_counter()
    explainer.contributions(next(rows))
    first = (perf_counter() - start) * 1000
    timing = measure(benchmark, lambda: explainer.contributions(next(rows)), rounds=3000, warmup=50)
    figure = f"median {timing.at(50):.3f} ms, first {first:.1f} ms"
    report(benchmark, "one explanation, rows not met before", figure, f"p99 {timing.at(99):.3f}", "<= 2 ms")


def test_a_call_with_a_thousand_flagged(benchmark: BenchmarkFixture, handle: Callable[[dict[str, Any]], Any]) -> None:
    frame = event("model_api_score_flagged")
    [one] = json.loads(frame["body"])["transactions"]
    frame["body"] = json.dumps({"transactions": [one | {"transaction_id": f"many-{i}"} for i in range(1000)]})
    results = json.loads(handle(frame)["body"])["results"]
    assert sum("reasons_pending" in entry for entry in results) == 980
    timing = measure(benchmark, lambda: handle(frame), rounds=10)
    figure = f"median {timing.at(50):.0f} ms"
    report(benchmark, "a call with 1,000 flagged, store faked", figure, f"max {timing.at(99):.0f} ms", "< 8,000 ms")


def test_import_of_the_model_function(benchmark: BenchmarkFixture) -> None:
    """A fresh process each: importing the handler as it is, and the same with scikit-learn behind it."""
    ours, theirs = alternate([importer(""), importer("import sklearn.ensemble, joblib; ")], rounds=7)
    measure(benchmark, importer(""), rounds=3)
    times, low, high = ratio(theirs, ours)
    figure = f"{times:.1f} x ({median(ours.seconds) * 1000:.0f} ms against {median(theirs.seconds) * 1000:.0f} ms)"
    report(benchmark, "import of the model function / with sklearn", figure, f"{low:.1f} - {high:.1f} x", ">= 2.5 x")


def importer(before: str) -> Callable[[], object]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "layers/fraudshield")])
    code = f"{before}from functions.model import app"
    environment = os.environ | {"PYTHONPATH": path}
    return lambda: subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=ROOT)
