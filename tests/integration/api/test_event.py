"""Every event in events/ goes through the handler of the function that its name begins with."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from functions.analytics import app as analytics
from functions.analytics import retry, stream
from functions.batch import app as batch
from functions.batch import erase, intake, tasks
from functions.database import app as database
from functions.database import schedule as database_schedule
from functions.gateway import app as gateway
from functions.ingest import app as ingest
from functions.ingest import worker
from functions.model import app as model
from functions.model import backfill
from functions.monitoring import alarm, logs, schedule
from functions.monitoring import app as monitoring
from functions.notification import app as notification
from functions.notification import feedback, notice
from functions.notification import retry as notification_retry
from functions.notification import stream as notification_stream
from functions.notification import worker as notification_worker
from functions.policy import app as policy
from tests.caller import Caller, Context
from tests.conftest import README_TRANSACTION
from tests.stack import Stack

ROOT = Path(__file__).parents[3]
UNANSWERED = ("calls", "feedback", "logs", "schedule", "sns")
SAMPLES = {"event_type", "transaction"}  # what the command line is shown with
EVENTS = sorted(path for path in (ROOT / "events").glob("*.json") if path.stem not in SAMPLES)
DEAD_LETTERS = {  # where those go that nobody can read
    "batch_sqs_unreadable": "JobsDeadLetters",
    "ingest_sqs_unreadable": "IngestDeadLetters",
    "model_sqs_unreadable": "UnpersistedDeadLetters",
}
HANDLERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "analytics_api": analytics.lambda_handler,
    "analytics_sqs": retry.lambda_handler,
    "analytics_stream": stream.lambda_handler,
    "batch_api": batch.lambda_handler,
    "batch_calls": erase.lambda_handler,
    "batch_sqs": intake.lambda_handler,
    "batch_states": tasks.lambda_handler,
    "database_api": database.lambda_handler,
    "database_schedule": database_schedule.lambda_handler,
    "gateway_api": gateway.lambda_handler,
    "ingest_api": ingest.lambda_handler,
    "ingest_sqs": worker.lambda_handler,
    "model_api": model.lambda_handler,
    "model_sqs": backfill.lambda_handler,
    "monitoring_api": monitoring.lambda_handler,
    "monitoring_logs": logs.lambda_handler,
    "monitoring_schedule": schedule.lambda_handler,
    "monitoring_sns": alarm.lambda_handler,
    "notification_api": notification.lambda_handler,
    "notification_calls": notification_worker.lambda_handler,
    "notification_feedback": feedback.lambda_handler,
    "notification_sns": notice.lambda_handler,
    "notification_sqs": notification_retry.lambda_handler,
    "notification_stream": notification_stream.lambda_handler,
    "policy_api": policy.lambda_handler,
}


def handler_of(name: str) -> Callable[[Any, Any], Any]:
    """By `<function>_<trigger>`. Raises KeyError for an event that no function takes."""
    return HANDLERS["_".join(name.split("_")[:2])]


def run(event: Path) -> Any:
    return handler_of(event.stem)(json.loads(event.read_text()), Context())


def of_trigger(trigger: str) -> list[Path]:
    return [event for event in EVENTS if event.stem.split("_")[1] == trigger]


def of(trigger: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("event", of_trigger(trigger), ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def stored(lasting_files: Stack) -> None:
    """The transactions that events name are there, one labelled and one flagged."""
    Caller().score(README_TRANSACTION)
    run(ROOT / "events/model_api_score_flagged.json")
    run(ROOT / "events/database_api_label.json")


@of("api")
@pytest.mark.usefixtures("stored")
def test_a_request_is_answered(lasting_files: Stack, event: Path) -> None:
    response = run(event)
    assert response["statusCode"] in {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED}
    assert response["body"]


@of("stream")
def test_a_stream_gets_back_its_windows_state(lasting_files: Stack, event: Path) -> None:
    assert run(event) == ({"state": {}} if event.stem.startswith("analytics") else None)


@of("states")
def test_a_state_machine_gets_back_what_its_map_collects(lasting_files: Stack, event: Path) -> None:
    assert run(event) == {"index": json.loads(event.read_text())["chunk"]["index"]}


@of("sqs")
def test_a_queue_gets_nothing_back_what_nobody_can_read_is_among_the_dead_letters(
    lasting_files: Stack, event: Path
) -> None:
    assert run(event) == {"batchItemFailures": []}
    queue = DEAD_LETTERS.get(event.stem)
    if queue:
        given_up = lasting_files.messages(lasting_files.resolver.refs[queue])
        assert given_up == [one["body"] for one in json.loads(event.read_text())["Records"]]


@pytest.mark.parametrize("event", [path for trigger in UNANSWERED for path in of_trigger(trigger)])
def test_what_nobody_waits_for_ends_well(lasting_files: Stack, event: Path) -> None:
    assert run(event) is None


def test_every_event_is_for_a_function_that_is_there() -> None:
    assert EVENTS
    assert all(callable(handler_of(event.stem)) for event in EVENTS)


def test_an_event_for_a_function_that_is_not_there_is_noticed() -> None:
    with pytest.raises(KeyError):
        handler_of("teapot_api_brew")


@pytest.mark.parametrize("function", sorted({path.parent.name for path in ROOT.glob("functions/*/*.py")}))
def test_every_function_has_events(function: str) -> None:
    assert any(event.stem.startswith(f"{function}_") for event in EVENTS)
