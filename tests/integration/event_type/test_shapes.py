"""From a sample of three real shapes to a first decision, by the commands that docs/event-types.md has."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.policy import app as policy
from infra.cli.event_type_draft import draft
from tests.caller import SCORE, Caller
from tests.conftest import forget
from tests.job_run import Batch
from tests.stack import Stack

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/event-types.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def fresh(lasting_files: Stack) -> Iterator[None]:
    forget()
    yield
    forget()


SHAPES = {"charge": "charge.json", "authorisation": "authorisation.json", "bank_transfer": "transfers.csv"}


def put_draft(name: str) -> None:
    """The first two commands of the page: a document drafted from the sample, put as it is."""
    document = draft(ROOT / "examples/shapes" / SHAPES[name], name)
    put = Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", document)
    assert put.status == 201, put.text


@pytest.mark.parametrize("name", SHAPES)
def test_from_each_shape_to_a_decision_it_is_at_most_four_commands(name: str) -> None:
    [block] = [one for one in re.findall(r"(?ms)^```sh\n(.*?)^```", PAGE) if f"shapes/{SHAPES[name]}" in one]
    commands = block.replace("\\\n", " ").strip().splitlines()
    assert len(commands) <= 4
    assert f"shapes/{SHAPES[name]}" in commands[-1]


@pytest.mark.parametrize("name", ["charge", "authorisation"])
def test_the_shapes_payments_are_decided_by_what_was_drafted_of_them(name: str) -> None:
    put_draft(name)
    sent = json.loads((ROOT / "examples/shapes" / SHAPES[name]).read_text())
    answer = Caller().send("POST", SCORE, sent)
    assert answer.status == 200, answer.text
    assert {(one["event_type"], one["decision"], one["persisted"]) for one in answer.json["results"]} == {
        (name, "approve", True)
    }


def test_the_banks_file_is_decided_by_what_was_drafted_of_it(lasting_files: Stack) -> None:
    put_draft("bank_transfer")
    job = Batch(lasting_files).score(
        (ROOT / "examples/shapes/transfers.csv").read_text(), "incoming/bank_transfer/a.csv"
    )
    assert (job.status, job.results and job.results["rejected"]) == ("completed", 0)
