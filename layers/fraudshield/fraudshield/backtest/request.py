"""What a test on history is asked for with."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fraudshield.text.fault import cross_fault, read_object
from fraudshield.transaction.transaction import Instant

LONGEST = timedelta(days=366)


class BacktestSpan(BaseModel):
    """The time whose payments are compared: from `from` on, up to `to` and without it. A `to` ahead means now."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)

    since: Annotated[Instant, Field(alias="from")]
    until: Annotated[Instant | None, Field(alias="to")] = None

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        now = datetime.now(UTC)
        until = min(self.until or now, now)
        if until <= self.since:
            raise cross_fault("span_order", "to should be after from, and from in the past", "to", "from")
        if until - self.since > LONGEST:
            raise cross_fault("span_length", f"to should be at most {LONGEST.days} days after from", "to", "from")
        return self


def read_backtest(body: object) -> BacktestSpan:
    """`{"from": ..., "to": ...}`. Raises Malformed: no object; InvalidInput: with a fault per field."""
    return read_object(body, BacktestSpan, "from and, if wanted, to", "The test is not valid", "invalid_backtest")
