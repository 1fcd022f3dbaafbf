"""What thresholds are asked for with."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import Field

from fraudshield.backtest.proposal.budget import Budget, Costs, read_budget, read_costs
from fraudshield.backtest.request import BacktestSpan
from fraudshield.errors import Fault, InvalidInput
from fraudshield.text.fault import read_object

Read = TypeVar("Read")
Said = Annotated[str, Field(strict=True, min_length=1, max_length=100)]


class ProposalRequest(BacktestSpan):
    """The span whose stored risks are looked at, what people can review of such traffic, and what mistakes cost.

    `budget` is `0.5%` or `200/day`, `costs` are `review=4,wrong_block=15%,lost=100%`. Without a budget it is the
    `review_budget` of the policy in force, else 0.5 %.
    """

    budget: Said | None = None
    costs: Said | None = None

    def budget_or(self, stated: float | None) -> Budget:
        """What people can review; `stated` is the policy's share. Raises InvalidInput."""
        if self.budget is None:
            return Budget() if stated is None else Budget(stated)
        return _at("budget", read_budget, self.budget)

    def said_costs(self) -> Costs | None:
        """What mistakes cost. Raises InvalidInput."""
        return None if self.costs is None else _at("costs", read_costs, self.costs)


def read_proposal(body: object) -> ProposalRequest:
    """`{"from": ..., "to": ..., "budget": ..., "costs": ...}`. Raises Malformed, InvalidInput: a fault per field."""
    says = "from and, if wanted, to, budget and costs"
    return read_object(body, ProposalRequest, says, "The request is not valid", "invalid_proposal")


def _at(name: str, read: Callable[[str], Read], text: str) -> Read:
    try:
        return read(text)
    except InvalidInput as exc:
        raise InvalidInput(str(exc), [Fault(f"/{name}", str(exc), "invalid_proposal")], exc.code) from exc
