"""The rules of the system that imports do not show: each names what breaks it, and each is seen to bite."""

import ast
import re
from pathlib import Path

import pytest

from tests.contract.syntax import LAYER, Rule, calls, line, names, nodes, problems, uses

SERVING = (LAYER, "functions")
PRODUCT = (*SERVING, "infra", "model")

CATCH_ALLS = {"utils", "helpers", "common", "core", "shared", "base", "misc"}
BROAD = {"Exception", "BaseException"}
BOTO3_TYPES = "boto3.dynamodb.types"
ADAPTER = re.compile(
    rf"{LAYER}/((aws|dynamo)/\w+|\w+/(dynamo(_\w+)?|sqs|ses|sns|s3(_\w+)?|cloudwatch|stepfunctions|lambda_health|probe))\.py"
)
LAPTOP = re.compile(r"(^|[^a-z])(local|localhost|laptop|moto|localstack|127\.0\.0\.1)([^a-z]|$)", re.IGNORECASE)


def reads_environment(place: str, tree: ast.AST) -> list[str]:
    """`os.environ` and its kin anywhere but in settings.py."""
    kin = {"environ", "environb", "getenv", "putenv"}
    return [] if place == f"{LAYER}/settings.py" else uses(place, tree, kin)


def gives_status(place: str, tree: ast.AST) -> list[str]:
    """HTTP statuses anywhere but in api/ and the decorators of routes."""
    if place.startswith(f"{LAYER}/api/"):
        return []
    allowed = frozenset(map(id, route_decorators(place, tree)))
    spelled = [
        f"{place}:{line(node)}: a status"
        for node in nodes(tree)
        if id(node) not in allowed and isinstance(node, ast.keyword | ast.Constant) and means_status(node)
    ]
    return uses(place, tree, {"HTTPStatus", "HTTPException", "status_code"}, but=allowed) + spelled


def is_a_catch_all(place: str, tree: ast.AST) -> list[str]:
    """A file or folder whose name says nothing."""
    return [f"{place}: {part}" for part in Path(place).with_suffix("").parts if part in CATCH_ALLS]


def leaks_aws_errors(place: str, tree: ast.AST) -> list[str]:
    """botocore's errors outside the adapters."""
    return [] if ADAPTER.fullmatch(place) else uses(place, tree, {"ClientError", "BotoCoreError"})


def hides_errors(place: str, tree: ast.AST) -> list[str]:
    """A handler for everything that neither raises nor looks at what it caught; `suppress` of everything."""
    handlers = [node for node in nodes(tree) if isinstance(node, ast.ExceptHandler) and is_broad(node.type)]
    hidden: list[ast.AST] = [handler for handler in handlers if not looks_at_it(handler)]
    hidden += [call for call in calls(tree, "suppress") if any(is_broad(argument) for argument in call.args)]
    return [f"{place}:{line(node)}: hides every error" for node in hidden]


def asks_where_it_runs(place: str, tree: ast.AST) -> list[str]:
    """A branch on whether this is the laptop: the code is told its endpoints and does not ask."""
    tests = [node.test for node in nodes(tree) if isinstance(node, ast.If | ast.IfExp | ast.While)]
    return [f"{place}:{test.lineno}: {ast.unparse(test)}" for test in tests if LAPTOP.search(ast.unparse(test))]


def makes_clients(place: str, tree: ast.AST) -> list[str]:
    """boto3 or botocore's sessions outside client.py, but for boto3's types; a client there without our time-outs."""
    if place != f"{LAYER}/aws/client.py":
        types = [one for one in nodes(tree) if isinstance(one, ast.ImportFrom) and one.module == BOTO3_TYPES]
        return uses(place, tree, {"boto3", "create_client", "get_session"}, but=frozenset(map(id, types)))
    made = calls(tree, "boto3") + calls(tree, "create_client")
    unbounded = [call for call in made if "config" not in {word.arg for word in call.keywords}]
    return [f"{place}:{call.lineno}: {ast.unparse(call)}" for call in unbounded]


