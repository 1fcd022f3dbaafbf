"""A comparison of two models as the API shows it."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from typing_extensions import TypedDict

from fraudshield.backtest.backtest import TEST_STATUSES, Backtest
from fraudshield.backtest.challenger.merge import ModelsAnswer
from fraudshield.backtest.response import BacktestError, error_of
from fraudshield.errors import NotFound
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp


class ComparisonStarted(TypedDict):
    """The comparison that was asked for."""

    comparison_id: str
    status: Annotated[str, one_of(*TEST_STATUSES)]


# Both models decide under the same version of the policy, the one in force when it was asked for. `then` is the
# challenger, `now` the champion, which without a version is the release's own.
ComparisonHead = TypedDict(
    "ComparisonHead",
    {
        "comparison_id": str,
        "status": Annotated[str, one_of(*TEST_STATUSES)],
        "progress": float,
        "event_type": str,
        "champion": str | None,
        "challenger": str,
        "policy_version": int,
        "from": Moment,
        "to": Moment,
        "trained_until": Moment,
        "created_at": Moment,
        "completed_at": Moment | None,
        "error": BacktestError | None,
    },
)


class ComparisonResponse(ComparisonHead, ModelsAnswer):
    """A comparison, and once it has completed its answer."""


def comparison_started(one: Backtest) -> ComparisonStarted:
    """What the request is answered with."""
    return {"comparison_id": one.backtest_id, "status": one.status}


def comparison_response(one: Backtest) -> ComparisonResponse:
    """A comparison as it stands. Raises NotFound: it is a test of a policy's version."""
    if one.models is None:
        raise NotFound(f"There is no comparison {one.backtest_id}")
    head: Mapping[str, Any] = {
        "comparison_id": one.backtest_id,
        "status": one.status,
        "progress": one.percent,
        "event_type": one.event_type,
        "champion": one.models.champion.version or None,
        "challenger": one.models.challenger.version,
        "policy_version": one.version,
        "from": timestamp(one.since),
        "to": timestamp(one.until),
        "trained_until": timestamp(one.models.trained_until),
        "created_at": timestamp(one.created_at),
        "completed_at": timestamp(one.completed_at) if one.completed_at else None,
        "error": error_of(one),
    }
    return cast(ComparisonResponse, {**head, **(one.answer or {})})
