"""A test on history as an item of the table of jobs, and back."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fraudshield.backtest.backtest import Backtest
from fraudshield.backtest.challenger.models import ComparedModels
from fraudshield.dynamo.record import attributes, from_attributes
from fraudshield.text import strict_json
from fraudshield.text.json_text import json_text
from fraudshield.text.timestamp import instant

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

RECORD = "backtest"


def list_of(event_type: str) -> str:
    """The key of the index by time under which the tests of an event type's policy are."""
    return f"backtests#{event_type}"


def comparisons_of(event_type: str) -> str:
    """That of the comparisons of its models."""
    return f"comparisons#{event_type}"


def item_of(one: Backtest, days: int) -> "Item":
    """A test that has just been asked for; it ages out after `days`."""
    return attributes(
        {
            "job_id": one.backtest_id,
            "record": RECORD,
            "list": comparisons_of(one.event_type) if one.models else list_of(one.event_type),
            "event_type": one.event_type,
            "version": one.version,
            "digest": one.digest,
            "against": one.against,
            "against_digest": one.against_digest,
            "since": instant(one.since),
            "until": instant(one.until),
            "created_at": instant(one.created_at),
            "drafts_tried": one.drafts_tried,
            "status": one.status,
            **({"models": json_text(one.models.model_dump(mode="json"))} if one.models else {}),
            "expires_at": int((one.created_at + timedelta(days=days)).timestamp()),
        }
    )


def backtest_of(item: "Item") -> Backtest:
    """The test that an item is of."""
    stored = from_attributes(item)
    answer = stored.get("answer")
    return Backtest(
        backtest_id=stored["job_id"],
        event_type=stored["event_type"],
        version=int(stored["version"]),
        digest=stored["digest"],
        against=int(stored["against"]),
        against_digest=stored["against_digest"],
        since=datetime.fromisoformat(stored["since"]),
        until=datetime.fromisoformat(stored["until"]),
        created_at=datetime.fromisoformat(stored["created_at"]),
        drafts_tried=int(stored["drafts_tried"]),
        status=stored["status"],
        parts=int(stored.get("parts", 0)),
        done=len(stored.get("counted", ())),
        completed_at=_at(stored.get("completed_at")),
        answer=_said(answer) if answer else None,
        error_code=stored.get("error_code"),
        error_message=stored.get("error_message"),
        models=ComparedModels.model_validate_json(stored["models"]) if "models" in stored else None,
    )


def _said(answer: str) -> Any:
    return strict_json.parse(answer.encode())


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