def route_decorators(place: str, tree: ast.AST) -> list[ast.AST]:
    """Every node in the decorators of an HTTP function's routes."""
    if not re.fullmatch(r"functions/[a-z]+/app\.py", place):
        return []
    functions = [node for node in nodes(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [node for function in functions for decorator in function.decorator_list for node in ast.walk(decorator)]


def means_status(node: ast.keyword | ast.Constant) -> bool:
    """Whether this is how a framework or API Gateway is told a status."""
    return node.arg == "status_code" if isinstance(node, ast.keyword) else node.value == "statusCode"


def is_broad(caught: ast.expr | None) -> bool:
    """Whether this catches everything."""
    return caught is None or bool(names(caught) & BROAD)


def looks_at_it(handler: ast.ExceptHandler) -> bool:
    """Whether the handler raises, or uses the error that it was given."""
    body = [node for statement in handler.body for node in ast.walk(statement)]
    return any(isinstance(node, ast.Raise) or (isinstance(node, ast.Name) and node.id == handler.name) for node in body)


RULES: dict[Rule, tuple[str, ...]] = {
    reads_environment: SERVING,
    gives_status: SERVING,
    is_a_catch_all: (*PRODUCT, "tests"),
    leaks_aws_errors: SERVING,
    hides_errors: PRODUCT,
    asks_where_it_runs: SERVING,
    makes_clients: SERVING,
}

PLANTED = [
    (
        reads_environment,
        f"{LAYER}/predictor/predictor.py",
        "import os\nlimit = os.environ['LIMIT']",
        "predictor.py:2: environ",
    ),
    (reads_environment, "functions/model/app.py", "from os import getenv", "app.py:1: getenv"),
    (gives_status, f"{LAYER}/scoring/scoring.py", "from http import HTTPStatus", "scoring.py:1: HTTPStatus"),
    (
        gives_status,
        "functions/model/app.py",
        "def score():\n    return Response(status_code=418)",
        "app.py:2: a status",
    ),
    (gives_status, "functions/model/app.py", "answer = {'statusCode': 500}", "app.py:1: a status"),
    (
        gives_status,
        "functions/ingest/worker.py",
        "@app.get('/', status_code=202)\ndef f(): ...",
        "worker.py:1: a status",
    ),
    (is_a_catch_all, "infra/laptop/utils.py", "", "infra/laptop/utils.py: utils"),
    (is_a_catch_all, "functions/shared/app.py", "", "functions/shared/app.py: shared"),
    (
        leaks_aws_errors,
        f"{LAYER}/scoring/scoring.py",
        "try: ...\nexcept ClientError: raise",
        "scoring.py:2: ClientError",
    ),
    (hides_errors, f"{LAYER}/predictor/forest.py", "try: ...\nexcept: pass", "forest.py:2: hides every error"),
    (
        hides_errors,
        f"{LAYER}/predictor/forest.py",
        "try: ...\nexcept (OSError, Exception) as exc: x = 0",
        "forest.py:2: hides every error",
    ),
    (
        hides_errors,
        f"{LAYER}/predictor/forest.py",
        "with contextlib.suppress(Exception): ...",
        "forest.py:1: hides every error",
    ),
    (asks_where_it_runs, f"{LAYER}/api/app.py", "if settings.is_local: ...", "app.py:1: settings.is_local"),
    (asks_where_it_runs, f"{LAYER}/api/app.py", "x = 1 if 'localhost' in url else 2", "app.py:1: 'localhost' in url"),
    (makes_clients, "functions/model/app.py", "import boto3", "app.py:1: boto3"),
    (makes_clients, f"{LAYER}/scoring/sqs.py", "from boto3.session import Session", "sqs.py:1: boto3"),
    (makes_clients, f"{LAYER}/scoring/sqs.py", "from botocore.session import get_session", "sqs.py:1: get_session"),
    (makes_clients, f"{LAYER}/scoring/sqs.py", "sqs = session.create_client('sqs')", "sqs.py:1: create_client"),
    (makes_clients, f"{LAYER}/aws/client.py", "boto3.client('sqs')", "client.py:1: boto3.client('sqs')"),
    (
        makes_clients,
        f"{LAYER}/aws/client.py",
        "session().create_client('sqs')",
        "client.py:1: session().create_client('sqs')",
    ),
]

ALLOWED = [
    (reads_environment, f"{LAYER}/settings.py", "import os\nenv = os.environ"),
    (gives_status, "functions/ingest/app.py", "@app.post('/', status_code=HTTPStatus.ACCEPTED)\ndef f(): ..."),
    (hides_errors, f"{LAYER}/api/app.py", "try: ...\nexcept Exception as exc: log(type(exc))"),
    (hides_errors, f"{LAYER}/predictor/forest.py", "try: ...\nexcept ValueError: pass"),
    (asks_where_it_runs, f"{LAYER}/api/app.py", "if locale or reallocated: ..."),
    (makes_clients, f"{LAYER}/aws/client.py", "boto3.client('sqs', config=HOT_PATH)"),
    (makes_clients, f"{LAYER}/dynamo/record.py", "from boto3.dynamodb.types import TypeSerializer"),
    (makes_clients, f"{LAYER}/aws/client.py", "session().create_client('sqs', config=HOT_PATH)"),
]


def test_nothing_breaks_a_rule() -> None:
    assert {rule: broken for rule, broken in problems(RULES).items() if broken} == {}


@pytest.mark.parametrize(("rule", "place", "source", "expected"), PLANTED)
def test_a_planted_breach_is_named(rule: Rule, place: str, source: str, expected: str) -> None:
    [named] = rule(place, ast.parse(source))
    assert named.endswith(expected)


@pytest.mark.parametrize(("rule", "place", "source"), ALLOWED)
def test_what_is_allowed_is_let_pass(rule: Rule, place: str, source: str) -> None:
    assert rule(place, ast.parse(source)) == []


def test_every_rule_has_a_planted_breach() -> None:
    assert {rule for rule, *_ in PLANTED} == set(RULES)
