"""How fast a rule is evaluated for one payment, beside a lambda of the same meaning, and for a file."""

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from fraudshield.expression.column import Column, column
from fraudshield.expression.columns import columns
from fraudshield.expression.expression import condition, feature
from fraudshield.expression.names import Environment, Kind
from tests.load.conftest import alternate, ratio, report

FIELDS = {"amount": Kind.MONEY, "balance": Kind.MONEY, "kind": Kind.CATEGORY, "payee": Kind.TEXT}
ENVIRONMENT = Environment(FIELDS)
RULE = 'amount > 1000 && kind in ["TRANSFER", "CASH_OUT"] && !(payee in ["x"])'
PAYMENT: dict[str, Any] = {"amount": Decimal("5000.10"), "balance": Decimal("80.5"), "kind": "TRANSFER", "payee": "C1"}
LIMIT, KINDS, PAYEES = Decimal(1000), frozenset({"TRANSFER", "CASH_OUT"}), frozenset({"x"})
ROWS = 20_000


def plain() -> Callable[[dict[str, Any]], bool]:
    return lambda values: values["amount"] > LIMIT and values["kind"] in KINDS and values["payee"] not in PAYEES


def per_call(of: Callable[[dict[str, Any]], object], values: dict[str, Any]) -> Callable[[], object]:
    """A hundred calls in a loop, so that the loop's own cost hardly counts."""
    hundred = [values] * 100

    def calls() -> None:
        for one in hundred:
            of(one)

    return calls


@pytest.mark.parametrize("case", ["all there", "a field missing"])
def test_a_rule_for_one_payment(benchmark: BenchmarkFixture, case: str) -> None:
    values = {name: value for name, value in PAYMENT.items() if case == "all there" or name != "kind"}
    rule, other = condition(RULE, ENVIRONMENT), plain() if case == "all there" else (lambda values: values.get("kind"))
    ours, theirs = alternate([per_call(rule.evaluate, values), per_call(other, values)], rounds=300)
    benchmark.pedantic(rule.evaluate, (values,), rounds=1000)  # type: ignore[no-untyped-call]
    times, low, high = ratio(ours, theirs)
    micros, plain_micros = (sorted(timing.seconds)[len(timing.seconds) // 10] * 1e4 for timing in (ours, theirs))
    beside = f", a lambda of the same meaning {plain_micros:.2f} us" if case == "all there" else ""
    spread = f"{low:.1f} - {high:.1f} x" if case == "all there" else ""
    figure = f"{micros:.2f} us{beside}" + (f" ({times:.1f} x)" if case == "all there" else "")
    goal = "<= 0.4 us" if case == "all there" else "beside it"
    report(benchmark, f"a rule with exact money, {case}", figure, spread, goal)


def test_making_a_rule(benchmark: BenchmarkFixture) -> None:
    [timing] = alternate([lambda: condition(RULE, ENVIRONMENT)], rounds=200)
    benchmark.pedantic(condition, (RULE, ENVIRONMENT), rounds=50)  # type: ignore[no-untyped-call]
    report(benchmark, "a rule checked and made", f"{timing.at(50):.2f} ms", f"p90 {timing.at(90):.2f} ms", "beside it")


@pytest.mark.parametrize("text", [RULE, "balance > 0 ? amount / balance : -1"])
def test_a_file(benchmark: BenchmarkFixture, text: str) -> None:
    random = Random(1)
    values = {
        "amount": [Decimal(random.randrange(1, 10**7)) / 100 for _ in range(ROWS)],
        "balance": [Decimal(random.randrange(0, 10**7)) / 100 for _ in range(ROWS)],
        "kind": [random.choice(["TRANSFER", "CASH_OUT", "PAYMENT"]) for _ in range(ROWS)],
        "payee": [f"C{random.randrange(10**6)}" for _ in range(ROWS)],
    }
    table: dict[str, Column] = {name: column(FIELDS[name], of) for name, of in values.items()}  # type: ignore[arg-type]
    expression = feature(text, ENVIRONMENT)
    payments = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    whole, single = alternate(
        [lambda: columns(expression, table, ROWS), lambda: [expression.evaluate(one) for one in payments]], rounds=7
    )
    benchmark.pedantic(columns, (expression, table, ROWS), rounds=5)  # type: ignore[no-untyped-call]
    times, low, high = ratio(single, whole)
    each = min(whole.seconds) / ROWS * 1e6
    figure = f"{each:.3f} us a row ({times:.1f} x one by one)"
    report(benchmark, f"columns: {text[:30]}", figure, f"{low:.1f} - {high:.1f} x", "beside it")
