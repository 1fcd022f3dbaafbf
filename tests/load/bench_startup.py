"""How long a process takes from its start to its first scored payment, beside one on the usual stack.

Both run in AWS's own runtime client, in turn, so that both meet the same noise. The usual stack is FastAPI, Mangum,
Powertools with its tracer, boto3, pandas and scikit-learn, and scores by the classifier that our model was exported
from. What it needs beyond ours is in requirements/usual.txt: `make .venv/.usual`.

`python -m pytest tests/load/bench_startup.py`
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from infra.laptop.awslambda.function import FunctionSpec
from infra.laptop.awslambda.runtime import runtime_client
from model.classifier import ensure
from tests.load.bench_import import childrens_cpu_s
from tests.load.bench_runtime import HANDLERS, SCORE, first_answer, model
from tests.load.conftest import alternate, measure, ratio, report

ROUNDS = 20
GOAL = "<= 0.33 x"
USUAL = Path(__file__).parents[2] / ".venv/usual"

__all__ = ["model"]


@pytest.fixture(scope="module")
def usual() -> FunctionSpec:
    """A function on the usual stack; skipped where what it needs is not installed."""
    found = list(USUAL.glob("lib/python*/site-packages"))
    if not found:
        pytest.skip("the usual stack is not installed: make .venv/.usual")
    told = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "TRANSACTIONS_TABLE": "transactions",
        "CLASSIFIER": str(ensure()),
        "POWERTOOLS_SERVICE_NAME": "usual",
        "POWERTOOLS_METRICS_NAMESPACE": "Usual",
        "OMP_NUM_THREADS": "1",
    }
    return FunctionSpec("Usual", "usual.lambda_handler", 30.0, 1769, told, 1, (HANDLERS, *found))


@pytest.mark.parametrize(("what", "clock"), [("clock", perf_counter), ("processor", childrens_cpu_s)])
def test_start_up_against_the_usual_stack(
    benchmark: BenchmarkFixture,
    model: FunctionSpec,
    usual: FunctionSpec,
    tmp_path: Path,
    what: str,
    clock: Callable[[], float],
) -> None:
    """By the processor's time too: a loaded machine stretches the clock's."""
    if runtime_client() != "awslambdaric":
        pytest.skip("AWS's runtime client is not installed here: there are wheels for Linux only")
    both = [partial(first_answer, spec, SCORE, "awslambdaric", tmp_path) for spec in (model, usual)]
    for call in both:
        call()  # so that both find bytecode, as they do where they are deployed
    ours, theirs = alternate(both, ROUNDS, clock=clock)
    measure(benchmark, both[0], rounds=1)
    times, low, high = ratio(ours, theirs)
    figure = f"{times:.2f} x ({ours.at(50):.0f} ms against {theirs.at(50):.0f} ms)"
    title = f"start-up by the {what}, n = {ROUNDS}: model function / the usual stack"
    report(benchmark, title, figure, f"{low:.2f} - {high:.2f} x", GOAL)
