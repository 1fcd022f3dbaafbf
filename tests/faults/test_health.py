"""What each service says of itself while something that it stands on is frozen, gone or refused."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fraudshield.aws import client
from fraudshield.budget import PROBE_S
from tests.caller import ApiResponse, Caller
from tests.conftest import ROOT
from tests.integration.api.test_scope import SERVICES
from tests.stack import Stack
from tests.timeouts import TIMES

STORE, QUEUE, SECRET = "store_unavailable", "queue_unavailable", "secret_unavailable"
# What each says with one thing gone: its status, and what it names. Who is not named here is healthy.
Said = tuple[int, str, list[str]]
DOWN: Callable[..., Said] = lambda *codes: (503, "unhealthy", [*codes])  # noqa: E731 a table's words
PARTLY: Callable[..., Said] = lambda *codes: (200, "degraded", [*codes])  # noqa: E731
FINE: Said = (200, "healthy", [])
WITHOUT: dict[str, dict[str, Said]] = {
    "nothing": {},
    "dynamodb": {
        "model": PARTLY(STORE),
        "ingest": PARTLY(STORE),
        **dict.fromkeys(("database", "analytics", "notification", "batch", "monitoring", "policy"), DOWN(STORE)),
    },
    "sqs": {"model": PARTLY(QUEUE), "ingest": DOWN(QUEUE), "notification": PARTLY(QUEUE)},
    "secretsmanager": dict.fromkeys(("ingest", "database", "notification", "batch", "policy"), PARTLY(SECRET)),
    "s3": {"batch": PARTLY("files_unavailable")},
    "stepfunctions": {"batch": PARTLY("runner_unavailable")},
}
VARIABLES = {"stepfunctions": "SFN", "secretsmanager": "SECRETS_MANAGER"}
ALWAYS_RUN = {"nothing", "dynamodb"}  # the others take seconds each, and `make faults` has them
QUEUES = ("INGEST_QUEUE_URL", "UNPERSISTED_QUEUE_URL", "MAIL_QUEUE_URL")


def asked(name: str) -> ApiResponse:
    service = SERVICES[name]
    return Caller(None, handler=service.handler).send("GET", f"{service.prefix}/health")


def said(name: str) -> Said:
    answer = asked(name)
    return answer.status, answer.json["status"], answer.json["degraded"]


def gone(told: Callable[..., None], what: str, url: str) -> None:
    """Sends the requests to a service of AWS elsewhere."""
    queues = dict.fromkeys(QUEUES, f"{url}/123456789012/gone") if what == "sqs" else {}
    told(**{f"AWS_ENDPOINT_URL_{VARIABLES.get(what, what.upper())}": url}, **queues)


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize(
    "what", ["dynamodb", *(pytest.param(one, marks=pytest.mark.long) for one in WITHOUT if one not in ALWAYS_RUN)]
)
def test_a_service_says_what_is_gone_and_in_time(
    lasting_files: Stack, fault: str, told: Callable[..., None], what: str, name: str
) -> None:
    gone(told, what, fault)
    began = time.monotonic()
    found = said(name)
    took = time.monotonic() - began
    assert found == WITHOUT[what].get(name, FINE)
    assert took < 2 * TIMES * PROBE_S


@pytest.mark.parametrize("name", SERVICES)
def test_with_everything_there_it_is_healthy(lasting_files: Stack, told: Callable[..., None], name: str) -> None:
    told()
    assert said(name) == FINE


def test_with_store_and_queue_gone_no_decision_can_be_kept(
    lasting_files: Stack, fault: str, told: Callable[..., None]
) -> None:
    gone(told, "dynamodb", fault)
    gone(told, "sqs", fault)
    answer = asked("model")
    assert (answer.status, answer.json["degraded"]) == (503, [STORE, QUEUE])
    assert answer.json["detail"] == "No answer from: the table of transactions, the queue of parked decisions"


@pytest.mark.parametrize("name", ["model", "ingest"])
def test_without_a_model_it_says_so_beside_what_else_is_gone(
    lasting_files: Stack, fault: str, told: Callable[..., None], tmp_path: Path, name: str
) -> None:
    shutil.copytree(ROOT / "model/artifact/model", tmp_path / "model")
    (tmp_path / "model/model.json").write_text("cut off")
    told(MODEL_DIR=str(tmp_path / "model"), AWS_ENDPOINT_URL_DYNAMODB=fault)
    assert said(name) == PARTLY("model_refused", STORE)


def test_a_table_that_is_gone_is_as_bad_as_a_store(lasting_files: Stack, told: Callable[..., None]) -> None:
    told(TRANSACTIONS_TABLE="gone", AGGREGATES_TABLE="gone")
    assert [said(name)[1] for name in ("database", "analytics", "model", "monitoring")] == [
        *("unhealthy", "unhealthy", "degraded", "healthy")
    ]


def test_without_the_table_of_documents_who_reads_policies_or_event_types_is_degraded(
    lasting_files: Stack, told: Callable[..., None]
) -> None:
    told(POLICIES_TABLE="gone")
    found = {name: said(name) for name in ("model", "ingest", "database", "policy", "monitoring")}
    partly = dict.fromkeys(("model", "ingest", "database"), PARTLY(STORE))
    assert found == {**partly, "policy": DOWN(STORE), "monitoring": FINE}


def test_a_secret_that_was_read_is_not_needed_again(
    lasting_files: Stack, fault: str, told: Callable[..., None]
) -> None:
    told()
    assert said("database") == FINE

    def lead(request: Any, **_: object) -> None:
        request.url = fault

    client.secretsmanager().meta.events.register("before-sign.secretsmanager", lead)
    assert said("database") == FINE


def test_no_name_of_a_table_or_queue_leaves(lasting_files: Stack, told: Callable[..., None], fault: str) -> None:
    gone(told, "dynamodb", fault)
    text = asked("database").text
    assert lasting_files.transactions not in text
    assert "arn:" not in text
