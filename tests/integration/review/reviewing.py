"""What review tests send over HTTP, and a store of reviews whose clock they set."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fraudshield.review import wiring as review_wiring
from fraudshield.review.dynamo import DynamoReviews
from functions.database.app import lambda_handler
from tests.caller import ApiResponse, Caller

REVIEWS = "/api/v1/database/reviews"
KEY = "AnalystKey"


@dataclass(slots=True)
class SetClock:
    """A clock that a test sets."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        """Moves it on."""
        self.now += by


def reviews_at(clock: SetClock) -> DynamoReviews:
    """The store of reviews as it is at the clock's time."""
    return replace(review_wiring.reviews(), clock=clock)


def analyst(claim: str | None = None, headers: Mapping[str, str] | None = None) -> Caller:
    """Who has the analysts' key, and perhaps a claim."""
    return Caller(KEY, {**(headers or {}), **({"X-Claim": claim} if claim else {})}, lambda_handler)


def take_next(*skipped: str, **filters: Any) -> Any:
    """The next review and how many are left."""
    answer = analyst().send("POST", f"{REVIEWS}/next", {"filters": filters, "after_skipping": [*skipped]})
    assert answer.status == 200, answer.text
    return answer.json


def decide(name: str, verdict: str = "release", claim: str | None = None, **more: Any) -> ApiResponse:
    """Gives a verdict."""
    return analyst(claim).send("POST", f"{REVIEWS}/{name}/verdict", {"verdict": verdict} | more)


def undo(name: str, claim: str | None = None, request: str = "an-undo") -> ApiResponse:
    """Undoes it, by a request of this id."""
    context = {"requestId": request, "identity": {"apiKeyId": KEY, "sourceIp": "203.0.113.7"}}
    return analyst(claim).send_frame("DELETE", f"{REVIEWS}/{name}/verdict", requestContext=context)
