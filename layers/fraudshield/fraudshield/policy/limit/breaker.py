"""Which breakers of a version are open, and closing them by hand."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from fraudshield.errors import Conflict
from fraudshield.event_type.in_force import BlockShares, BreakerState
from fraudshield.policy.clause import Text
from fraudshield.policy.limit.limit import UNTESTED, BlockLimits
from fraudshield.policy.order import CLOSED, OpenBreakers
from fraudshield.policy.policy import Limits
from fraudshield.text.fault import read_object
from fraudshield.text.schema import Moment, one_of

BLOCK_LIMIT = "block_limit"  # what is said where an open breaker made a review of a block


class NotOpen(Conflict):
    """Nothing is held back."""

    code = "not_open"


class ClosingRequest(BaseModel):
    """Whose breakers should be closed, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_type: Annotated[str, Field(strict=True)] = "payment"
    note: Text


class BlockLimitsObject(TypedDict):
    """The shares of payments that may be blocked: by the version, by each of its rules, and by rules that may more."""

    share: float
    rule_share: float
    rules: dict[str, float]


class BreakerResponse(TypedDict):
    """What of the version in force may not block for now: all of it (`whole`), or the rules that `rules` names.

    `cause` is what changed: a `rule`, the `version`, or the `traffic`, where the same version had decided all payments
    that were counted. It opened with `blocked` of the last `payments`. `closed_at` and `note` are of who closed it
    by hand last.
    """

    event_type: str
    version: int
    open: bool
    whole: bool
    rules: list[str]
    cause: Annotated[str, one_of("rule", "version", "traffic")] | None
    opened_at: Moment | None
    blocked: int
    payments: int
    limits: BlockLimitsObject
    closed_at: Moment | None
    note: str


def read_closing(body: object) -> ClosingRequest:
    """`{"event_type": "payment", "note": "..."}`. Raises Malformed, InvalidInput."""
    return read_object(body, ClosingRequest, "note", "The request is not valid", "invalid_closing")


def open_breakers(breaker: BreakerState | None, version: int) -> OpenBreakers:
    """What of this version may not block; a breaker of another one holds nothing of it back."""
    if breaker is None or breaker.version != version:
        return CLOSED
    return OpenBreakers(breaker.whole, frozenset(breaker.rules))


def limits_of(shares: BlockShares | None) -> BlockLimits:
    """What a version may block by what is stored; None is of one that no test says anything of."""
    return UNTESTED if shares is None else BlockLimits(shares.share, shares.rule_share, shares.rules)


def shares_of(limits: BlockLimits) -> BlockShares:
    """The same as they are stored."""
    return BlockShares(share=limits.share, rule_share=limits.rule_share, rules=dict(limits.rules))


def said_shares(limits: Limits | None) -> BlockShares | None:
    """What a version says itself that it may block; None where it says nothing."""
    if limits is None:
        return None
    share = float(limits.block_share)
    return BlockShares(share=share, rule_share=share)


def breaker_response(
    event_type: str, version: int, shares: BlockShares | None, breaker: BreakerState | None
) -> BreakerResponse:
    """The breaker of the version in force."""
    found = breaker if breaker is not None and breaker.version == version else None
    state = found or BreakerState(version=version)
    return {
        "event_type": event_type,
        "version": version,
        "open": state.is_open,
        "whole": state.whole,
        "rules": list(state.rules),
        "cause": state.cause,
        "opened_at": state.opened_at,
        "blocked": state.blocked,
        "payments": state.payments,
        "limits": _shown(limits_of(shares)),
        "closed_at": state.closed_at,
        "note": state.note,
    }


def _shown(limits: BlockLimits) -> BlockLimitsObject:
    return {"share": limits.share, "rule_share": limits.rule_share, "rules": dict(limits.rules)}
