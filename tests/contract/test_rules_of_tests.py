"""How tests are written: against the real thing or a fake behind a port, without luck, and not by reading the log."""

import ast

import pytest

from tests.contract.syntax import Rule, calls, names, nodes, own_names, problems, uses

OURS = {"fraudshield", "functions", "infra", "model"}
PATCHES = {"patch", "setattr", "delattr", "setitem", "delitem"}


def waits_for_luck(place: str, tree: ast.AST) -> list[str]:
    """A sleep that is not the pause between two looks at a condition; what plays a stuck handler may sleep."""
    if place.startswith("tests/data/"):
        return []
    loops = [node for node in nodes(tree) if isinstance(node, ast.While) and not isinstance(node.test, ast.Constant)]
    pauses = {id(call) for loop in loops for call in calls(loop, "sleep")}
    sleeps = [call for call in calls(tree, "sleep") if id(call) not in pauses and not ast.unparse(call).endswith("(0)")]
    return [f"{place}:{call.lineno}: {ast.unparse(call)}" for call in sleeps]


def reads_the_log(place: str, tree: ast.AST) -> list[str]:
    """Assertions on log text: what matters shows in an answer, a store or a metric."""
    return uses(place, tree, {"caplog", "LogCaptureFixture", "assertLogs"})


def patches_us(place: str, tree: ast.AST) -> list[str]:
    """Replacing a part of our own code: hand a fake to the port instead."""
    own = imported(tree)
    replacing = [call for name in sorted(PATCHES) for call in calls(tree, name) if own_target(call, own)]
    return [f"{place}:{call.lineno}: {ast.unparse(call)}" for call in replacing]


def imported(tree: ast.AST) -> set[str]:
    """The names under which this file knows our own packages and what is in them."""
    modules = [node for node in nodes(tree) if isinstance(node, ast.ImportFrom) and own_names(node) & OURS]
    plain = [one for node in nodes(tree) if isinstance(node, ast.Import) for one in node.names if own_names(one) & OURS]
    aliases = plain + [one for module in modules for one in module.names]
    return {one.asname or one.name.partition(".")[0] for one in aliases}


def own_target(call: ast.Call, own: set[str]) -> bool:
    """Whether its first argument is ours, by name or by dotted text."""
    if not call.args:
        return False
    target = call.args[0]
    if isinstance(target, ast.Constant):
        return str(target.value).partition(".")[0] in OURS
    return bool(names(target) & own)


RULES: tuple[Rule, ...] = (waits_for_luck, reads_the_log, patches_us)

PLANTED = [
    (waits_for_luck, "import time\ntime.sleep(1)", "2: time.sleep(1)"),
    (waits_for_luck, "while True:\n    await sleep(1)", "2: sleep(1)"),
    (reads_the_log, "def test_it(caplog): ...", "1: caplog"),
    (patches_us, "mock.patch('fraudshield.risk.risk')", "1: mock.patch('fraudshield.risk.risk')"),
    (
        patches_us,
        "import fraudshield.aws\nmonkeypatch.setattr(fraudshield.aws, 'x', 1)",
        "2: monkeypatch.setattr(fraudshield.aws, 'x', 1)",
    ),
    (
        patches_us,
        "from fraudshield import risk as r\nmonkeypatch.setattr(r, 'risk', f)",
        "2: monkeypatch.setattr(r, 'risk', f)",
    ),
    (
        patches_us,
        "monkeypatch.setattr('functions.model.app.app', None)",
        "1: monkeypatch.setattr('functions.model.app.app', None)",
    ),
]


def test_no_test_breaks_a_rule() -> None:
    found = problems(dict.fromkeys(RULES, ("tests",)))
    assert {rule: broken for rule, broken in found.items() if broken} == {}


@pytest.mark.parametrize(("rule", "source", "expected"), PLANTED)
def test_a_planted_breach_is_named(rule: Rule, source: str, expected: str) -> None:
    assert rule("t.py", ast.parse(source)) == [f"t.py:{expected}"]


def test_another_library_may_be_patched() -> None:
    assert patches_us("t.py", ast.parse("import socket\nmonkeypatch.setattr(socket, 'socket', fail)")) == []


@pytest.mark.parametrize("source", ["while not path.exists():\n    time.sleep(0.01)", "await asyncio.sleep(0)"])
def test_a_pause_between_two_looks_or_tasks_is_no_luck(source: str) -> None:
    assert waits_for_luck("t.py", ast.parse(source)) == []
