"""A test on history as the API shows it."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from typing_extensions import TypedDict

from fraudshield.backtest.answer import HistoryAnswer
from fraudshield.backtest.backtest import TEST_STATUSES, Backtest
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp


class BacktestStarted(TypedDict):
    """The test that was asked for."""

    backtest_id: str
    status: Annotated[str, one_of(*TEST_STATUSES)]


class BacktestError(TypedDict):
    """Why a test failed."""

    code: str
    detail: str


# `against` is the version that was active when the test was asked for, `digest` that of the tested one as it was then.
BacktestHead = TypedDict(
    "BacktestHead",
    {
        "backtest_id": str,
        "status": Annotated[str, one_of(*TEST_STATUSES)],
        "progress": float,
        "event_type": str,
        "version": int,
        "digest": str,
        "against": int,
        "from": Moment,
        "to": Moment,
        "created_at": Moment,
        "completed_at": Moment | None,
        "error": BacktestError | None,
    },
)


class BacktestResponse(BacktestHead, HistoryAnswer):
    """A test, and once it has completed its answer."""


def backtest_started(one: Backtest) -> BacktestStarted:
    """What the request for a test is answered with."""
    return {"backtest_id": one.backtest_id, "status": one.status}


def backtest_response(one: Backtest) -> BacktestResponse:
    """A test as it stands."""
    head: Mapping[str, Any] = {
        "backtest_id": one.backtest_id,
        "status": one.status,
        "progress": one.percent,
        "event_type": one.event_type,
        "version": one.version,
        "digest": one.digest,
        "against": one.against,
        "from": timestamp(one.since),
        "to": timestamp(one.until),
        "created_at": timestamp(one.created_at),
        "completed_at": timestamp(one.completed_at) if one.completed_at else None,
        "error": error_of(one),
    }
    return cast(BacktestResponse, {**head, **(one.answer or {})})


def error_of(one: Backtest) -> BacktestError | None:
    """Why it failed; None where it did not."""
    return {"code": one.error_code, "detail": one.error_message or ""} if one.error_code else None
